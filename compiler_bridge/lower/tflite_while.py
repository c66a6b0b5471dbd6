"""WHILE: a subgraph runs again and again on its own outputs, for as long as another says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.lower.movement import copy, dense
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_called import (
    expect_alike,
    expect_held,
    put,
    runs,
    truth_of,
)
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_needed import Needed, is_used, needed_of
from fitgraph.compiler_bridge.lower.tflite_set_item import set_items
from fitgraph.compiler_bridge.program import Array, RegionKind
from fitgraph.registry.model_graph import ModelGraph, Operator
from fitgraph.registry.tflite_calls import called_by
from fitgraph.registry.tflite_course import MOST_NUMBERS, Course, Numbers, course_of


@dataclass(frozen=True, slots=True)
class _Loop:
    """A WHILE that is checked.

    Attributes:
        kept: places of its variables that change from round to round and have a use.
        test: what of the condition runs; None where the rounds are counted instead.
        body: what of the body runs.
        replaced: operators of the body that become others, by position.
    """

    operator: Operator
    condition: int
    body_index: int
    course: Course
    kept: tuple[int, ...]
    test: Needed | None
    body: Needed
    replaced: Mapping[int, Operator]


def lower_while(operator: Operator, context: TfliteContext) -> None:
    """A loop in C, counted where constants prove how often it runs."""
    condition, body = runs(operator, context)
    _check(operator, context, condition, body)
    course = course_of(context.parts, operator, _known(operator, context))
    if course.is_endless:
        raise context.refusal(operator, "its condition never changes, so that it never ends")
    if course.trips == 0:
        _hand_through(operator, context, range(len(operator.outputs)))
        return
    loop = _loop(operator, context, course)
    label = context.builder.label
    values = _started(loop, context)
    with context.builder.within(RegionKind.REPEATED, trips=course.trips):
        if loop.test is None:
            _round(loop, context, values, label)
        else:
            test = _opened(loop, context, loop.condition, values)
            test.lower(loop.test.positions)
            truth = test.operand_of(test.graph.outputs[0])
            if not isinstance(truth, int):
                raise context.refusal(operator, "its condition is a constant")
            context.builder.label = label
            with context.builder.within(RegionKind.GOING_ON, condition=truth):
                _round(loop, context, values, label)
    context.operands.update({operator.outputs[place]: one for place, one in values.items()})
    _hand_through(operator, context, [p for p in range(len(operator.outputs)) if p not in values])


def _loop(operator: Operator, context: TfliteContext, course: Course) -> _Loop:
    condition, index = called_by(operator)
    body = context.parts[index]
    replaced = set_items(body, course.rounds)
    used = {p for p, one in enumerate(operator.outputs) if is_used(context.graph, one)}
    test = None
    if course.trips is None:
        part = context.parts[condition]
        test = needed_of(context.parts, part, part.outputs, {})
        used |= {place for place, one in enumerate(part.inputs) if one in test.tensors}
    needed = _settled(context.parts, body, used, replaced)
    kept = tuple(p for p in sorted(used) if body.outputs[p] != body.inputs[p])
    for place in kept:
        expect_held(operator, context, body, body.inputs[place])
    return _Loop(operator, condition, index, course, kept, test, needed, replaced)


def _settled(
    parts: Sequence[ModelGraph], body: ModelGraph, used: set[int], replaced: Mapping[int, Operator]
) -> Needed:
    """What the used variables need of the body; ``used`` grows by those that the body reads."""
    while True:
        needed = needed_of(parts, body, [body.outputs[place] for place in used], replaced)
        more = {p for p, one in enumerate(body.inputs) if one in needed.tensors} - used
        if not more:
            return needed
        used |= more


def _started(loop: _Loop, context: TfliteContext) -> dict[int, int]:
    """For each variable that is kept its value, which starts as what the loop is given."""
    part, values = context.parts[loop.body_index], {}
    for place in loop.kept:
        tensor = part.tensors[part.inputs[place]]
        value = context.builder.value(tensor.name, tensor.static_shape, tensor.dtype)
        put(context, context.operand(loop.operator, place), value)
        values[place] = value
    return values


def _opened(
    loop: _Loop, context: TfliteContext, index: int, values: Mapping[int, int]
) -> TfliteContext:
    """A subgraph on the loop's variables."""
    inner = context.inside(index)
    inner.take(context, loop.operator.inputs)
    inner.operands.update({inner.graph.inputs[place]: one for place, one in values.items()})
    return inner


