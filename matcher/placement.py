"""Where a firmware goes in a board's memory regions.

The linker script and the matcher both ask this module, so that a verdict and a link never
disagree. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fitgraph.matcher.errors import MatchError
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.footprint import Footprint

# Stack, arena, static data and image all start on this boundary (AAPCS32 wants 8 for the stack,
# RISC-V's psABI 16; the generator aligns the arena to 16).
ALIGNMENT_BYTES = 16

# Origins are rounded up to this: a vector table must lie on a multiple of its size, which is at
# most 1024 bytes for 240 interrupts (Armv7-M ARM, B3.2.5, VTOR).
ORIGIN_ALIGNMENT_BYTES = 1024

RAM_KINDS = (RegionKind.SRAM, RegionKind.DTCM, RegionKind.CCM)
FLASH_KINDS = (RegionKind.FLASH,)
# What a program has to set up before it can be read may hold weights: no vectors, no code.
WEIGHTS_KINDS = (*FLASH_KINDS, RegionKind.EXTFLASH)


@dataclass(frozen=True, slots=True)
class Placement:
    """Which region takes which part of a firmware.

    Attributes:
        flash: vectors, code, constants and the image of initialised data.
        arena: activations, scratch, inputs and outputs; of an arena in parts the first one.
        rest: stack and static data; the same region as ``arena`` where both fit.
        weights: the region that weights lie in, apart from ``flash``; None where they lie there.
        more_arenas: of the other parts, in their order; some of them may be the same.
    """

    flash: MemoryRegion
    arena: MemoryRegion
    rest: MemoryRegion
    weights: MemoryRegion | None = None
    more_arenas: tuple[MemoryRegion, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether the arena lies in another region than stack and static data."""
        return self.arena != self.rest


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a firmware takes of regions, padding included.

    Attributes:
        flash_bytes: of the one flash region.
        arena_bytes: of the region that the arena lies in; of all parts if it has several.
        rest_bytes: of the region that stack and static data lie in.
        parts: bytes of each part of an arena that may lie in several regions; else empty.
    """

    flash_bytes: int
    arena_bytes: int
    rest_bytes: int
    parts: tuple[int, ...] = ()

    @property
    def together_bytes(self) -> int:
        """Of one region that takes arena, stack and static data."""
        return self.arena_bytes + self.rest_bytes


def round_up(value: int, multiple: int) -> int:
    """Smallest multiple of ``multiple`` that is not below ``value``."""
    return -(-value // multiple) * multiple


def usable(region: MemoryRegion) -> tuple[int, int]:
    """Origin address and capacity in bytes of what the reserve leaves of a region.

    Raises:
        MatchError: the region's address is not known.
    """
    if region.base_address is None:
        raise MatchError(
            f"the address of {region.name} is not known, so nothing can be linked into it",
            hint="add the board from a file that says its base_address; see docs/boards.md",
        )
    origin = round_up(region.base_address + region.reserve_bytes, ORIGIN_ALIGNMENT_BYTES)
    return origin, max(0, region.base_address + region.size_bytes - origin)


def capacity_bytes(region: MemoryRegion) -> int:
    """Bytes that a firmware may take of the region; without an address, at most these."""
    return region.free_bytes if region.base_address is None else usable(region)[1]


def need(footprint: Footprint) -> Need:
    """What the footprint takes of regions once its parts are aligned."""
    return Need(
        flash_bytes=round_up(footprint.flash_bytes, ALIGNMENT_BYTES),
        arena_bytes=round_up(footprint.arena_bytes, ALIGNMENT_BYTES),
        rest_bytes=(
            round_up(footprint.stack_bytes, ALIGNMENT_BYTES)
            + round_up(footprint.static_bytes, ALIGNMENT_BYTES)
        ),
        parts=tuple(round_up(part, ALIGNMENT_BYTES) for part in footprint.arena_parts),
    )


def in_two_regions(footprint: Footprint) -> tuple[Footprint, ...]:
    """The ways in which a footprint with its arena in parts takes up to two regions.

    One part lies by itself, the others beside stack and static data, as if they were such. A
    footprint with its arena in one piece is the only one.
    """
    parts = footprint.arena_parts
    if len(parts) < 2:
        return (footprint,)
    bound = footprint.arena_bound_bytes
    return tuple(
        replace(
            footprint,
            arena_bytes=part,
            static_bytes=round_up(footprint.static_bytes, ALIGNMENT_BYTES) + sum(parts) - part,
            arena_parts=(),
            # What all regions together cannot do without stays the same.
            arena_bound_bytes=None if bound is None else bound - (sum(parts) - part),
        )
        for part in parts
    )


def spread_bytes(footprint: Footprint) -> int | None:
    """Bytes that an arena in however many regions, and the rest, take at the least; None unknown.

    A build for a board lays an arena into several regions where none of these takes it.
    """
    bound = footprint.arena_bound_bytes
    return None if bound is None else bound + need(footprint).rest_bytes


def total_bytes(board: Board) -> int | None:
    """Bytes of all RAM regions that an arena may be spread over; None where there is but one."""
    regions = ram_candidates(board)
    return sum(map(capacity_bytes, regions)) if len(regions) > 1 else None


def may_spread(least_bytes: int | None, board: Board) -> bool:
    """Whether several regions of the board together have so many bytes."""
    total = total_bytes(board)
    return least_bytes is not None and total is not None and least_bytes <= total


def ram_candidates(board: Board) -> tuple[MemoryRegion, ...]:
    """Regions that may hold arena, stack and static data, largest capacity first."""
    return _largest_first(board.regions_of(*RAM_KINDS))


def flash_candidates(board: Board) -> tuple[MemoryRegion, ...]:
    """Regions that may hold the image, largest capacity first."""
    return _largest_first(board.regions_of(*FLASH_KINDS))


def weights_candidates(board: Board) -> tuple[MemoryRegion, ...]:
    """Regions that may hold weights apart from the image, largest capacity first."""
    return _largest_first(board.regions_of(*WEIGHTS_KINDS))


def addressed(board: Board) -> Board:
    """The board with only those regions that something can be linked into."""
    regions = tuple(region for region in board.regions if region.base_address is not None)
    return board if len(regions) == len(board.regions) else replace(board, regions=regions)


def place(footprint: Footprint, board: Board) -> Placement | None:
    """Where the firmware goes, or None when no choice of regions holds it.

    Arena and rest go together into the region with most capacity that holds both; else into
    the pair of regions that fits, with the arena's as large as may be, then the rest's. Each part
    of an arena in parts goes where there is room. Regions without an address take nothing.
    """
    needed, linkable = need(footprint), addressed(board)
    flash = flash_region(needed.flash_bytes, linkable)
    ram = ram_of(needed, linkable)
    if flash is None or ram is None:
        return None
    *arenas, rest = ram
    return Placement(flash, arenas[0], rest, more_arenas=tuple(arenas[1:]))


def need_apart(footprint: Footprint) -> tuple[int, int]:
    """Bytes of weights and of what is left of the image, where they lie in two regions.

    Both parts start and end on the boundary, so each may take that much more.
    """
    weights_bytes = round_up(footprint.weights_bytes, ALIGNMENT_BYTES)
    left_bytes = need(footprint).flash_bytes - footprint.weights_bytes
    return weights_bytes, round_up(left_bytes, ALIGNMENT_BYTES)


def place_apart(footprint: Footprint, board: Board, weights_region: str) -> Placement | None:
    """Where the firmware goes with its weights in a flash region of their own, or None.

    Args:
        weights_region: name of the region, of flash or of external flash; what is left of the
            image goes into another one.

    Raises:
        MatchError: the board has no flash region of that name with an address.
    """
    linkable = addressed(board)
    named = {region.name: region for region in weights_candidates(linkable)}
    if weights_region not in named:
        raise MatchError(
            f"{board.board_id} has no flash region {weights_region!r} with an address",
            hint=f"it has {', '.join(sorted(named)) or 'none'}",
        )
    weights = named[weights_region]
    regions = tuple(region for region in linkable.regions if region != weights)
    needed = need(footprint)
    weights_bytes, left_bytes = need_apart(footprint)
    flash = flash_region(left_bytes, replace(linkable, regions=regions))
    ram = ram_of(needed, linkable)
    if flash is None or ram is None or weights_bytes > capacity_bytes(weights):
        return None
    *arenas, rest = ram
    return Placement(flash, arenas[0], rest, weights, tuple(arenas[1:]))


def flash_region(flash_bytes: int, board: Board) -> MemoryRegion | None:
    """The largest flash region, if it holds the image."""
    return next((r for r in flash_candidates(board) if capacity_bytes(r) >= flash_bytes), None)


def ram_regions(needed: Need, board: Board) -> tuple[MemoryRegion, MemoryRegion] | None:
    """The regions of arena and rest, or None when no choice holds them."""
    regions = ram_candidates(board)
    for region in regions:
        if capacity_bytes(region) >= needed.together_bytes:
            return region, region
    for arena in regions:
        for rest in regions:
            holds = (
                capacity_bytes(arena) >= needed.arena_bytes
                and capacity_bytes(rest) >= needed.rest_bytes
            )
            if arena != rest and holds:
                return arena, rest
    return None


def ram_of(needed: Need, board: Board) -> tuple[MemoryRegion, ...] | None:
    """The region of each part of the arena and, last, of the rest; None when no choice holds."""
    if len(needed.parts) < 2:
        return ram_regions(needed, board)
    parts = (*needed.parts, needed.rest_bytes)
    # With as many regions as parts, those that are smaller take nothing that these do not.
    regions = ram_candidates(board)[: len(parts)]
    left = [capacity_bytes(region) for region in regions]
    order = sorted(range(len(parts)), key=lambda place: -parts[place])
    found = _packed([parts[place] for place in order], left)
    if found is None:
        return None
    chosen = dict(zip(order, found, strict=True))
    return tuple(regions[chosen[place]] for place in range(len(parts)))


def _packed(sizes: Sequence[int], left: list[int]) -> tuple[int, ...] | None:
    """For each size the number of the place that takes it; None where there is no way.

    Args:
        left: what each place has left.
    """
    if not sizes:
        return ()
    tried = set()
    for number, room in enumerate(left):
        if room < sizes[0] or room in tried:
            continue
        tried.add(room)
        others = [*left[:number], room - sizes[0], *left[number + 1 :]]
        found = _packed(sizes[1:], others)
        if found is not None:
            return (number, *found)
    return None


def best_attempt(board: Board) -> Placement:
    """The placement that a link is tried with to show that a ``no`` is a no.

    The arena gets the largest RAM region and the rest the second largest (the same where there
    is one). Where ``place`` finds nothing, this placement does not link either: the arena or
    the rest exceeds the largest region that either could get.

    Raises:
        MatchError: the board has no flash or no RAM region with an address.
    """
    linkable = addressed(board)
    flash, ram = flash_candidates(linkable), ram_candidates(linkable)
    for found, what in ((flash, "flash"), (ram, "SRAM")):
        if not found:
            raise MatchError(
                f"board {board.board_id!r} has no {what} region with an address",
                hint="add the region with its base address to the board file",
            )
    return Placement(flash[0], ram[0], ram[1] if len(ram) > 1 else ram[0])


def _largest_first(regions: Iterable[MemoryRegion]) -> tuple[MemoryRegion, ...]:
    return tuple(sorted(regions, key=lambda region: (-capacity_bytes(region), region.name)))
