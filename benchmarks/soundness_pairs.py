"""Which models are held against which boards to see whether verdicts are sound."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher.demand import Reserves, with_reserves
from fitgraph.matcher.placement import (
    FLASH_KINDS,
    ORIGIN_ALIGNMENT_BYTES,
    RAM_KINDS,
    need,
    place,
)
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.footprint import Footprint

#: Where a region is taken to lie of which only the size is known: apart from each other.
_ASSUMED_STEP_BYTES: Final = 0x1000_0000
#: Boards of each model and ISA class whose memory is taken to its limit.
AT_THE_LIMIT: Final = 2
#: A model with more work takes seconds an inference in an emulator: it gets these classes only.
LARGE_MACS: Final = 10_000_000
LARGE_CLASSES: Final = ("armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp")


class Kind(StrEnum):
    """What was done to the board before the matcher was asked."""

    AS_IT_IS = "as it is"
    RESERVED = "reserve at the limit"
    CUT = "region cut to the byte"


@dataclass(frozen=True, slots=True)
class Asked:
    """A board that the matcher is asked about."""

    board: Board
    kind: Kind


@dataclass(frozen=True, slots=True)
class Pair:
    """What the matcher said of one model on one board.

    Attributes:
        sha256: of the model.
        board: as it was asked about.
    """

    sha256: str
    board: Board
    kind: Kind
    verdict: Verdict

    @property
    def isa_class(self) -> str:
        """Of the board."""
        return self.board.needed_isa_class()

    @property
    def key(self) -> str:
        """What tells it from all others, whatever the order of work."""
        sizes = "/".join(f"{one.size_bytes}-{one.reserve_bytes}" for one in self.board.regions)
        return f"{self.sha256[:16]} {self.board.board_id} {self.kind} {sizes} {self.verdict}"


def classes_for(macs: int | None) -> tuple[str, ...]:
    """ISA classes that a model is built for."""
    return LARGE_CLASSES if (macs or 0) > LARGE_MACS else tuple(TARGETS)


def distinct(boards: Iterable[Board]) -> tuple[Board, ...]:
    """Of boards whose ISA class and memory are alike to the byte, the first by id."""
    first: dict[object, Board] = {}
    for board in sorted(boards, key=lambda one: one.board_id):
        is_sure = board.mcu_link is None or board.mcu_link.is_exact
        first.setdefault((board.isa_class, board.isa_status, is_sure, board.regions), board)
    return tuple(first.values())


def is_no_for_memory(match: Match) -> bool:
    """Whether flash or SRAM alone rules the pair out."""
    return match.verdict is Verdict.NO and any(
        match.constraint(name).satisfied is False for name in ("flash", "sram")
    )


def linkable(board: Board) -> Board:
    """The board with an address for each region of which the size alone is known.

    Where no flash or no RAM is known there is plenty: what the matcher refuses, it refuses for the
    other.
    """
    regions = tuple(
        one
        if one.base_address is not None
        else replace(one, base_address=(number % 14 + 1) * _ASSUMED_STEP_BYTES)
        for number, one in enumerate(board.regions)
    )
    kinds = {one.kind for one in regions}
    ample = ample_board(board.needed_isa_class()).regions
    missing = (
        one
        for one, alike in zip(ample, (FLASH_KINDS, RAM_KINDS), strict=True)
        if not kinds.intersection(alike)
    )
    return replace(board, regions=(*regions, *missing))


def at_the_limit(
    boards: Sequence[Board], footprint: Footprint, draw: random.Random
) -> Iterator[Asked]:
    """Boards that hold a firmware, with one region so small that it just does, or just does not."""
    holding = [one for one in boards if place(footprint, one) is not None]
    for board in draw.sample(holding, min(AT_THE_LIMIT, len(holding))):
        placement = place(footprint, board)
        assert placement is not None
        needed = need(footprint)
        rest_bytes = needed.arena_bytes if placement.is_split else needed.together_bytes
        yield from _limited(board, placement.flash, needed.flash_bytes)
        yield from _limited(board, placement.arena, rest_bytes)


def _limited(board: Board, region: MemoryRegion, n_bytes: int) -> Iterator[Asked]:
    """Four boards: by the reserve, and by the end of the region, on both sides of the limit."""
    assert region.base_address is not None
    end = region.base_address + region.size_bytes
    latest = (end - n_bytes) // ORIGIN_ALIGNMENT_BYTES * ORIGIN_ALIGNMENT_BYTES
    reserve_bytes = latest - region.base_address
    for more in (0, 1) if reserve_bytes >= 0 else ():
        reserves = Reserves(by_region={region.name: reserve_bytes + more})
        yield Asked(with_reserves(board, reserves), Kind.RESERVED)
    origin = -(-(region.base_address + region.reserve_bytes) // ORIGIN_ALIGNMENT_BYTES)
    exact_bytes = origin * ORIGIN_ALIGNMENT_BYTES + n_bytes - region.base_address
    for less in (0, 1):
        cut = replace(region, size_bytes=exact_bytes - less)
        regions = tuple(cut if one == region else one for one in board.regions)
        yield Asked(replace(board, regions=regions), Kind.CUT)
