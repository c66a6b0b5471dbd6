"""Where a model or a proof comes from, and what came of a model: files, recipes, builds, proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fitgraph.api.pictures.layers import Arrow, Box, layered_svg
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import board_iri, footprint_iri, model_iri, proof_iri, variant_iri
from fitgraph.registry.proof import Proof
from fitgraph.registry.variant import Variant

#: Recipes one after the other, and what came of one model; more are left out, and it is said so.
_DEEPEST: Final = 12
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is, or that was done, on the way.

    Attributes:
        iri: of the resource; an empty string for what has none of its own.
        kind: ``model``, ``recipe``, ``board``, ``build``, ``firmware``, ``footprint``, ``proof``.
        title: its name.
        detail: what it shows.
        sources: keys of the steps that it comes from.
    """

    key: str
    iri: str
    kind: str
    title: str
    detail: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """Steps, each behind what it comes from.

    Attributes:
        about: key of the one that it is the lineage of.
        left_out: how many results of a model are not among the steps.
    """

    about: str
    title: str
    steps: tuple[Step, ...]
    left_out: int = 0


def lineage_of_model(registry: Registry, reference: str) -> Lineage:
    """What a model was made from, and what was made and shown of it.

    Raises:
        NotFoundError: there is no such model.
    """
    record = registry.get_model(reference)
    name, sha256 = record.names[0], record.sha256
    variants = registry.list_variants(source=reference)
    footprints = registry.list_footprints(model=reference)
    proofs = registry.list_proofs(model=reference)
    steps = (
        *_ancestry(registry, sha256),
        *(step for one in variants[:_MOST] for step in (_recipe(one), _model(registry, one))),
        *(_footprint(one) for one in footprints[:_MOST]),
        *(step for one in proofs[:_MOST] for step in _proof(one)),
    )
    left_out = sum(max(len(one) - _MOST, 0) for one in (variants, footprints, proofs))
    return Lineage(_key(sha256), f"Lineage of {name}", _once(steps), left_out)


def lineage_of_proof(registry: Registry, reference: str) -> Lineage:
    """What a proof rests on: the model and what it was made from, the board, the build.

    Raises:
        NotFoundError: there is no such proof.
    """
    proof = registry.get_proof(reference)
    steps = (*_ancestry(registry, proof.model_sha256), *_proof(proof))
    return Lineage(proof_iri(proof), f"Lineage of the proof on {proof.board_id}", _once(steps))


def lineage_svg(lineage: Lineage) -> str:
    """The lineage as a picture, from what it began with on the left."""
    boxes = [
        Box(one.key, one.title, ": ".join(part for part in (one.kind, one.detail) if part),
            is_chosen=one.key == lineage.about)
        for one in lineage.steps
    ]  # fmt: skip
    arrows = [Arrow(source, one.key) for one in lineage.steps for source in one.sources]
    names = {one.key: f"{one.kind} {one.title}" for one in lineage.steps}
    told = "; ".join(
        f"{names[one.key]} comes from {' and '.join(names[source] for source in one.sources)}"
        for one in lineage.steps
        if one.sources
    )
    return layered_svg(boxes, arrows, lineage.title, told or "It comes from nothing that is known.")


def _ancestry(registry: Registry, sha256: str) -> tuple[Step, ...]:
    """A model behind all that it was made from."""
    found: list[Step] = []
    for _ in range(_DEEPEST):
        try:
            made = registry.get_variant(sha256)
        except NotFoundError:
            break
        found = [_recipe(made), _model(registry, made), *found]
        sha256 = made.source_sha256
    return (_origin(registry, sha256), *found)


def _origin(registry: Registry, sha256: str) -> Step:
    record = registry.get_model(sha256)
    return Step(_key(sha256), model_iri(sha256), "model", record.names[0], record.model_format)


def _recipe(made: Variant) -> Step:
    cost = ""
    if made.accuracy_before is not None and made.accuracy_after is not None:
        cost = f"{made.accuracy_before:.4g} to {made.accuracy_after:.4g}"
    return Step(
        f"recipe {made.model_sha256}",
        variant_iri(made.model_sha256),
        "recipe",
        made.recipe,
        cost,
        (_key(made.source_sha256),),
    )


def _model(registry: Registry, made: Variant) -> Step:
    record = registry.get_model(made.model_sha256)
    return Step(
        _key(made.model_sha256),
        model_iri(made.model_sha256),
        "model",
        record.names[0],
        record.model_format,
        (f"recipe {made.model_sha256}",),
    )


def _footprint(one: Footprint) -> Step:
    iri = footprint_iri(one)
    return Step(
        iri,
        iri,
        "footprint",
        f"{one.runtime}, {one.isa_class}",
        f"{one.evidence}",
        (_key(one.model_sha256),),
    )


def _proof(one: Proof) -> Iterator[Step]:
    iri, firmware = proof_iri(one), f"firmware {one.firmware_sha256} {one.board_id}"
    build, board = f"build {firmware}", board_iri(one.board_id)
    yield Step(board, board, "board", one.board_id)
    yield Step(build, "", "build", one.toolchain, one.runtime, (_key(one.model_sha256), board))
    yield Step(firmware, "", "firmware", one.firmware_sha256[:12], "ELF", (build,))
    yield Step(
        iri,
        iri,
        "proof",
        f"{one.n_outputs_compared:,} outputs compared",
        f"worst difference {one.worst_difference:g}",
        (firmware,),
    )


def _key(sha256: str) -> str:
    return f"model {sha256}"


def _once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Several proofs may share a board, a build or a firmware."""
    return tuple({step.key: step for step in steps}.values())
