"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
    int8_bounds,
)
from fitgraph.compiler_bridge.lower.tflite_windows import window_axis
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator


def lower_average_pool(operator: Operator, context: TfliteContext) -> None:
    """The scale must not change; TFLite does not rescale averages."""
    lower_pool(operator, context, "average_divide_s8", average=1)


def lower_max_pool(operator: Operator, context: TfliteContext) -> None:
    """The scale must not change."""
    lower_pool(operator, context, "max_pool_s8", average=0)


def lower_pool(operator: Operator, context: TfliteContext, kernel: str, average: int) -> None:
    """A window over rows and columns, by the kernel that is named unless data are float32."""
    source, output = context.tensor(operator, 0), context.output(operator)
    fields, (rows, columns) = pool_fields(operator, context)
    if source.dtype is DType.FLOAT32:
        kernel = "pool_f32"
        low, high = float_bounds(context, operator)
        fields |= {"average": average, "low": low, "high": high, **dilations(rows, columns)}
    else:
        quantization = context.quantization(operator, output)
        if quantization != context.quantization(operator, source):
            raise context.refusal(operator, "its output is scaled differently from its input")
        low8, high8 = int8_bounds(context, operator, quantization)
        fields |= {"low": low8, "high": high8}
        fields |= dilations(rows, columns) if average == 0 else {}
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def pool_fields(
    operator: Operator, context: TfliteContext
) -> tuple[dict[str, Field], tuple[Axis, Axis]]:
    """Sizes, strides and padding, and the window over rows and columns."""
    source = context.tensor(operator, 0)
    if len(source.shape) != 4:
        raise context.refusal(operator, f"its input has {len(source.shape)} dimensions, not four")
    context.expect_one_dtype(operator, 0)
    batch, in_h, in_w, channels = source.static_shape
    height = context.positive(operator, "filter_height")
    width = context.positive(operator, "filter_width")
    rows = window_axis(operator, context, "h", in_h, height)
    columns = window_axis(operator, context, "w", in_w, width)
    context.expect_shape(operator, (batch, rows.out, columns.out, channels))
    fields: dict[str, Field] = {"batch": batch, "channels": channels, **geometry(rows, columns)}
    return fields, (rows, columns)


TABLE: LoweringTable = {
    "AVERAGE_POOL_2D": lowering(lower_average_pool, *INT8_AND_FLOAT, max_version=2),
    "MAX_POOL_2D": lowering(lower_max_pool, *INT8_AND_FLOAT, max_version=2),
}
