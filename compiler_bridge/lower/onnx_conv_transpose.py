"""ConvTranspose in one and two dimensions, on float32."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View, channels_last
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import DType, Operator


def lower_conv_transpose(operator: Operator, context: OnnxContext) -> None:
    """Weights are in_c x out_c x spatial, constant or computed."""
    source, weights = (context.float_view(operator, i) for i in (0, 1))
    n = len(source.shape) - 2
    if n not in (1, 2) or len(weights.shape) != n + 2:
        raise context.refusal(operator, f"it works on {n} spatial axes, not one or two")
    attributes = operator.attributes
    in_c, out_c, *kernel = weights.shape
    spread = [int(x) for x in attributes.get("dilations", (1,) * n)]
    if int(attributes.get("group", 1)) != 1 or set(spread) != {1} or in_c != source.shape[1]:
        raise context.refusal(operator, "it is dilated, or its channels lie in groups")
    strides = [int(x) for x in attributes.get("strides", (1,) * n)]
    shape = context.output_shape(operator)
    if len(strides) != n or min(strides) < 1 or shape[:2] != (source.shape[0], out_c):
        raise context.refusal(operator, f"it yields {list(shape)} with strides {strides}")
    pads = _pads(operator, context, source.shape[2:], kernel, strides)
    fields = _fields(source.shape, shape, kernel, strides, pads)
    order = channels_last(n + 2)
    data = context.in_order(source, order).operand
    filters = context.in_order(weights, (1, *range(2, n + 2), 0)).operand
    bias: Operand = np.zeros(out_c, np.float32)
    if context.has_input(operator, 2):
        given = context.float_view(operator, 2)
        if given.shape != (out_c,):
            raise context.refusal(operator, f"its bias has shape {list(given.shape)}")
        bias = given.operand
    low, high, last = context.fuse_clip(operator)
    layer = {**fields, "weights": "NULL", "bias": "NULL", "low": low, "high": high}
    value = context.new_value(operator, tuple(shape[axis] for axis in order), DType.FLOAT32)
    inputs = (data, filters, bias)
    context.builder.step("transpose_conv_computed_f32", {"layer": layer}, inputs, value)
    context.bind(last, View(value, shape, order))


def _pads(
    operator: Operator,
    context: OnnxContext,
    sizes: tuple[int, ...],
    kernel: list[int],
    strides: list[int],
) -> list[int]:
    """Padding before each axis; what the file says of the output's size decides where it can."""
    attributes, n = operator.attributes, len(sizes)
    auto = str(attributes.get("auto_pad", "NOTSET"))
    if auto == "NOTSET" and "output_shape" not in attributes:
        pads = [int(pad) for pad in attributes.get("pads", (0,) * (2 * n))]
        if len(pads) != 2 * n or min(pads) < 0:
            raise context.refusal(operator, f"its pads are {pads}")
        return pads[:n]
    if auto == "VALID":
        return [0] * n
    added = [int(x) for x in attributes.get("output_padding", (0,) * n)]
    before = []
    for i, out in enumerate(context.output_shape(operator)[2:]):
        total = max(strides[i] * (sizes[i] - 1) + added[i] + kernel[i] - out, 0)
        before.append(total // 2 if auto == "SAME_UPPER" else total - total // 2)
    return before


def _fields(
    given: tuple[int, ...],
    shape: tuple[int, ...],
    kernel: list[int],
    strides: list[int],
    pads: list[int],
) -> dict[str, Field]:
    """A one-dimensional layer has one row."""

    def two(values: tuple[int, ...] | list[int], first: int) -> tuple[int, int]:
        return (first, values[0]) if len(values) == 1 else (values[0], values[1])

    fields: dict[str, Field] = {"batch": given[0], "in_c": given[1], "out_c": shape[1]}
    for name, values, first in (
        ("in", given[2:], 1),
        ("out", shape[2:], 1),
        ("kernel", kernel, 1),
        ("stride", strides, 1),
        ("pad", pads, 0),
    ):
        fields[f"{name}_h"], fields[f"{name}_w"] = two(values, first)
    return fields


TABLE: LoweringTable = {
    "ConvTranspose": lowering(lower_conv_transpose, DType.FLOAT32, max_version=22),
}
