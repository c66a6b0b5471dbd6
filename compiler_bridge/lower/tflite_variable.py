"""Variable tensors of TFLite: state that an operator reads and writes, kept between inferences."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_state import reset_to
from fitgraph.registry.model_graph import DType, Operator


def variable(operator: Operator, context: TfliteContext, position: int, dtype: DType) -> int:
    """The value of a variable input; it starts as zeros, int8 as its zero point (TFLM)."""
    index = context.input_index(operator, position)
    tensor = context.graph.tensors[index]
    if not tensor.is_variable or tensor.dtype is not dtype:
        raise context.refusal(operator, f"its input {position} is no variable of {dtype}")
    if index not in context.operands:
        value = context.builder.value(tensor.name, tensor.static_shape, dtype, is_state=True)
        start = context.quantization(operator, tensor).zero_point if dtype is DType.INT8 else 0
        reset_to(context, value, np.array(start, dtype.value))
        context.operands[index] = value
    found = context.operands[index]
    if not isinstance(found, int):
        raise context.refusal(operator, f"its input {position} is a constant")
    return found
