"""Puts imported boards and microcontrollers into the store, in one write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pyoxigraph import Triple

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.board import Board
from fitgraph.registry.door import check
from fitgraph.registry.iris import Iri, board_iri, key_of, mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.resources import Batch
from fitgraph.registry.thing_json import JsonDocument
from fitgraph.registry.thing_operations import ThingOperations
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.mcu import mcu_to_triples

Record = TypeVar("Record", Board, Mcu)


class Result(StrEnum):
    """What came of one imported thing."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one imported board or microcontroller.

    Attributes:
        kind: ``board``, ``mcu`` or ``thing``.
        name: its id.
        reason: why it was not taken, or an empty string.
        hint: what to do about it, or an empty string.
    """

    kind: str
    name: str
    result: Result
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Decided:
    """Outcomes of one kind, and the graphs that are to be written."""

    outcomes: tuple[Outcome, ...]
    graphs: Mapping[Iri, frozenset[Triple]]


class ImportOperations(ThingOperations):
    """Operations on what importers read."""

    def import_devices(
        self,
        boards: Iterable[Board],
        mcus: Iterable[Mcu],
        devices: Iterable[JsonDocument] = (),
        *,
        contexts: Mapping[str, object] | None = None,
        replace: bool = False,
        dry_run: bool = False,
    ) -> tuple[Outcome, ...]:
        """Adds what is new, in one write: all of it or, if that fails, nothing.

        Of several with one id the first counts; what is in the store with other facts stays,
        unless it is to be replaced. Both are reported as conflicts.

        Args:
            boards: checked (``check_board``).
            mcus: checked (``check_mcu``).
            devices: Thing Descriptions; one that is of no known board is refused, and said so.
            contexts: their JSON-LD contexts besides those that are known, by address.
            replace: whether what is in the store gives way.
            dry_run: whether to report only.

        Raises:
            InvalidRecordError: one violates a shape.
            StorageError: the store cannot be written.
        """
        decided: dict[str, _Decided] = {
            "mcu": self._decide("mcu", mcus, lambda m: mcu_iri(m.mcu_id), mcu_to_triples, replace),
            "board": self._decide(
                "board", boards, lambda b: board_iri(b.board_id), board_to_triples, replace
            ),
        }
        decided["thing"] = self._decide_devices(
            devices, contexts, decided["board"], replace=replace
        )
        if dry_run:
            for kind, one in decided.items():
                if one.graphs:
                    check(kind, (t for triples in one.graphs.values() for t in triples))
        else:
            self._resources.put_together(
                Batch(kind, one.graphs, replace=True) for kind, one in decided.items()
            )
        return tuple(outcome for one in decided.values() for outcome in one.outcomes)

    def _decide(
        self,
        kind: str,
        records: Iterable[Record],
        iri_of: Callable[[Record], Iri],
        triples_of: Callable[[Record], Iterable[Triple]],
        replace: bool,  # noqa: FBT001 - internal
    ) -> _Decided:
        found = ((iri_of(record), frozenset(triples_of(record))) for record in records)
        return self._decide_graphs(kind, found, replace=replace)

    def _decide_devices(
        self,
        devices: Iterable[JsonDocument],
        contexts: Mapping[str, object] | None,
        boards: _Decided,
        *,
        replace: bool,
    ) -> _Decided:
        refused: list[Outcome] = []
        graphs: list[tuple[Iri, frozenset[Triple]]] = []
        for document in devices:
            try:
                graphs.append(self._thing_graph(document, contexts, coming=boards.graphs))
            except FitgraphError as error:
                name = str(document.value.get("id", document.name))
                reason = error.message.removeprefix(f"{document.name}: ")
                refused.append(Outcome("thing", name, Result.REFUSED, reason, error.hint))
        decided = self._decide_graphs("thing", graphs, replace=replace)
        return _Decided((*decided.outcomes, *refused), decided.graphs)

    def _decide_graphs(
        self, kind: str, found: Iterable[tuple[Iri, frozenset[Triple]]], *, replace: bool
    ) -> _Decided:
        outcomes: list[Outcome] = []
        graphs: dict[Iri, frozenset[Triple]] = {}
        seen: dict[Iri, frozenset[Triple]] = {}
        for iri, triples in found:
            name = iri if kind == "thing" else key_of(iri)
            if iri in seen:
                if seen[iri] != triples:
                    reason = "another file describes it otherwise; the first counts"
                    outcomes.append(Outcome(kind, name, Result.CONFLICT, reason))
                continue
            seen[iri] = triples
            result = _result(self.store.graph(iri), triples, replace=replace)
            reason = "the store describes it otherwise; --replace takes this one"
            outcomes.append(
                Outcome(kind, name, result, reason if result is Result.CONFLICT else "")
            )
            if result in {Result.ADDED, Result.REPLACED}:
                graphs[iri] = triples
        return _Decided(tuple(outcomes), graphs)


def _result(known: frozenset[Triple], wanted: frozenset[Triple], *, replace: bool) -> Result:
    if not known:
        return Result.ADDED
    if known == wanted:
        return Result.UNCHANGED
    return Result.REPLACED if replace else Result.CONFLICT
