"""Memory that parts of an arena may take, and what it costs to lie in the slower of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from fitgraph.compiler_bridge.layout import Layout
from fitgraph.compiler_bridge.program import Program


@dataclass(frozen=True, slots=True)
class Room:
    """What a memory region leaves for one part of an arena.

    Attributes:
        name: of the region.
        capacity_bytes: a multiple of 16.
    """

    name: str
    capacity_bytes: int


@dataclass(frozen=True, slots=True)
class Rooms:
    """Rooms side by side, as if the second began where the first ends.

    Attributes:
        all: the fastest first.
    """

    all: tuple[Room, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each begins, and behind them where the last one ends."""
        return tuple(accumulate((room.capacity_bytes for room in self.all), initial=0))

    def of(self, offset: int) -> int:
        """Number of the room that an offset lies in."""
        starts = self.starts[:-1]
        return max(index for index, start in enumerate(starts) if start <= offset)

    def tops(self, layout: Layout, offsets: Mapping[int, int]) -> tuple[int, ...]:
        """Bytes that each room needs with blocks at these offsets."""
        tops, starts = [0] * len(self.all), self.starts
        for key, offset in offsets.items():
            room = self.of(offset)
            tops[room] = max(tops[room], offset - starts[room] + layout.blocks[key].n_bytes)
        return tuple(tops)


def traffic(program: Program, keys: Iterable[int]) -> dict[int, int]:
    """Bytes of each value times the steps that read or write it: how hot it is."""
    touched = dict.fromkeys(keys, 0)
    for step in program.steps:
        for value in (*step.value_inputs, *step.outputs, *step.scratch):
            touched[value] += program.values[value].n_bytes
    return touched


def slowness(rooms: Rooms, offsets: Mapping[int, int], heat: Mapping[int, int]) -> int:
    """Traffic in each room times the number of faster rooms there are; 0 if all is in the first."""
    return sum(rooms.of(offset) * heat[key] for key, offset in offsets.items())
