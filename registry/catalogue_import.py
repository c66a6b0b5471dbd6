"""Puts the device catalogue into the store, in one write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NoReturn, TypeVar

from pyoxigraph import Triple

from fitgraph.registry.board import Board
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.device_catalogue import catalogue_board, catalogue_mcu
from fitgraph.registry.device_tables import CATALOGUE_SOURCE, catalogue_names
from fitgraph.registry.errors import ConflictError, NotFoundError
from fitgraph.registry.iris import Iri, board_iri, mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.resources import Added, Batch
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.mcu import mcu_to_triples
from fitgraph.registry.triples.terms import literal, python_value

Record = TypeVar("Record")


class _Graphs(Mapping[Iri, Iterator[Triple]]):
    """Graphs of records, made when they are asked for: all at once would not fit into memory."""

    def __init__(
        self,
        records: Mapping[Iri, Record],
        to_triples: Callable[[Record], Iterator[Triple]],
        tell: Callable[[], None],
    ) -> None:
        self._keys = records.keys()
        self._make: Callable[[Iri], Iterator[Triple]] = lambda iri: to_triples(records[iri])
        self._tell = tell

    def __getitem__(self, iri: Iri) -> Iterator[Triple]:
        self._tell()
        return self._make(iri)

    def __iter__(self) -> Iterator[Iri]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


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
        others = self._others()
        chips = {mcu_iri(mcu.mcu_id): mcu for mcu in mcus if mcu_iri(mcu.mcu_id) not in others}
        kits = {board_iri(b.board_id): b for b in boards if board_iri(b.board_id) not in others}
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            tell(done)

        return self._resources.put_together(
            (
                Batch("mcu", _Graphs(chips, mcu_to_triples, count), replace=True),
                Batch("board", _Graphs(kits, board_to_triples, count), replace=True),
            )
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
        wanted = board_iri(name) if kind == "board" else mcu_iri(name)
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
