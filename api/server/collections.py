"""What there is to list and to get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fitgraph.api.server.live_records import Source
from fitgraph.api.server.resources import Collection
from fitgraph.ontology.query_files import load_query
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.catalogue_models import ModelSummary
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import (
    Iri,
    board_iri,
    footprint_iri,
    key_of,
    mcu_iri,
    model_iri,
    proof_iri,
    runtime_iri,
    variant_iri,
)
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.proof import Proof
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.triples.board import board_from_triples
from fitgraph.registry.triples.mcu import mcu_from_triples
from fitgraph.registry.triples.terms import python_value
from fitgraph.registry.variant import Variant


@dataclass(frozen=True, slots=True)
class Device:
    """A thing that is one of a board.

    Attributes:
        thing: its id; ``/things`` has its description.
        board: id of the board.
    """

    thing: str
    title: str
    board: str


def _devices(registry: Registry) -> tuple[Device, ...]:
    rows = registry.store.query(load_query("things"))
    said = [{name: str(python_value(term)) for name, term in row.items()} for row in rows]
    return tuple(
        Device(row["thing"], row.get("title", ""), key_of(row["board"]))
        for row in said
        if "board" in row
    )


def _device(registry: Registry, reference: str) -> Device:
    found = [one for one in _devices(registry) if reference in {one.thing, one.title}]
    if len(found) != 1:
        raise NotFoundError(
            f"there is no device {reference!r:.200}" if not found else "several are called so",
            hint="/devices lists them by id",
        )
    return found[0]


MODELS: Final = Collection(
    path="/models",
    kinds=("model", "variant"),
    listed=ModelSummary,
    type=ModelRecord,
    all=lambda registry: registry.list_models(),
    key=lambda one: one.name,
    iri=lambda one: model_iri(one.sha256),
    find=lambda registry, key: registry.get_model(key),
    name=lambda registry, key: registry.resolve("model", key),
)
BOARDS: Final = Collection(
    path="/boards",
    kinds=("board",),
    listed=Board,
    type=Board,
    all=lambda registry: registry.list_boards(),
    key=lambda one: one.board_id,
    iri=lambda one: board_iri(one.board_id),
    find=lambda registry, key: registry.get_board(key),
    name=lambda registry, key: registry.resolve("board", key),
    live=Source(
        board_iri(""), lambda registry: registry.list_boards(), board_from_triples,
        lambda one: board_iri(one.board_id),
    ),
)  # fmt: skip
MCUS: Final = Collection(
    path="/mcus",
    kinds=("mcu",),
    listed=Mcu,
    type=Mcu,
    all=lambda registry: registry.list_mcus(),
    key=lambda one: one.mcu_id,
    iri=lambda one: mcu_iri(one.mcu_id),
    find=lambda registry, key: registry.get_mcu(key),
    name=lambda registry, key: registry.resolve("mcu", key),
    live=Source(
        mcu_iri(""), lambda registry: registry.list_mcus(), mcu_from_triples,
        lambda one: mcu_iri(one.mcu_id),
    ),
)  # fmt: skip
RUNTIMES: Final = Collection(
    path="/runtimes",
    kinds=("runtime",),
    listed=Runtime,
    type=Runtime,
    all=lambda registry: registry.list_runtimes(),
    key=lambda one: one.name,
    iri=lambda one: runtime_iri(one.name),
    find=lambda registry, key: registry.get_runtime(key),
    name=lambda registry, key: registry.resolve("runtime", key),
)
DEVICES: Final = Collection(
    path="/devices",
    kinds=("thing", "board"),
    listed=Device,
    type=Device,
    all=_devices,
    key=lambda one: one.thing,
    iri=lambda one: one.thing,
    find=_device,
    name=lambda registry, key: Iri(_device(registry, key).thing),
)
FOOTPRINTS: Final = Collection(
    path="/footprints",
    kinds=("footprint", "model"),
    listed=Footprint,
    type=Footprint,
    all=lambda registry: registry.list_footprints(),
    key=lambda one: key_of(footprint_iri(one)),
    iri=footprint_iri,
    find=lambda registry, key: registry.get_footprint(key),
    name=lambda registry, key: registry.resolve("footprint", key),
)
PROOFS: Final = Collection(
    path="/proofs",
    kinds=("proof", "model", "board"),
    listed=Proof,
    type=Proof,
    all=lambda registry: registry.list_proofs(),
    key=lambda one: key_of(proof_iri(one)),
    iri=proof_iri,
    find=lambda registry, key: registry.get_proof(key),
    name=lambda registry, key: registry.resolve("proof", key),
)
VARIANTS: Final = Collection(
    path="/variants",
    kinds=("variant", "model"),
    listed=Variant,
    type=Variant,
    all=lambda registry: registry.list_variants(),
    key=lambda one: one.model_sha256,
    iri=lambda one: variant_iri(one.model_sha256),
    find=lambda registry, key: registry.get_variant(key),
    name=lambda registry, key: variant_iri(registry.get_variant(key).model_sha256),
)
ALL: Final[tuple[Collection[Any], ...]] = (
    MODELS,
    VARIANTS,
    BOARDS,
    MCUS,
    RUNTIMES,
    DEVICES,
    FOOTPRINTS,
    PROOFS,
)
