"""Gives every value of a program its place in one of several memory regions.

Where one region holds all, all lies there, in the fastest that does; else as few bytes as may be
are taken of all together, and then the values with most traffic lie in the fastest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fitgraph.compiler_bridge.errors import ArenaRegionsError
from fitgraph.compiler_bridge.layout import Layout, layout_of
from fitgraph.compiler_bridge.memory_plan import ArenaPart, MemoryPlan
from fitgraph.compiler_bridge.place_in_rooms import place_in_rooms
from fitgraph.compiler_bridge.place_in_rooms_exactly import place_in_rooms_exactly
from fitgraph.compiler_bridge.plan import (
    ARENA_MULTIPLE_BYTES,
    apart_bytes,
    arena_multiple,
    check_plan,
    plan_memory,
)
from fitgraph.compiler_bridge.program import Program
from fitgraph.compiler_bridge.rooms import Room, Rooms, slowness, traffic


def plan_over(program: Program, given: Sequence[Room]) -> MemoryPlan:
    """Places all values in the rooms.

    Args:
        given: the fastest first.

    Returns:
        A plan with the parts that something lies in, in the order of the rooms.

    Raises:
        ArenaRegionsError: the rooms do not hold the values, or no way was found.
        BridgeError: the plan contradicts itself (a defect of the planner).
    """
    rooms = Rooms(tuple(room for room in map(_whole, given) if room.capacity_bytes))
    whole = plan_memory(program)
    if rooms.all and whole.arena_bytes <= rooms.all[0].capacity_bytes:
        return _in_one(whole, rooms.all[0])
    layout = layout_of(program)
    offsets, bound = _placed(program, layout, rooms, whole)
    plan = replace(
        _trimmed(layout, rooms, offsets, bound), whole_bound_bytes=whole.whole_bound_bytes
    )
    check_plan(program, plan)
    return plan


def _whole(room: Room) -> Room:
    return Room(room.name, room.capacity_bytes // ARENA_MULTIPLE_BYTES * ARENA_MULTIPLE_BYTES)


def _in_one(plan: MemoryPlan, room: Room) -> MemoryPlan:
    return replace(plan, parts=(ArenaPart(room.name, plan.arena_bytes),))


def _placed(
    program: Program, layout: Layout, rooms: Rooms, whole: MemoryPlan
) -> tuple[Mapping[int, int], int]:
    """Offsets of the rooms side by side, and the bytes that they cannot do without."""
    _refuse_impossible(program, layout, rooms)
    heat = traffic(program, layout.blocks)
    quick = place_in_rooms(layout, rooms, heat, ARENA_MULTIPLE_BYTES)
    large = next((n for n, r in enumerate(rooms.all) if whole.arena_bytes <= r.capacity_bytes), -1)
    if quick is None and large >= 0:
        start = rooms.starts[large]
        quick = {key: start + offset for key, offset in whole.offsets.items()}
    bound = layout.lower_bound()
    if quick is not None and not slowness(rooms, quick, heat):
        return quick, bound
    found = place_in_rooms_exactly(layout, rooms, heat, quick, ARENA_MULTIPLE_BYTES)
    if found.offsets is None:
        raise _refusal(program, rooms, bound, is_impossible=found.is_impossible)
    shown = found.lower_bound_bytes
    return found.offsets, shown if shown >= bound + ARENA_MULTIPLE_BYTES else bound


def _refuse_impossible(program: Program, layout: Layout, rooms: Rooms) -> None:
    """What no planner could place: too much lives at once, or one value is larger than a room."""
    sizes = [room.capacity_bytes for room in rooms.all]
    largest = max((block.n_bytes for block in layout.blocks.values()), default=0)
    if layout.lower_bound() > sum(sizes) or largest > max(sizes, default=0):
        raise _refusal(program, rooms, layout.lower_bound(), is_impossible=True)


def _refusal(
    program: Program, rooms: Rooms, bound: int, *, is_impossible: bool
) -> ArenaRegionsError:
    told = ", ".join(f"{room.name} {room.capacity_bytes:,} B" for room in rooms.all) or "nothing"
    verb = "cannot be laid" if is_impossible else "could not be laid"
    return ArenaRegionsError(
        f"the arena of {program.name}, {bound:,} bytes at the least, {verb} into what its regions "
        f"leave: {told}",
        lower_bound_bytes=bound,
        is_impossible=is_impossible,
        hint="name more regions, reserve less of them, or try --arena-budget",
    )


def _trimmed(layout: Layout, rooms: Rooms, offsets: Mapping[int, int], bound: int) -> MemoryPlan:
    """The plan with each room as small as what lies in it, and none that is empty."""
    tops = [arena_multiple(top) for top in rooms.tops(layout, offsets)]
    moved = [sum(tops[:number]) - start for number, start in enumerate(rooms.starts[:-1])]
    return MemoryPlan(
        offsets={key: offset + moved[rooms.of(offset)] for key, offset in offsets.items()},
        arena_bytes=sum(tops),
        lower_bound_bytes=bound,
        apart_bytes=apart_bytes(layout),
        parts=tuple(
            ArenaPart(room.name, top) for room, top in zip(rooms.all, tops, strict=True) if top
        ),
    )
