"""``fitgraph proof``: what was shown of which firmware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.commands import lineage
from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, print_table
from fitgraph.api.session import reading

if TYPE_CHECKING:
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.proof import Proof

app = typer.Typer(help="Proofs: list and show.", no_args_is_help=True)
app.command("lineage")(lineage.of_proof)


@app.command("list")
def list_proofs(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Only proofs of this model.")] = None,
    board: Annotated[str | None, typer.Option(help="Only proofs on this board.")] = None,
    as_json: AsJson = False,
) -> None:
    """List proofs, oldest first."""
    with reading(context) as registry:
        proofs = registry.list_proofs(model=model, board=board)
        names = _names(registry)
    if as_json:
        print_json(proofs)
        return
    print_table(
        "",
        ("proof", "model", "board", "instructions", "worst difference", "made"),
        [
            (_key(p)[:12], names.get(p.model_sha256), p.board_id, p.instructions_per_inference,
             p.worst_difference, p.created_at)
            for p in proofs
        ],
    )  # fmt: skip


@app.command()
def show(
    context: typer.Context,
    proof: Annotated[str, typer.Argument(help="Start of the proof's digest.")],
    as_json: AsJson = False,
) -> None:
    """Show one proof: memory by region, stack, instructions and the comparison."""
    with reading(context) as registry:
        found = registry.get_proof(proof)
        names = _names(registry)
    if as_json:
        print_json(found)
        return
    print_proof(found, names.get(found.model_sha256, found.model_sha256))


def print_proof(proof: Proof, model: str) -> None:
    """Write a proof for people."""
    print_fields(
        {
            "proof": _key(proof),
            "model": f"{model} ({proof.model_sha256[:12]})",
            "board": f"{proof.board_id} ({proof.isa_class})",
            "runtime": f"{proof.runtime}, {proof.toolchain}",
            "firmware": proof.firmware_sha256,
            "emulator": proof.emulator,
            "reference": proof.reference,
            "compared": f"{proof.n_outputs_compared:,} outputs of {proof.n_inputs:,} input sets",
            "worst difference": proof.worst_difference,
            "stack high-water": f"{proof.stack_high_water_bytes:,} B",
            "stack bound": _bound(proof.stack_bound_bytes),
            "instructions": f"{proof.instructions_per_inference:,} per inference",
            "made": proof.created_at,
        }
    )
    print_table(
        "",
        ("region", "used B", "free B"),
        [(use.region, use.used_bytes, use.free_bytes) for use in proof.regions],
    )


def _bound(n_bytes: int | None) -> str:
    return "unknown" if n_bytes is None else f"{n_bytes:,} B by the code, without an exception"


def _names(registry: Registry) -> dict[str, str]:
    """The first name of each model by its digest."""
    return {model.sha256: model.name for model in reversed(registry.list_models())}


def _key(proof: Proof) -> str:
    from fitgraph.registry.iris import key_of, proof_iri

    return key_of(proof_iri(proof))
