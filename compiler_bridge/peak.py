"""Where the memory of a model peaks: which operator runs then, and which values are alive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.lifetimes import Block, lifetimes
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Program
from fitgraph.matcher.explanation import LiveTensor, Moment, Peak
from fitgraph.registry.model_graph import ModelGraph

#: Tensors that are told of the peak.
MOST_TENSORS = 8


def peak_of(graph: ModelGraph) -> Peak:
    """The step at which most bytes are alive, the first of several.

    Raises:
        UnsupportedOperatorError: the model cannot be compiled.
        UnboundedShapeError: a dimension is symbolic.
    """
    program = lower(graph)
    lives = lifetimes(program)
    live = [_live_bytes(lives.values(), step) for step in range(len(program.steps))]
    step = live.index(max(live)) if live else 0
    return Peak(
        operator=program.steps[step].label if live else "",
        live_bytes=max(live, default=0),
        arena_bytes=plan_memory(program).arena_bytes,
        tensors=_tensors(program, lives, step),
        timeline=_timeline(program, live),
    )


def _tensors(program: Program, lives: Mapping[int, Block], step: int) -> tuple[LiveTensor, ...]:
    alive = [
        LiveTensor(program.values[index].name, life.n_bytes)
        for index, life in lives.items()
        if life.first_step <= step <= life.last_step
    ]
    return tuple(sorted(alive, key=lambda one: (-one.n_bytes, one.name))[:MOST_TENSORS])


def _timeline(program: Program, live: Sequence[int]) -> tuple[Moment, ...]:
    return tuple(
        Moment(step.label, n_bytes) for step, n_bytes in zip(program.steps, live, strict=True)
    )


def _live_bytes(lives: Iterable[Block], step: int) -> int:
    return sum(life.n_bytes for life in lives if life.first_step <= step <= life.last_step)
