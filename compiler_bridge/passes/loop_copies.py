"""Lets the body of a loop write what it keeps for the next round where the next round reads it.

A body's output is copied to the loop's variable when all of the body has run. Where nothing reads
the variable any more once its successor is being written, the successor is written in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fitgraph.compiler_bridge.program import Program, Step
from fitgraph.compiler_bridge.regions import Span, regions_around, spans, uses


def without_loop_copies(program: Program) -> Program:
    """The program without the copies that it can do without."""
    place = 0
    while program.regions and place < len(program.steps):
        found = _in_place(program, place)
        if found is None:
            place += 1
        else:
            program = found
            place = 0
    return program


def _in_place(program: Program, place: int) -> Program | None:
    """The program with a value in the place that a step copies it to; None if it must not be."""
    step = program.steps[place]
    if step.region is None or not _is_plain_copy(program, step):
        return None
    (source,), (target,) = step.value_inputs, step.outputs
    fixed = {io.value for io in (*program.inputs, *program.outputs)}
    if source in fixed or program.values[source].is_state or program.values[target].is_state:
        return None
    span = next(one for one in spans(program) if one.region == step.region)
    used = uses(program)
    if not all(span.first <= at <= place for at in used[source]) or used[source][-1] != place:
        return None
    first = _from_outside(program, span, used[source][0])
    between = [at for at in used[target] if first <= at < place]
    if between and (between != [first] or not _may_overwrite(program.steps[first], target)):
        return None
    return _renamed(program, source, target)


def _from_outside(program: Program, span: Span, position: int) -> int:
    """Where the outermost region within the span begins that a position lies in."""
    around = list(regions_around(program, program.steps[position].region))
    inside = around[: around.index(span.region)]
    if not inside:
        return position
    return next(one.first for one in spans(program) if one.region == inside[-1])


def _may_overwrite(step: Step, target: int) -> bool:
    """Whether the step may write over that value as it reads it."""
    if step.value_inputs.count(target) != 1:
        return False
    return (step.overwritable == target and step.clearance_bytes == 0) or _moves_nothing(step)


def _moves_nothing(step: Step) -> bool:
    """Whether the step copies one run from the beginning to the beginning."""
    fields: Mapping[str, object] = step.fields
    return (
        step.kernel == "copy_nd"
        and fields["size"] == (1, 1, 1, 1)
        and not fields["in_offset"]
        and not fields["out_offset"]
    )


def _is_plain_copy(program: Program, step: Step) -> bool:
    """Whether the step copies all of one value to all of another of its size."""
    if not step.value_inputs or not _moves_nothing(step):
        return False
    values = [program.values[one] for one in (*step.value_inputs, *step.outputs)]
    return {value.n_bytes for value in values} == {step.fields["run"]}


def _renamed(program: Program, source: int, target: int) -> Program:
    """The program with one value for both."""
    name = {source: target}
    steps = (
        replace(
            step,
            inputs=tuple(
                name.get(one, one) if isinstance(one, int) else one for one in step.inputs
            ),
            outputs=tuple(name.get(one, one) for one in step.outputs),
            scratch=tuple(name.get(one, one) for one in step.scratch),
        )
        for step in program.steps
    )
    regions = (
        replace(region, condition=target) if region.condition == source else region
        for region in program.regions
    )
    kept = tuple(step for step in steps if not _is_idle(step, target))
    return replace(program, steps=kept, regions=tuple(regions))


def _is_idle(step: Step, value: int) -> bool:
    """Whether the step copies a value onto itself."""
    alike: Sequence[object] = (*step.inputs, *step.outputs)
    return _moves_nothing(step) and all(isinstance(one, int) and one == value for one in alike)
