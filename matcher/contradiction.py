"""Sources that contradict each other on how much memory a board has, or how fast its clock is.

A source that tells a board's RAM or flash in one figure is held against its regions. The least
counts: a region is no larger than that, and where all RAM regions together exceed it, arena and
rest are not spread over two of them. Of clocks the fastest counts for what rules a board out, the
slowest for what an inference takes at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fitgraph.matcher.placement import FLASH_KINDS, RAM_KINDS, capacity_bytes
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.claim import Claim

_TOLD: Final = {"sramBytes": RAM_KINDS, "flashBytes": FLASH_KINDS}


def undisputed(board: Board) -> Board:
    """The board with no more memory than its sources agree on."""
    regions = board.regions
    for name, kinds in _TOLD.items():
        told = _told(board, name)
        if told:
            regions = tuple(_within(regions, kinds, min(int(one.value) for one in told)))
    return board if regions == board.regions else replace(board, regions=regions)


def contradiction(board: Board, kinds: tuple[RegionKind, ...]) -> str:
    """What sources say against the regions of some kinds, in a clause; empty where they agree."""
    told = [one for name, some in _TOLD.items() if some == kinds for one in _told(board, name)]
    total = sum(region.size_bytes for region in board.regions_of(*kinds))
    others = sorted({int(one.value) for one in told if int(one.value) != total})
    if not others:
        return ""
    said = ", ".join(f"{value:,} B by {_speakers(told, value)}" for value in others)
    what = "flash" if kinds == FLASH_KINDS else "RAM"
    return f"sources contradict each other: {total:,} B of {what} in its regions, {said}"


def clocks_hz(board: Board) -> tuple[int, int] | None:
    """The slowest and the fastest clock that a source tells; None where none does."""
    told = [int(one.value) for one in _told(board, "clockHz")]
    known = [*told, *([board.clock_hz] if board.clock_hz else [])]
    return (min(known), max(known)) if known else None


def contradicting_clocks(board: Board) -> str:
    """What sources say against each other on the clock, in a clause; empty where they agree."""
    others = sorted({int(one.value) for one in _told(board, "clockHz")} - {board.clock_hz})
    if not board.clock_hz or not others:
        return ""
    said = ", ".join(
        f"{value / 1e6:,.6g} MHz by {_speakers(_told(board, 'clockHz'), value)}" for value in others
    )
    return f"sources contradict each other: {board.clock_hz / 1e6:,.6g} MHz, {said}"


def _speakers(told: list[Claim], value: int) -> str:
    return " and ".join(sorted({s for one in told if one.value == value for s in one.sources}))


def _told(board: Board, name: str) -> list[Claim]:
    return [
        one
        for one in board.claims
        if one.property_name == name and isinstance(one.value, int) and one.value > 0
    ]


def _within(
    regions: tuple[MemoryRegion, ...], kinds: tuple[RegionKind, ...], most: int
) -> Iterator[MemoryRegion]:
    """The regions, none of these kinds larger than so many bytes; one of them, if all are more."""
    mine = [_cut(region, most) for region in regions if region.kind in kinds]
    total = sum(region.size_bytes for region in regions if region.kind in kinds)
    if kinds == RAM_KINDS and total > most:
        mine = sorted(mine, key=lambda one: (-capacity_bytes(one), one.name))[:1]
    yield from (region for region in regions if region.kind not in kinds)
    yield from mine


def _cut(region: MemoryRegion, most: int) -> MemoryRegion:
    if region.size_bytes <= most:
        return region
    return replace(region, size_bytes=most, reserve_bytes=min(region.reserve_bytes, most))
