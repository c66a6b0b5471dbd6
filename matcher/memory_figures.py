"""Bytes of a footprint held against the regions of a board."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.matcher.placement import (
    Need,
    capacity_bytes,
    flash_candidates,
    need,
    ram_candidates,
    ram_regions,
)
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.footprint import Footprint


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """What the tightest region has to hold, and can.

    Attributes:
        words: the parts and the regions, for people.
        doubt: why the regions show nothing, in a clause, or an empty string.
        region: name of the tightest.
    """

    required_bytes: int
    available_bytes: int
    words: str
    doubt: str = ""
    region: str = ""

    @property
    def margin_bytes(self) -> int:
        """What is left; negative is what is short."""
        return self.available_bytes - self.required_bytes

    @property
    def holds(self) -> bool:
        """Whether the region holds what it has to."""
        return self.margin_bytes >= 0


@dataclass(frozen=True, slots=True)
class Floor:
    """A lower bound on what one region has to hold; None where none is known.

    Attributes:
        what: the thing that cannot be made smaller.
        doubt: why what there is is not sure, in a clause, or an empty string.
        region: name of the largest one.
    """

    what: str
    required_bytes: int | None
    available_bytes: int
    doubt: str = ""
    region: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether even the lower bound exceeds what there is."""
        return self.required_bytes is not None and self.required_bytes > self.available_bytes


def of_flash(footprint: Footprint, board: Board) -> MemoryFigures:
    """The image against the largest flash region; the board has one."""
    region, required = flash_candidates(board)[0], need(footprint).flash_bytes
    words = (
        f"{required:,} B ({footprint.weights_bytes:,} B weights, {footprint.code_bytes:,} B code) "
        f"in {region_words(region)}"
    )
    return MemoryFigures(required, capacity_bytes(region), words, region=region.name)


def of_sram(footprint: Footprint, board: Board) -> MemoryFigures:
    """Arena and rest against the RAM regions that hold them best; the board has one."""
    needed = need(footprint)
    arena, rest = ram_regions(needed, board) or _least_short(needed, ram_candidates(board))
    parts = (
        f"{needed.together_bytes:,} B ({footprint.arena_bytes:,} B arena{_how(footprint)}, "
        f"{footprint.stack_bytes:,} B stack, {footprint.static_bytes:,} B static)"
    )
    if arena == rest:
        words = f"{parts} in {region_words(arena)}"
        return MemoryFigures(needed.together_bytes, capacity_bytes(arena), words, region=arena.name)
    words = f"{parts}, the arena in {region_words(arena)}, the rest in {region_words(rest)}"
    return min(
        MemoryFigures(needed.arena_bytes, capacity_bytes(arena), words, region=arena.name),
        MemoryFigures(needed.rest_bytes, capacity_bytes(rest), words, region=rest.name),
        key=lambda figures: figures.margin_bytes,
    )


def _how(footprint: Footprint) -> str:
    """How the arena is known, where that is better than the rest."""
    return f" ({footprint.arena_evidence})" if footprint.arena_evidence else ""


def region_words(region: MemoryRegion) -> str:
    """A region with what is usable of it: ``SRAM1 (65,536 B free of 65,536 B)``."""
    return f"{region.name} ({capacity_bytes(region):,} B free of {region.size_bytes:,} B)"


def _least_short(
    needed: Need, regions: tuple[MemoryRegion, ...]
) -> tuple[MemoryRegion, MemoryRegion]:
    """The arrangement in which the fuller region lacks the fewest bytes."""
    largest, second = regions[0], regions[min(1, len(regions) - 1)]
    together_short = needed.together_bytes - capacity_bytes(largest)
    split_short = max(
        needed.arena_bytes - capacity_bytes(largest),
        needed.rest_bytes - capacity_bytes(second),
    )
    is_split_better = largest != second and split_short < together_short
    return (largest, second) if is_split_better else (largest, largest)
