"""Places blocks one after the other, each at the lowest offset that is free for its whole life."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush

from fitgraph.compiler_bridge.layout import Layout, aligned, meeting, n_meeting_pairs
from fitgraph.compiler_bridge.lifetimes import Block

Order = Callable[[tuple[int, Block]], tuple[int, ...]]

# Orders of placement; size first is the best single one (Pisarchyk & Lee 2020, section 5).
ORDERS: Sequence[Order] = (
    lambda item: (-item[1].n_bytes, item[1].first_step, item[0]),
    lambda item: (-item[1].n_bytes * (1 + item[1].last_step - item[1].first_step), item[0]),
    lambda item: (item[1].first_step, -item[1].n_bytes, item[0]),
    lambda item: (-item[1].last_step, -item[1].n_bytes, item[0]),
)
# Pairs of blocks that meet, above which placing by size takes too long (about 10 s). The largest
# of the reference models has 40,000.
MAX_PAIRS = 2_000_000


def place_greedily(layout: Layout) -> dict[int, int]:
    """Offsets in bytes of the smallest arena that any of a few orders gives."""
    blocks = layout.blocks
    if n_meeting_pairs(blocks.values()) > MAX_PAIRS:
        return place_by_time(blocks)
    others = meeting(blocks)
    attempts = [
        _place_in_order([key for key, _ in sorted(blocks.items(), key=order)], layout, others)
        for order in ORDERS
    ]
    return min(attempts, key=layout.top)


def _place_in_order(
    keys: Sequence[int], layout: Layout, others: Mapping[int, Sequence[int]]
) -> dict[int, int]:
    offsets: dict[int, int] = {}
    blocks = layout.blocks
    for key in keys:
        # Between these offsets, both excluded, the block would meet one placed before.
        forbidden = sorted(
            (offsets[other] - layout.reach(key, other), offsets[other] + layout.reach(other, key))
            for other in others[key]
            if other in offsets
        )
        offset = 0
        for low, high in forbidden:
            if offset <= low:
                break
            offset = max(offset, aligned(high, blocks[key].alignment_bytes))
        offsets[key] = offset
    return offsets


def place_by_time(blocks: Mapping[int, Block]) -> dict[int, int]:
    """As an allocator would, step by step: a freed place of the same size, else a new one."""
    offsets: dict[int, int] = {}
    free: dict[tuple[int, int], list[int]] = {}
    ends: list[tuple[int, int]] = []
    top = 0
    for key, block in sorted(blocks.items(), key=lambda item: (item[1].first_step, item[0])):
        while ends and ends[0][0] < block.first_step:
            dead = heappop(ends)[1]
            free.setdefault(_kind(blocks[dead]), []).append(offsets[dead])
        places = free.get(_kind(block))
        if places:
            offsets[key] = places.pop()
        else:
            offsets[key] = aligned(top, block.alignment_bytes)
            top = offsets[key] + aligned(block.n_bytes)
        heappush(ends, (block.last_step, key))
    return offsets


def _kind(block: Block) -> tuple[int, int]:
    """Blocks of one kind can take each other's place."""
    return block.n_bytes, block.alignment_bytes
