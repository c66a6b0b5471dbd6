"""``fitgraph verify``: a proof is done again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_json, print_table, progress
from fitgraph.api.session import reading

if TYPE_CHECKING:
    from fitgraph.api.proof_files import ProofPackage
    from fitgraph.compiler_bridge.verify import Line
    from fitgraph.registry.model_graph import ModelGraph


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("verify")(verify)


def verify(
    context: typer.Context,
    proof: Annotated[
        str,
        typer.Argument(help="A proof.json, the folder of a build, or the start of a digest."),
    ],
    model: Annotated[
        Path | None, typer.Option(help="The model file; else the one in the graph.")
    ] = None,
    cmsis_nn: Annotated[
        Path | None,
        typer.Option(
            "--cmsis-nn",
            metavar="FOLDER",
            envvar="FITGRAPH_CMSIS_NN",
            help="A checkout of CMSIS-NN, for firmware that calls it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Generate, compile, link, run and compare again, and hold every line of a proof to it.

    Ends with 0 only when all is as the proof states; else it says which line differs.
    """
    from fitgraph.api.verifying import package_lines
    from fitgraph.compiler_bridge import verify as verifying
    from fitgraph.compiler_bridge.cmsis_nn.checkout import read_checkout

    package, graph, content, known = _sources(context, proof, model)
    with progress("verifying") as step:
        found = verifying.verify(
            package.proof,
            graph,
            content,
            package.board,
            package.inputs,
            firmware=package.firmware,
            footprint=package.footprint,
            cmsis_nn=None if cmsis_nn is None else lambda: read_checkout(cmsis_nn),
            progress=lambda stage, done, total: step(stage, done=done, total=total),
        )
    lines = [*package_lines(package), *known, *found.lines]
    holds = all(line.holds for line in lines)
    if as_json:
        print_json({"proof": package.key, "holds": holds, "lines": [_plain(one) for one in lines]})
    else:
        _print(lines)
    if not holds:
        raise typer.Exit(ANSWER_IS_NO)


def _sources(
    context: typer.Context, reference: str, model: Path | None
) -> tuple[ProofPackage, ModelGraph, bytes, list[Line]]:
    """The proof, the model that it is of, and what the graph knows of its board."""
    from fitgraph.api.model_files import read_whole, stored_graph
    from fitgraph.api.proof_files import read_package
    from fitgraph.api.verifying import board_lines, stored_package

    package = read_package(Path(reference)) if Path(reference).exists() else None
    if package is not None and model is not None:
        return package, *read_whole(model), []
    with reading(context) as registry:
        package = package or stored_package(registry, reference)
        known = board_lines(package, registry)
        if model is not None:
            return package, *read_whole(model), known
        graph = stored_graph(registry, package.proof.model_sha256)
        return package, graph, registry.model_bytes(graph.sha256), known


def _plain(line: Line) -> dict[str, object]:
    return {"name": line.name, "stated": line.stated, "found": line.found, "holds": line.holds}


def _print(lines: list[Line]) -> None:
    differing = [line for line in lines if not line.holds]
    if not differing:
        out().print(f"all {len(lines)} lines of the proof hold", markup=False)
        return
    print_table(
        "", ("line", "stated", "found"), [(one.name, one.stated, one.found) for one in differing]
    )
    out().print(
        f"{len(differing)} of {len(lines)} lines of the proof do not hold{_same_firmware(lines)}",
        markup=False,
    )


def _same_firmware(lines: list[Line]) -> str:
    """With other tools the firmware may still be the same, which is worth knowing."""
    by_name = {line.name: line for line in lines}
    tools = [by_name[name] for name in ("toolchain", "toolchain's digest") if name in by_name]
    if not tools or all(line.holds for line in tools):
        return ""
    same = "the same" if by_name["firmware"].holds else "another"
    return f"; the toolchain here is another and gives {same} firmware"
