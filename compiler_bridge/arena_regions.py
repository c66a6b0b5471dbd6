"""Which regions of a board an arena may be spread over, and where its parts then go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fitgraph.compiler_bridge.memory_plan import ArenaPart
from fitgraph.compiler_bridge.rooms import Room
from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.placement import Placement, addressed, capacity_bytes, ram_candidates
from fitgraph.registry.board import Board, MemoryRegion, RegionKind

#: Regions that an arena is spread over at most, so that plans stay quick and sources readable.
MOST_PARTS = 3
# Tightly coupled memory answers the core without a bus (Arm, Cortex-M7 TRM, section 5.5).
_FAST = (RegionKind.DTCM, RegionKind.CCM)


def rooms_of(
    board: Board, rest_bytes: int, names: Sequence[str] = ()
) -> tuple[tuple[Room, ...], ...]:
    """What regions leave for an arena: choices, the one with the fewest regions first.

    Args:
        rest_bytes: of stack and static data, which lie in one region, best in one of the arena's.
        names: of the regions that the arena may lie in, the fastest first; the largest ones of the
            board without them, those that are tightly coupled first.

    Raises:
        MatchError: the board has no RAM region of such a name with an address.
    """
    if names:
        chosen = [named_regions(board, names)]
    else:
        largest = ram_candidates(addressed(board))[:MOST_PARTS]
        chosen = [_fast_first(largest[:count]) for count in range(2, len(largest) + 1)]
    return tuple(
        tuple(Room(region.name, _left(region, rest, rest_bytes)) for region in regions)
        for regions in chosen
        for rest in _for_rest(board, rest_bytes, [region.name for region in regions])
    )


def whole_or_spread(
    board: Board, rest_bytes: int, names: Sequence[str] = ()
) -> tuple[tuple[Room, ...], ...]:
    """The same, and before all the largest region alone where none are named."""
    largest = () if names else ram_candidates(addressed(board))[:1]
    whole = tuple((Room(one.name, capacity_bytes(one)),) for one in largest)
    return (*whole, *rooms_of(board, rest_bytes, names))


def named_regions(board: Board, names: Sequence[str]) -> tuple[MemoryRegion, ...]:
    """The RAM regions of these names, in their order.

    Raises:
        MatchError: there is none, it has no address, or one is named twice or too many are.
    """
    known = {region.name: region for region in ram_candidates(addressed(board))}
    hint = f"it has {', '.join(sorted(known)) or 'none'}"
    for name in names:
        if name not in known:
            raise MatchError(
                f"{board.board_id} has no RAM region {name!r} with an address", hint=hint
            )
    if len(set(names)) < len(names) or len(names) > MOST_PARTS:
        raise MatchError(f"an arena lies in up to {MOST_PARTS} regions, each named once", hint=hint)
    return tuple(known[name] for name in names)


def placed_in(
    placement: Placement, board: Board, parts: Sequence[ArenaPart], rest_bytes: int
) -> Placement | None:
    """The placement with each part in the region that it was planned for; None if there is no way.

    Args:
        rest_bytes: of stack and static data.
    """
    regions = {region.name: region for region in ram_candidates(addressed(board))}
    taken = {part.room: part.n_bytes for part in parts}
    rest = next(
        (
            one
            for one in _for_rest(board, rest_bytes, list(taken))
            if capacity_bytes(one) >= rest_bytes + taken.get(one.name, 0)
        ),
        None,
    )
    if rest is None or any(capacity_bytes(regions[name]) < size for name, size in taken.items()):
        return None
    first, *others = (regions[part.room] for part in parts)
    return replace(placement, arena=first, rest=rest, more_arenas=tuple(others))


def _fast_first(regions: Sequence[MemoryRegion]) -> tuple[MemoryRegion, ...]:
    return tuple(sorted(regions, key=lambda region: region.kind not in _FAST))


def _for_rest(board: Board, rest_bytes: int, arenas: Sequence[str]) -> tuple[MemoryRegion, ...]:
    """Regions that hold stack and static data, those with arenas first, then the smallest."""
    regions = [one for one in ram_candidates(addressed(board)) if capacity_bytes(one) >= rest_bytes]
    return tuple(sorted(regions, key=lambda one: (one.name not in arenas, capacity_bytes(one))))


def _left(region: MemoryRegion, rest: MemoryRegion, rest_bytes: int) -> int:
    return capacity_bytes(region) - (rest_bytes if region == rest else 0)
