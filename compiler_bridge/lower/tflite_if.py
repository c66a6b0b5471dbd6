"""IF: one of two subgraphs runs, as a value tells when the model runs."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_called import (
    expect_alike,
    expect_held,
    put,
    runs,
    truth_of,
)
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_needed import is_used, needed_of
from fitgraph.compiler_bridge.program import RegionKind
from fitgraph.registry.model_graph import Operator


def lower_if(operator: Operator, context: TfliteContext) -> None:
    """Both branches become C; of a constant condition, one does."""
    branches = runs(operator, context)
    for index in branches:
        _check(operator, context, index)
    condition, label = context.operand(operator, 0), context.builder.label
    used = [n for n, index in enumerate(operator.outputs) if is_used(context.graph, index)]
    if not isinstance(condition, int):
        _run_one(operator, context, branches[0] if condition.reshape(-1)[0] else branches[1], used)
        return
    values = {place: context.new_output(operator, place) for place in used}
    for index, kind in zip(branches, (RegionKind.IF, RegionKind.ELSE), strict=True):
        with context.builder.within(kind, condition=condition):
            branch = _run(operator, context, index, used)
            context.builder.label = label
            for place, value in values.items():
                put(context, branch.operand_of(branch.graph.outputs[place]), value)


def _run_one(operator: Operator, context: TfliteContext, index: int, used: list[int]) -> None:
    branch = _run(operator, context, index, used)
    for place in used:
        context.operands[operator.outputs[place]] = branch.operand_of(branch.graph.outputs[place])


def _run(operator: Operator, context: TfliteContext, index: int, used: list[int]) -> TfliteContext:
    branch = context.inside(index)
    branch.take(context, operator.inputs[1:])
    wanted = [branch.graph.outputs[place] for place in used]
    branch.lower(needed_of(context.parts, branch.graph, wanted, {}).positions)
    return branch


def _check(operator: Operator, context: TfliteContext, index: int) -> None:
    """The subgraph takes and yields what the operator does.

    Raises:
        UnsupportedOperatorError: it does not.
    """
    part = context.parts[index]
    truth_of(operator, context, context.graph, context.input_index(operator, 0))
    given = operator.inputs[1:]
    pairs = (("input", given, part.inputs), ("output", operator.outputs, part.outputs))
    for what, outer, inner in pairs:
        if len(outer) != len(inner):
            raise context.refusal(
                operator, f"it has {len(outer)} {what}s where subgraph {index} has {len(inner)}"
            )
        for place, (one, other) in enumerate(zip(outer, inner, strict=True)):
            ends = ((f"{what} {place}", context.graph, one), (f"subgraph's {what}", part, other))
            expect_alike(operator, context, ends)
    for one in operator.outputs:
        expect_held(operator, context, context.graph, one)


TABLE: LoweringTable = {"IF": lowering(lower_if, max_version=1)}
