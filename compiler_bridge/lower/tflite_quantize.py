"""QUANTIZE and DEQUANTIZE."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower import fixed_point as q
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator, Tensor

BYTES = (DType.INT8, DType.UINT8)
FLIP = 128  # what turns uint8 to int8
# Input dtypes to output dtypes that TFLM rescales.
RESCALED = {
    DType.INT8: (DType.INT16, DType.INT32),
    DType.INT16: (DType.INT8, DType.INT16, DType.INT32),
    DType.INT32: (DType.INT8, DType.INT16),
}


def lower_quantize(operator: Operator, context: TfliteContext) -> None:
    """float32 to int8 or int16, between 8-bit scales (a table), or between other integers."""
    source, output = context.tensor(operator, 0), context.output(operator)
    operand = context.operand(operator, 0)
    n = source.n_elements
    context.expect_shape(operator, source.static_shape)
    if source.dtype is DType.FLOAT32 and output.dtype in (DType.INT8, DType.INT16):
        to = context.quantization(operator, output)
        fields = {"scale": to.scale, "zero_point": to.zero_point, "n": n}
        kernel = "quantize_half_away" + ("" if output.dtype is DType.INT8 else "_s16")
        value = context.new_output(operator)
        context.builder.step(kernel, fields, (operand,), value, clearance_bytes=0)
        return
    if output.dtype in RESCALED.get(source.dtype, ()):
        _rescale(operator, context)
        return
    if source.dtype not in BYTES or output.dtype not in BYTES:
        raise context.refusal(operator, f"it goes from {source.dtype} to {output.dtype}")
    table = _requantization_table(operator, context)
    value = context.new_output(operator)
    context.builder.step(
        "lookup_s8", {"table": table, "n": n}, (operand,), value, clearance_bytes=0
    )


def _rescale(operator: Operator, context: TfliteContext) -> None:
    source, output = context.tensor(operator, 0), context.output(operator)
    from_q, to_q = (context.quantization(operator, tensor) for tensor in (source, output))
    multiplier, shift = q.quantize_multiplier(from_q.scale / to_q.scale)
    fields: dict[str, Field] = {
        "in_bytes": ITEM_BYTES[source.dtype],
        "out_bytes": ITEM_BYTES[output.dtype],
        "in_zero_point": from_q.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "out_zero_point": to_q.zero_point,
        "n": source.n_elements,
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("requantize_values", fields, inputs, context.new_output(operator))


def _requantization_table(operator: Operator, context: TfliteContext) -> Array:
    """Output byte for each input byte; the table is indexed by the byte read as int8, + 128."""
    source, output = context.tensor(operator, 0), context.output(operator)
    from_q, to_q = (context.quantization(operator, tensor) for tensor in (source, output))
    multiplier, shift = q.quantize_multiplier(from_q.scale / to_q.scale)
    limits = np.iinfo(output.dtype.value)
    inputs = np.arange(-128, 128).astype(np.int8).view(source.dtype.value)
    outputs = [
        q.multiply(int(x) - from_q.zero_point, multiplier, shift) + to_q.zero_point for x in inputs
    ]
    clipped = np.clip(outputs, limits.min, limits.max)
    return clipped.astype(output.dtype.value).view(np.int8)


def lower_dequantize(operator: Operator, context: TfliteContext) -> None:
    """int8, uint8 or int16 to float32."""
    source = context.tensor(operator, 0)
    from_q = context.quantization(operator, source)
    context.expect_shape(operator, source.static_shape)
    if context.output(operator).dtype is not DType.FLOAT32:
        raise context.refusal(operator, f"it goes to {context.output(operator).dtype}")
    operand, zero_point = context.operand(operator, 0), from_q.zero_point
    if source.dtype is DType.UINT8:
        operand, zero_point = _signed(operand, source, context), zero_point - FLIP
    fields = {"scale": from_q.scale, "zero_point": zero_point, "n": source.n_elements}
    kernel = "dequantize_s16" if source.dtype is DType.INT16 else "dequantize_s8"
    context.builder.step(kernel, fields, (operand,), context.new_output(operator))


def _signed(operand: Operand, source: Tensor, context: TfliteContext) -> Operand:
    """The bytes less 128."""
    if not isinstance(operand, int):
        return (operand ^ np.uint8(FLIP)).view(np.int8)
    shape = source.static_shape
    value = context.builder.value(f"{source.name} signed", shape, DType.INT8)
    fields = {"n": source.n_elements}
    context.builder.step("flip_sign", fields, (operand,), value, clearance_bytes=0)
    return value


TABLE: LoweringTable = {
    "QUANTIZE": lowering(
        lower_quantize, DType.FLOAT32, *BYTES, DType.INT16, DType.INT32, max_version=3
    ),
    "DEQUANTIZE": lowering(lower_dequantize, DType.INT8, DType.UINT8, DType.INT16, max_version=6),
}
