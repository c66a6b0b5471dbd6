"""The matrix of matches: some models against some boards, or against hardware profiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import numpy as np

from fitgraph.api.web.verdict_tables import match_address
from fitgraph.matcher.index.columns_of import MOST
from fitgraph.matcher.index.index import Index
from fitgraph.matcher.index.levels import VERDICTS
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board

#: What stands in a cell, so that colours need not be told apart.
SYMBOLS: Final = {
    Verdict.FITS: "✓",
    Verdict.LIKELY: "≈",
    Verdict.UNKNOWN: "?",
    Verdict.NO: "✗",
}


#: Boards that policies keep a model off, by the name of the model.
Forbidden = Mapping[str, frozenset[str]]
NOTHING: Final[Forbidden] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """A board, or all boards of one hardware profile.

    Attributes:
        board: the first one, which stands for all.
        boards: that no verdict tells apart but for policies.
        words: of them, for people.
        isa_class: of all of them.
    """

    board: str
    boards: tuple[str, ...]
    words: str
    isa_class: str

    @property
    def n_boards(self) -> int:
        """How many boards it stands for."""
        return len(self.boards)


@dataclass(frozen=True, slots=True)
class Cell:
    """One match.

    Attributes:
        words: everything that is to be said of it.
    """

    address: str
    verdict: str
    symbol: str
    words: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cells by model and column.

    Attributes:
        groups: ISA classes with the number of columns of each, in order.
        rows: models with their cells.
    """

    columns: tuple[Column, ...]
    groups: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def columns_of(index: Index, boards: Iterable[Board], *, by_profile: bool) -> tuple[Column, ...]:
    """Boards as columns, by ISA class and then by id; alike ones in one column if asked for."""
    profile_of = _profiles(index)
    alike: defaultdict[object, list[Board]] = defaultdict(list)
    for one in boards:
        key = profile_of[one.board_id] if by_profile else one.board_id
        alike[key].append(one)
    found = [
        Column(
            some[0].board_id,
            tuple(one.board_id for one in some),
            _words(some),
            some[0].isa_class or "not known",
        )
        for some in alike.values()
    ]
    return tuple(sorted(found, key=lambda one: (one.isa_class, one.board)))


def matrix_of(
    index: Index, columns: Sequence[Column], runtime: str, forbidden: Forbidden = NOTHING
) -> Matrix:
    """All models of an index against some columns.

    Args:
        index: of models and boards.
        columns: boards or profiles.
        runtime: its name.
        forbidden: boards that policies keep each model off, by the name of the model.
    """
    profile_of = _profiles(index)
    profiles = np.array([profile_of[one.board] for one in columns], dtype=np.int64)
    rows = []
    for place, model in enumerate(index.models):
        levels, margins = index.table.of_model(place)
        cells = tuple(
            _ruled(
                _cell(model.name, column, VERDICTS[level], int(margin), runtime),
                column,
                forbidden.get(model.name, frozenset()),
            )
            for column, level, margin in zip(
                columns, levels[profiles], margins[profiles], strict=True
            )
        )
        rows.append((model.name, cells))
    groups = tuple(
        (isa_class, len(list(some)))
        for isa_class, some in groupby(columns, key=lambda one: one.isa_class)
    )
    return Matrix(tuple(columns), groups, tuple(rows))


def _profiles(index: Index) -> Mapping[str, int]:
    """The place of each board's profile in the index, by the board's id."""
    ids = (one.board_id for one in index.boards)
    return dict(zip(ids, index.table.profile_of.tolist(), strict=True))


def _words(boards: Sequence[Board]) -> str:
    first = boards[0]
    if len(boards) == 1:
        return f"{first.name} ({first.mcu})"
    others = ", ".join(one.board_id for one in boards[1:6])
    more = f" and {len(boards) - 6} more" if len(boards) > 6 else ""
    return f"{first.name} ({first.mcu}); alike: {others}{more}"


def _cell(model: str, column: Column, verdict: Verdict, margin: int, runtime: str) -> Cell:
    sram = "SRAM not known"
    if margin != MOST:
        sram = f"{margin:,} B of SRAM left" if margin >= 0 else f"{-margin:,} B of SRAM short"
    return Cell(
        match_address(model, column.board, runtime),
        str(verdict),
        SYMBOLS[verdict],
        f"{model} on {column.board}: {verdict}, {sram}",
    )


def _ruled(cell: Cell, column: Column, forbidden: frozenset[str]) -> Cell:
    """The cell as policies leave it: a no where they forbid all boards that it stands for."""
    n_forbidden = sum(board in forbidden for board in column.boards)
    if not n_forbidden or cell.verdict == Verdict.NO:
        return cell
    if n_forbidden < column.n_boards:
        some = f"; a policy forbids it on {n_forbidden} of {column.n_boards} boards"
        return replace(cell, words=cell.words + some)
    words = f"{cell.words}; but a policy forbids it"
    return replace(cell, verdict=str(Verdict.NO), symbol=SYMBOLS[Verdict.NO], words=words)
