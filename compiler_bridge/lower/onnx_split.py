"""Split, on floats and on integers."""

from __future__ import annotations

from dataclasses import replace

from fitgraph.compiler_bridge.lower.movement import copy, dense
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_movement import MOVED
from fitgraph.compiler_bridge.lower.onnx_views import Integers, Numbers
from fitgraph.compiler_bridge.lower.sliced import sliced
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.registry.model_graph import Operator


def lower_split(operator: Operator, context: OnnxContext) -> None:
    """Parts along an axis, as long as the outputs are."""
    view, entry = context.view(operator, 0), context.entry(operator, 0)
    rank = len(view.shape)
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), rank)
    if context.has_input(operator, 1):
        context.integers(operator, 1, "list of lengths")  # must be constant
    at = 0
    for position in range(len(operator.outputs)):
        n = context.output_shape(operator, position)[axis]
        chosen = [slice(None)] * rank
        chosen[axis] = slice(at, at + n)
        layout, sizes = sliced(view.memory_shape, tuple(chosen[a] for a in view.order))
        dtype = context.builder.dtype_of(view.operand)
        value = context.builder.value(f"{context.builder.label} part", sizes, dtype)
        copy(context.builder, view.operand, layout, value, dense(sizes), sizes)
        shape = tuple(sizes[view.order.index(a)] for a in range(rank))
        part = replace(view, operand=value, shape=shape)
        bound = replace(entry, view=part) if isinstance(entry, Integers | Numbers) else part
        context.bind(operator, bound, position)
        at += n
    if at != view.shape[axis]:
        raise context.refusal(operator, f"its parts take {at} of {view.shape[axis]}")


TABLE: LoweringTable = {
    "Split": lowering(lower_split, *MOVED, max_version=18),
}
