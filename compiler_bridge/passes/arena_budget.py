"""The cheapest way to run a program's first layers in patches so that its arena meets a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.layout import layout_of
from fitgraph.compiler_bridge.passes.patches import (
    Cut,
    cuts,
    extra_macs,
    in_patches,
    leading_chain,
)
from fitgraph.compiler_bridge.passes.row_steps import RowStep
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Program

# Cuts whose arenas are planned to tell the smallest; the exact planner may take seconds for each.
MOST_PLANS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Patched:
    """A program that meets a budget.

    Attributes:
        cut: what is run in patches; None where the program met the budget as it was.
        layers: the operators that are run in patches.
        extra_macs: multiply-accumulates that an inference does more.
        arena_bytes: of the program.
    """

    program: Program
    cut: Cut | None
    layers: tuple[str, ...]
    extra_macs: int
    arena_bytes: int


@dataclass(frozen=True, slots=True)
class SmallestArena:
    """What a program cannot go below, by any of the patches that were tried."""

    arena_bytes: int


def meet_budget(program: Program, budget_bytes: int) -> Patched | SmallestArena:
    """The program with the patches that cost least among those that meet the budget.

    Args:
        program: with its clearances, in its order.
        budget_bytes: of the arena.
    """
    before = plan_memory(program).arena_bytes
    if before <= budget_bytes:
        return Patched(program, None, (), 0, before)
    chain = leading_chain(program)
    bounds: list[tuple[int, Cut]] = []
    for cut, bound in _by_cost(program, chain):
        bounds.append((bound, cut))
        if bound <= budget_bytes:
            found = _patched(program, chain, cut)
            if found.arena_bytes <= budget_bytes:
                return found
    bounds.sort(key=lambda one: one[0])
    return SmallestArena(_least(program, chain, bounds, before))


def _by_cost(program: Program, chain: Sequence[RowStep]) -> Iterator[tuple[Cut, int]]:
    """All cuts, the cheapest first, each with a bound that its arena cannot be below."""
    for cut in sorted(cuts(chain), key=lambda cut: (extra_macs(chain, cut), cut.n_layers)):
        yield cut, layout_of(in_patches(program, chain, cut)).lower_bound()


def _patched(program: Program, chain: Sequence[RowStep], cut: Cut) -> Patched:
    made = in_patches(program, chain, cut)
    return Patched(
        program=made,
        cut=cut,
        layers=tuple(one.step.label for one in chain[: cut.n_layers]),
        extra_macs=extra_macs(chain, cut),
        arena_bytes=plan_memory(made).arena_bytes,
    )


def _least(
    program: Program, chain: Sequence[RowStep], bounds: Sequence[tuple[int, Cut]], smallest: int
) -> int:
    """The smallest arena of the cuts with the lowest bounds."""
    for bound, cut in bounds[:MOST_PLANS]:
        if bound >= smallest:
            break
        smallest = min(smallest, _patched(program, chain, cut).arena_bytes)
    return smallest
