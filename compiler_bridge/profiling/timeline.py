"""When each value lies where in the arena: what the plan says, without a build or a run."""

from __future__ import annotations

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.layout import layout_of
from fitgraph.compiler_bridge.lifetimes import lifetimes
from fitgraph.compiler_bridge.memory_plan import MemoryPlan
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.profiling.records import TensorLife, Timeline, TimelineStep
from fitgraph.compiler_bridge.profiling.savings import live_by_step
from fitgraph.compiler_bridge.program import Program
from fitgraph.registry.model_graph import ModelGraph


def timeline_of(graph: ModelGraph) -> Timeline:
    """The life of each value in the arena.

    Raises:
        UnsupportedOperatorError: the model cannot be compiled.
        UnboundedShapeError: a dimension is symbolic.
    """
    program = lower(graph)
    plan = plan_memory(program)
    live = live_by_step(layout_of(program), len(program.steps))
    return Timeline(
        model=graph.name,
        arena_bytes=plan.arena_bytes,
        lower_bound_bytes=plan.lower_bound_bytes,
        peak_step=max(range(len(live)), key=lambda index: live[index], default=0),
        steps=tuple(
            TimelineStep(index, step.label, live[index]) for index, step in enumerate(program.steps)
        ),
        tensors=lives_of(program, plan),
    )


def lives_of(program: Program, plan: MemoryPlan) -> tuple[TensorLife, ...]:
    """Values in the order of their places in the arena."""
    roles = {
        **{index: "state" for index, value in enumerate(program.values) if value.is_state},
        **{io.value: "output" for io in program.outputs},
        **{io.value: "input" for io in program.inputs},
    }
    lives = [
        TensorLife(
            name=program.values[index].name,
            offset_bytes=plan.offsets[index],
            n_bytes=block.n_bytes,
            first_step=block.first_step,
            last_step=block.last_step,
            role=roles.get(index, ""),
        )
        for index, block in lifetimes(program).items()
    ]
    return tuple(sorted(lives, key=lambda one: (one.offset_bytes, one.first_step)))
