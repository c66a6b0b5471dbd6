"""Everything that an index is made of, by the graph that says it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from fitgraph.matcher import columns
from fitgraph.matcher.facts import InstructionCount, ModelNeeds, Refusal
from fitgraph.matcher.match import DEFAULT_RUNTIME, Known
from fitgraph.matcher.placement import in_two_regions
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import BASE, board_iri, key_of, model_iri, runtime_iri
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store_base import Store

_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph says of models, boards and one runtime.

    Attributes:
        models: by IRI.
        boards: by IRI, with their sensors.
        footprints: under the runtime, by their own IRI.
        refusals: of the runtime's interpreter, by the digest of the model.
        counts: of instructions under the runtime, by the digest of the model.
    """

    runtime: Runtime
    models: Mapping[str, ModelNeeds]
    boards: Mapping[str, Board]
    footprints: Mapping[str, Footprint]
    refusals: Mapping[str, Refusal]
    counts: Mapping[str, list[InstructionCount]]

    def known(self) -> Known:
        """The same as the matcher takes it."""
        found: defaultdict[str, list[Footprint]] = defaultdict(list)
        for _, footprint in sorted(self.footprints.items()):
            found[footprint.model_sha256] += in_two_regions(footprint)
        return Known(found, self.counts, self.refusals)

    def digest(self) -> str:
        """SHA-256 of everything in it; the same for the same facts, however they were read."""
        told = hashlib.sha256(_canonical(asdict(self.runtime)))
        records: dict[str, ModelNeeds | Board | Footprint]
        records = {**self.models, **self.boards, **self.footprints}
        for iri, record in sorted(records.items()):
            told.update(iri.encode() + b"\0" + _canonical(asdict(record)))
        for digest, refusal in sorted(self.refusals.items()):
            told.update(digest.encode() + _canonical(asdict(refusal)))
        for digest, counts in sorted(self.counts.items()):
            told.update(digest.encode() + _canonical(sorted(map(str, counts))))
        return told.hexdigest()


def read_facts(store: Store, runtime: str = DEFAULT_RUNTIME) -> Facts:
    """Facts of all models and boards under a runtime.

    Raises:
        NotFoundError: there is no such runtime.
    """
    return Facts(
        runtime=columns.runtime(store, runtime),
        models={one.source: one for one in columns.models(store)},
        boards=_boards(store),
        footprints=_footprints(store, runtime),
        refusals=columns.refusals(store, runtime),
        counts=columns.instruction_counts(store, runtime),
    )


def under(facts: Facts, store: Store, runtime: str) -> Facts:
    """Facts of the same models and boards under another runtime.

    Raises:
        NotFoundError: there is no such runtime.
    """
    return replace(
        facts,
        runtime=columns.runtime(store, runtime),
        footprints=_footprints(store, runtime),
        refusals=columns.refusals(store, runtime),
        counts=columns.instruction_counts(store, runtime),
    )


def refreshed(facts: Facts, store: Store, changed: Iterable[str]) -> Facts:
    """The facts after some graphs were written, replaced or deleted; the others are not read.

    Args:
        facts: from before.
        changed: names of the graphs.
    """
    graphs = frozenset(changed)
    name = facts.runtime.name
    if runtime_iri(name) in graphs:
        return read_facts(store, name)
    for iri in sorted(graphs):
        if iri.startswith(f"{BASE}model/"):
            facts = replace(facts, models=_replaced(facts.models, iri, _model(store, iri)))
        elif iri.startswith(f"{BASE}board/"):
            facts = replace(facts, boards=_replaced(facts.boards, iri, _boards(store, iri)))
    if any(iri.startswith(f"{BASE}footprint/") for iri in graphs):
        facts = replace(facts, footprints=_footprints_after(facts, store, graphs))
    if any(iri.startswith((f"{BASE}measurement/", f"{BASE}proof/")) for iri in graphs):
        refusals, counts = columns.refusals(store, name), columns.instruction_counts(store, name)
        facts = replace(facts, refusals=refusals, counts=counts)
    return facts


def is_told_by(iri: str) -> bool:
    """Whether a graph of this name may say something that is in the facts."""
    kinds = ("model", "board", "footprint", "measurement", "proof", "runtime")
    return iri.startswith(tuple(f"{BASE}{kind}/" for kind in kinds))


def _footprints_after(facts: Facts, store: Store, graphs: frozenset[str]) -> dict[str, Footprint]:
    """Footprints of the models that the changed graphs are about, read anew."""
    name = facts.runtime.name
    before = {f.model_sha256 for iri, f in facts.footprints.items() if iri in graphs}
    rows = [
        row
        for iri in sorted(graphs)
        if iri.startswith(f"{BASE}footprint/")
        for row in columns.read(store, "footprint_models", footprint=iri)
    ]
    about = before | {key_of(str(row["model"])) for row in rows}
    kept = {iri: f for iri, f in facts.footprints.items() if f.model_sha256 not in about}
    for sha256 in sorted(about):
        kept |= _footprints(store, name, model_iri(sha256))
    return kept


def _footprints(store: Store, runtime: str, model: str | None = None) -> dict[str, Footprint]:
    found = columns.footprints(store, runtime, model)
    return {one.source: one for some in found.values() for one in some}


def _model(store: Store, iri: str) -> dict[str, ModelNeeds]:
    return {one.source: one for one in columns.models(store, iri)}


def _boards(store: Store, iri: str | None = None) -> dict[str, Board]:
    sensors = columns.sensors(store, iri)
    return {
        str(board_iri(one.board_id)): replace(one, sensors=sensors.get(one.board_id, ()))
        for one in columns.boards(store, iri)
    }


def _replaced(
    records: Mapping[str, _Record], iri: str, found: Mapping[str, _Record]
) -> dict[str, _Record]:
    return {**{key: one for key, one in records.items() if key != iri}, **found}


def _canonical(record: object) -> bytes:
    return json.dumps(record, default=sorted, sort_keys=True).encode()
