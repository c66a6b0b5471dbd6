"""Constraints that hold only because somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from fitgraph.matcher import timing
from fitgraph.matcher.contradiction import contradicting_clocks
from fitgraph.matcher.demand import Demand
from fitgraph.matcher.doubt import with_doubt
from fitgraph.matcher.facts import InstructionCount, ModelNeeds
from fitgraph.matcher.sensing import input_, sensors
from fitgraph.matcher.timing import Interval, Timing
from fitgraph.matcher.verdict import Constraint
from fitgraph.registry.board import Board

# What runs as often as data say, unless the model's work is known.
_BY_DATA: Final = frozenset({"tflite:IF", "tflite:WHILE"})


def demanded(
    model: ModelNeeds,
    board: Board,
    runtime: str,
    demand: Demand,
    counts: Sequence[InstructionCount] = (),
    clock: Timing | None = None,
) -> Iterator[Constraint]:
    """What is demanded of a pair, each as a constraint.

    Args:
        counts: of instructions of this model under this runtime, by ISA class.
        clock: tells time and energy, if somebody can.
    """
    for wanted in (sensors(board, demand), input_(model, demand)):
        if wanted is not None:
            yield wanted
    if demand.deadline_ms is not None:
        told = clock.latency_ms(model, board, runtime) if clock else None
        shown = counted(model, board, counts)
        found = timing.deadline(demand.deadline_ms, narrowed(told, shown))
        yield replace(found, message=with_doubt(found.message, contradicting_clocks(board)))
    if demand.energy_uj is not None:
        told = clock.energy_uj(model, board, runtime) if clock else None
        yield timing.energy(demand.energy_uj, told)


def counted(model: ModelNeeds, board: Board, counts: Sequence[InstructionCount]) -> Interval | None:
    """The interval that instruction counts of the board's ISA class give; the fewest count.

    None of a model whose loops run as often as data say: on others it may take fewer.
    """
    own = [one for one in counts if one.isa_class == board.isa_class]
    if not own or not _takes_the_same_steps(model):
        return None
    fewest = min(own, key=lambda one: (one.instructions, one.source))
    return timing.latency_of_instructions(fewest.instructions, board, fewest.source)


def _takes_the_same_steps(model: ModelNeeds) -> bool:
    used = {use.operator for use in model.operators}
    return model.macs is not None or used.isdisjoint(_BY_DATA)


def narrowed(told: Interval | None, bound: Interval | None) -> Interval | None:
    """What a calibrated model tells, not below what instructions show.

    Where they show that it tells too little, nothing says how much is enough.
    """
    if told is None or bound is None:
        return told or bound
    if bound.low <= told.low:
        return told
    high = None if told.high is None or told.high < bound.low else told.high
    return replace(told, low=bound.low, high=high, low_is_bound=True)
