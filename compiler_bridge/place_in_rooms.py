"""Places blocks in several rooms, one block after the other, each in the first room it fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fitgraph.compiler_bridge.layout import Layout, aligned, meeting, n_meeting_pairs
from fitgraph.compiler_bridge.lifetimes import Block
from fitgraph.compiler_bridge.place_greedy import MAX_PAIRS, ORDERS
from fitgraph.compiler_bridge.rooms import Rooms, slowness


def place_in_rooms(
    layout: Layout, rooms: Rooms, heat: Mapping[int, int], room_multiple: int
) -> dict[int, int] | None:
    """Offsets of the rooms side by side; None where no order of a few finds a place for all.

    Of what is found, the fewest bytes win, then the least traffic in slower rooms.

    Args:
        heat: traffic of each block.
        room_multiple: bytes; a room that takes fewer of them is as good as another.
    """
    if n_meeting_pairs(layout.blocks.values()) > MAX_PAIRS:
        return None
    others = meeting(layout.blocks)
    found = [
        placed
        for keys in _orders(layout, heat)
        for walk in _walks(rooms)
        for placed in [_place(keys, walk, rooms, layout, others)]
        if placed is not None
    ]
    return min(
        found,
        key=lambda placed: (
            sum(-(-top // room_multiple) for top in rooms.tops(layout, placed)),
            slowness(rooms, placed, heat),
        ),
        default=None,
    )


def _orders(layout: Layout, heat: Mapping[int, int]) -> Iterator[list[int]]:
    for order in ORDERS:
        yield [key for key, _ in sorted(layout.blocks.items(), key=order)]
    yield sorted(layout.blocks, key=lambda key: (-heat[key], key))


def _walks(rooms: Rooms) -> Iterator[Sequence[int]]:
    """Orders in which a block looks for its room: the fastest, the largest, the tightest first."""
    numbers = range(len(rooms.all))
    yield numbers
    yield sorted(numbers, key=lambda number: -rooms.all[number].capacity_bytes)
    yield sorted(numbers, key=lambda number: rooms.all[number].capacity_bytes)


def _place(
    keys: Sequence[int],
    walk: Sequence[int],
    rooms: Rooms,
    layout: Layout,
    others: Mapping[int, Sequence[int]],
) -> dict[int, int] | None:
    offsets: dict[int, int] = {}
    for key in keys:
        # Between these offsets, both excluded, the block would meet one placed before.
        forbidden = sorted(
            (offsets[other] - layout.reach(key, other), offsets[other] + layout.reach(other, key))
            for other in others[key]
            if other in offsets
        )
        places = (_lowest(forbidden, layout.blocks[key], rooms, room) for room in walk)
        offset = next((place for place in places if place is not None), None)
        if offset is None:
            return None
        offsets[key] = offset
    return offsets


def _lowest(
    forbidden: Sequence[tuple[int, int]], block: Block, rooms: Rooms, room: int
) -> int | None:
    """The lowest offset in a room at which the block's bytes are free, if there is one."""
    offset, end = rooms.starts[room], rooms.starts[room + 1]
    for low, high in forbidden:
        if offset <= low:
            break
        offset = max(offset, aligned(high, block.alignment_bytes))
    return offset if offset + block.n_bytes <= end else None