def _round(loop: _Loop, context: TfliteContext, values: Mapping[int, int], label: str) -> None:
    """The body, and its outputs taken over for the next round: all at once, as they may swap."""
    builder = context.builder
    first = len(builder.steps)
    body = _opened(loop, context, loop.body_index, values)
    body.lower(loop.body.positions, loop.replaced)
    builder.label = label
    outputs = {p: body.operand_of(body.graph.outputs[p]) for p in loop.kept}
    kept = set(values.values())
    for place, source in outputs.items():
        if isinstance(source, int) and source in kept and source != values[place]:
            held = builder.values[source]
            aside = builder.value(f"{held.name} before", held.shape, held.dtype)
            copy(builder, source, dense(held.shape), aside, dense(held.shape), held.shape)
            outputs[place] = aside
    for place, source in outputs.items():
        if not isinstance(source, int) or source != values[place]:
            put(context, source, values[place])
    if len(builder.steps) == first:
        raise context.refusal(loop.operator, "its body changes nothing, so that it never ends")


def _hand_through(operator: Operator, context: TfliteContext, places: Sequence[int]) -> None:
    """Outputs that are what the loop was given; those that nobody reads may be anything."""
    for place in places:
        given, output = context.input_index(operator, place), operator.outputs[place]
        if given in context.handles:
            context.handles[output] = context.handles[given]
        elif is_used(context.graph, output):
            context.operands[output] = context.operand_of(given)


def _known(operator: Operator, context: TfliteContext) -> dict[int, Numbers]:
    """Numbers of the small integers that are constants where the loop stands."""
    given = {index: _constant(context, index) for index in operator.inputs if index is not None}
    return {
        index: tuple(int(number) for number in array.reshape(-1))
        for index, array in given.items()
        if array is not None and array.size <= MOST_NUMBERS and array.dtype.kind in "ib"
    }


def _constant(context: TfliteContext, index: int) -> Array | None:
    operand = context.operands.get(index, context.graph.tensors[index].data)
    return None if isinstance(operand, int) else operand


def _check(operator: Operator, context: TfliteContext, condition: int, body: int) -> None:
    """Both subgraphs take the loop's variables, and the body yields them.

    Raises:
        UnsupportedOperatorError: they do not.
    """
    test, part, n = context.parts[condition], context.parts[body], len(operator.inputs)
    lists = {
        "outputs": operator.outputs,
        "condition's inputs": test.inputs,
        "body's inputs": part.inputs,
        "body's outputs": part.outputs,
    }
    for what, indices in lists.items():
        if len(indices) != n:
            raise context.refusal(operator, f"it has {n} inputs, but {len(indices)} {what}")
    if len({*part.inputs}) != n or len({*test.inputs}) != n:
        raise context.refusal(operator, "its subgraphs take a tensor twice")
    if len(test.outputs) != 1:
        raise context.refusal(operator, f"its condition has {len(test.outputs)} outputs")
    truth_of(operator, context, test, test.outputs[0])
    for place in range(n):
        ends = (
            (f"input {place}", context.graph, operator.inputs[place]),
            ("condition's input", test, test.inputs[place]),
            ("body's input", part, part.inputs[place]),
            ("body's output", part, part.outputs[place]),
            ("output", context.graph, operator.outputs[place]),
        )
        expect_alike(operator, context, ends)


TABLE: LoweringTable = {"WHILE": lowering(lower_while, max_version=1)}
