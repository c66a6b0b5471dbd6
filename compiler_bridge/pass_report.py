"""What each pass changes of a model: steps, multiply-accumulates, weights and arena."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fitgraph.compiler_bridge.generate import lower, within_budget
from fitgraph.compiler_bridge.passes.absorbed import absorptions
from fitgraph.compiler_bridge.passes.figures import (
    Figures,
    graph_figures,
    macs_by_label,
    program_figures,
)
from fitgraph.compiler_bridge.passes.pipeline import PASSES
from fitgraph.compiler_bridge.program import Program
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
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Effect, ...]:
    """All passes in their order; each begins where the one before ended.

    Args:
        progress: is told the name of each pass before it is run.

    Raises:
        UnboundedShapeError: a dimension is symbolic.
        UnsupportedOperatorError: an operator cannot be compiled.
        ArenaBudgetError: nothing keeps the arena within the budget.
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
        patched = within_budget(program, arena_budget_bytes).program
        does = "runs the first layers in patches to meet the budget"
        after = program_figures(patched, macs)
        effects.append(Effect("patches", does, figures, after))
    return tuple(effects)


def _absorbing(graph: ModelGraph, lowered: Program) -> Iterator[Effect]:
    """What lowering leaves to do: operator by operator, before there are kernels."""
    gone: frozenset[int] = frozenset()
    figures = graph_figures(graph, gone)
    for one in absorptions(graph, lowered):
        gone |= frozenset(one.positions)
        before, figures = figures, graph_figures(graph, gone)
        names = tuple(f"{graph.operators[place].op_type} #{place}" for place in one.positions)
        yield Effect(one.name, one.does, before, figures, names)
