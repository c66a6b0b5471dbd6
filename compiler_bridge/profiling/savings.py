"""What could be saved next, computed from a profile's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fitgraph.compiler_bridge.layout import Layout, layout_of
from fitgraph.compiler_bridge.lifetimes import live_bytes
from fitgraph.compiler_bridge.profiling.records import Saving, StepFigures
from fitgraph.compiler_bridge.program import Program

# A saving below this share of the total is not worth a line.
_LEAST_SHARE = 0.005
_MOST_SAVINGS = 5


def instruction_savings(steps: Sequence[StepFigures], instructions: int) -> tuple[Saving, ...]:
    """Steps that need more for a MAC than the best step of the model does, the largest first.

    The best is sought among the same kernel's steps where there are several, else among all.
    """
    found = [
        saving
        for step in steps
        for saving in [_instruction_saving(step, steps, instructions)]
        if saving is not None
    ]
    return tuple(sorted(found, key=lambda one: (-one.amount, one.step))[:_MOST_SAVINGS])


def _instruction_saving(
    step: StepFigures, steps: Sequence[StepFigures], instructions: int
) -> Saving | None:
    rate = step.instructions_per_mac
    if rate is None or not step.macs:
        return _without_macs(step, instructions)
    peers = [one for one in steps if one.kernel == step.kernel and one is not step]
    best = _best(peers) or _best(one for one in steps if one is not step)
    if best is None or best.instructions_per_mac is None:
        return None
    least = best.instructions_per_mac
    amount = round((rate - least) * step.macs)
    if amount < _LEAST_SHARE * instructions:
        return None
    return Saving(
        what="instructions",
        step=step.index,
        amount=amount,
        share=amount / instructions,
        reason=f"{step.operator} ({step.kernel}) takes {rate:.2f} instructions a MAC, "
        f"{best.operator} ({best.kernel}) {least:.2f}",
    )


def _without_macs(step: StepFigures, instructions: int) -> Saving | None:
    """A step that computes no product: all of it, if another form of the model spares it."""
    if step.macs != 0 or step.instructions < 10 * _LEAST_SHARE * instructions:
        return None
    return Saving(
        what="instructions",
        step=step.index,
        amount=step.instructions,
        share=step.instructions / instructions,
        reason=f"{step.operator} ({step.kernel}) has no MAC, yet takes "
        f"{step.instructions / instructions:.0%} of all instructions",
    )


def _best(steps: Iterable[StepFigures]) -> StepFigures | None:
    rated = [(one.instructions_per_mac, one.index, one) for one in steps if one.macs]
    return min((item for item in rated if item[0] is not None), default=(0, 0, None))[2]


def arena_savings(program: Program, arena_bytes: int) -> tuple[Saving, ...]:
    """Outputs that, written over an input that dies in the same step, would lower the bound."""
    layout = layout_of(program)
    bound = layout.lower_bound()
    found = []
    for index, step in enumerate(program.steps):
        for output in step.outputs:
            for source in dict.fromkeys(step.value_inputs):
                least = _bound_in_place(layout, output, source, index)
                if least is not None and bound - least >= max(16, _LEAST_SHARE * arena_bytes):
                    found.append(_arena_saving(program, index, output, source, bound - least))
    return tuple(
        replace(one, share=one.amount / arena_bytes)
        for one in sorted(found, key=lambda one: (-one.amount, one.step))[:_MOST_SAVINGS]
    )


def _bound_in_place(layout: Layout, output: int, source: int, step: int) -> int | None:
    """The lower bound if the output began where the input begins; None if it cannot."""
    blocks = layout.blocks
    if blocks[source].last_step != step or blocks[output].first_step != step:
        return None
    free = {**layout.clearances, (output, source): 0}
    return Layout(blocks, free).lower_bound()


def _arena_saving(program: Program, index: int, output: int, source: int, amount: int) -> Saving:
    step = program.steps[index]
    return Saving(
        what="arena",
        step=index,
        amount=amount,
        share=0.0,
        reason=f"{program.values[output].name} written over {program.values[source].name} by "
        f"{step.label} ({step.kernel}) would need {amount:,} bytes less at the peak",
    )


def live_by_step(layout: Layout, n_steps: int) -> list[int]:
    """Bytes of all values that are needed at each step."""
    changes = dict(live_bytes(layout.blocks))
    live, current = [], changes.get(-1, 0)
    for step in range(n_steps):
        current = changes.get(step, current)
        live.append(current)
    return live
