"""Puts the device catalogue into the store, in one write.

The whole catalogue leaves a digest of all its graphs behind. Where the next import would write the
same, and every graph has as many triples as it was given, nothing is read: a server takes half a
minute to send a catalogue back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Final, NoReturn, TypeVar

from pyoxigraph import NamedNode, Triple

from fitgraph.ontology.namespaces import RDFS
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.device_catalogue import catalogue_board, catalogue_mcu
from fitgraph.registry.device_tables import CATALOGUE_SOURCE, catalogue_names
from fitgraph.registry.errors import ConflictError, NotFoundError
from fitgraph.registry.import_record import digest_of
from fitgraph.registry.iris import BASE, Iri, board_iri, mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.resources import FOREIGN, Added, Batch
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.mcu import mcu_to_triples
from fitgraph.registry.triples.terms import literal, python_value

Record = TypeVar("Record")

#: Where the digest of the whole catalogue is kept.
RECORD: Final = Iri(f"{BASE}device-catalogue/import")
#: One request says how many triples so many graphs have.
_COUNTED_AT_ONCE: Final = 1000


class _Graphs(Mapping[Iri, frozenset[Triple]]):
    """Graphs of records, made when they are asked for: all at once would not fit into memory."""

    def __init__(
        self,
        records: Mapping[Iri, Record],
        to_triples: Callable[[Record], Iterable[Triple]],
        tell: Callable[[Iri, frozenset[Triple]], None],
    ) -> None:
        self._keys = records.keys()
        self._make: Callable[[Iri], frozenset[Triple]] = lambda iri: frozenset(
            to_triples(records[iri])
        )
        self._tell = tell

    def __getitem__(self, iri: Iri) -> frozenset[Triple]:
        triples = self._make(iri)
        self._tell(iri, triples)
        return triples

    def __iter__(self) -> Iterator[Iri]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class _Tally:
    """What an import writes: how many triples each graph has, and a digest of all of them."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.counts: dict[Iri, int] = {}
        self._digest = hashlib.sha256()
        self._tell = tell

    def add(self, iri: Iri, triples: frozenset[Triple]) -> None:
        """Notes a graph; they come in the same order each time."""
        self._digest.update(f"{iri} {digest_of(triples)}\n".encode())
        self.counts[iri] = len(triples)
        self._tell(len(self.counts))

    def record(self) -> frozenset[Triple]:
        """What the store keeps of it."""
        comment = NamedNode(f"{RDFS}comment")
        return frozenset({Triple(NamedNode(RECORD), comment, literal(self._digest.hexdigest()))})


def _part_of(board: Board | None) -> str:
    return board.mcu_link.mcu_id if board is not None and board.mcu_link else ""


def _not_found(kind: str, name: str) -> NoReturn:
    close = get_close_matches(name.lower(), catalogue_names(kind), n=3)
    near = f"did you mean {' or '.join(close)}?" if close else ""
    raise NotFoundError(
        f"the device catalogue has no {kind} {name!r}",
        hint=near or f"find it with `fitgraph {kind} search`",
    )


class CatalogueImport(CatalogueBase):
    """Adding the device catalogue."""

    def add_device_catalogue(
        self, mcus: Sequence[Mcu], boards: Sequence[Board], tell: Callable[[int], None]
    ) -> tuple[Added, ...]:
        """Adds what is missing and replaces what came from an older catalogue; all or nothing.

        Args:
            mcus: of the catalogue.
            boards: of the catalogue.
            tell: told how many records are done.

        Returns:
            One result a record; none for those whose place somebody else's record has.
        """
        return self._resources.put_together(self._device_batches(mcus, boards, _Tally(tell)))

    def import_device_catalogue(
        self, mcus: Sequence[Mcu], boards: Sequence[Board], tell: Callable[[int], None]
    ) -> tuple[Added, ...]:
        """See ``add_device_catalogue``; for all of the catalogue, of which a digest is kept."""
        if self.store.has_graph(RECORD):
            tally = _Tally(tell)
            for batch in self._device_batches(mcus, boards, tally):
                for iri in batch.graphs:
                    batch.graphs[iri]  # is made, and noted
            if self._is_there(tally):
                return tuple(Added(iri, is_new=False) for iri in tally.counts)
        tally = _Tally(tell)
        record = _Graphs({RECORD: tally}, _Tally.record, lambda *_: None)
        batches = (*self._device_batches(mcus, boards, tally), Batch(FOREIGN, record, replace=True))
        return self._resources.put_together(batches)[:-1]

    def _is_there(self, tally: _Tally) -> bool:
        """Whether the store has what an import would write, as far as its digest and counts say."""
        if self.store.graph(RECORD) != tally.record():
            return False
        iris = iter(tally.counts)
        counts: dict[Iri, int] = {}
        while some := tuple(islice(iris, _COUNTED_AT_ONCE)):
            counts.update(self.store.count_triples(some))
        return counts == tally.counts

    def _device_batches(
        self, mcus: Sequence[Mcu], boards: Sequence[Board], tally: _Tally
    ) -> tuple[Batch, ...]:
        others = self._others()
        chips = {mcu_iri(mcu.mcu_id): mcu for mcu in mcus if mcu_iri(mcu.mcu_id) not in others}
        kits = {board_iri(b.board_id): b for b in boards if board_iri(b.board_id) not in others}
        return (
            Batch("mcu", _Graphs(chips, mcu_to_triples, tally.add), replace=True),
            Batch("board", _Graphs(kits, board_to_triples, tally.add), replace=True),
        )

    def add_from_catalogue(self, kind: str, name: str) -> Added:
        """Adds one board of the device catalogue with its microcontroller, or one of the latter.

        Args:
            kind: ``board`` or ``mcu``.
            name: its id.

        Raises:
            NotFoundError: the catalogue has none of that id.
            ConflictError: somebody else's board has its place.
        """
        board = catalogue_board(name) if kind == "board" else None
        part = name if kind == "mcu" else _part_of(board)
        mcu = catalogue_mcu(part) if part else None
        if board is None and mcu is None:
            _not_found(kind, name)
        added = self.add_device_catalogue(
            () if mcu is None else (mcu,), () if board is None else (board,), lambda _: None
        )
        wanted = mcu_iri(name) if board is None else board_iri(board.board_id)
        found = [one for one in added if one.iri == wanted]
        if not found:
            raise ConflictError(
                f"there is another {kind} {name!r} already",
                hint=f"`fitgraph {kind} remove {name}` first, to take the catalogue's",
            )
        return found[0]

    def _others(self) -> frozenset[Iri]:
        """Microcontrollers and boards that did not come out of the catalogue."""
        found = {*self._resources.names("mcu").values(), *self._resources.names("board").values()}
        rows = self._resources.rows("resources-of-a-source", {"source": literal(CATALOGUE_SOURCE)})
        return frozenset(found - {Iri(str(python_value(row["resource"]))) for row in rows})
