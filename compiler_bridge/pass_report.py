"""What each pass changes of a model: steps, multiply-accumulates, weights and arena."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fitgraph.compiler_bridge.generate import lower, planned, within_budget
from fitgraph.compiler_bridge.passes.absorbed import absorptions
from fitgraph.compiler_bridge.passes.figures import (
    Figures,
    graph_figures,
    macs_by_label,
    program_figures,
)
from fitgraph.compiler_bridge.passes.pipeline import PASSES
from fitgraph.compiler_bridge.program import Program
from fitgraph.compiler_bridge.rooms import Room
from fitgraph.registry.model_graph import ModelGraph


@dataclass(frozen=True, slots=True)
class Effect:
    """A pass and what it did.

    Attributes:
        does: in one clause.
        operators: those of the model file that went, where they did.
    """

    name: str
    does: str
    before: Figures
    after: Figures
    operators: tuple[str, ...] = ()


def pass_report(
    graph: ModelGraph,
    arena_budget_bytes: int | None = None,
    rooms: Sequence[Sequence[Room]] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Effect, ...]:
    """All passes in their order; each begins where the one before ended.

    Args:
        rooms: choices of memory that the arena may lie in; see ``generate``.
        progress: is told the name of each pass before it is run.

    Raises:
        UnboundedShapeError: a dimension is symbolic.
        UnsupportedOperatorError: an operator cannot be compiled.
        ArenaBudgetError: nothing keeps the arena within the budget.
        ArenaRegionsError: the rooms do not hold the arena.
    """
    progress("lowering")
    program = lower(graph, lambda lowered: lowered)
    effects = list(_absorbing(graph, program))
    macs = macs_by_label(graph)
    figures = program_figures(program, macs)
    begun = effects[-1].after
    effects.append(Effect("kernels", "calls a kernel for what is left", begun, figures))
    for one in PASSES:
        progress(one.name)
        program = one.run(program)
        before, figures = figures, program_figures(program, macs)
        effects.append(Effect(one.name, one.does, before, figures))
    if arena_budget_bytes is not None:
        progress("patches")
        program = within_budget(program, arena_budget_bytes).program
        does = "runs the first layers in patches to meet the budget"
        before, figures = figures, program_figures(program, macs)
        effects.append(Effect("patches", does, before, figures))
    if rooms:
        progress("regions")
        effects.append(_spread(program, rooms, figures))
    return tuple(effects)


def _spread(program: Program, rooms: Sequence[Sequence[Room]], figures: Figures) -> Effect:
    """What it takes to lay the arena into rooms."""
    plan = planned(program, rooms)
    parts = ", ".join(f"{part.n_bytes:,} B of {part.room}" for part in plan.parts)
    after = replace(figures, arena_bytes=plan.arena_bytes)
    return Effect("regions", f"lays the arena into {parts}", figures, after)


def _absorbing(graph: ModelGraph, lowered: Program) -> Iterator[Effect]:
    """What lowering leaves to do: operator by operator, before there are kernels."""
    gone: frozenset[int] = frozenset()
    figures = graph_figures(graph, gone)
    for one in absorptions(graph, lowered):
        gone |= frozenset(one.positions)
        before, figures = figures, graph_figures(graph, gone)
        names = tuple(f"{graph.operators[place].op_type} #{place}" for place in one.positions)
        yield Effect(one.name, one.does, before, figures, names)
