"""Operators on constants that leave no step: half-precision and sparse weights become whole."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.registry.model_graph import DType, Operator


def lower_dequantize_half(operator: Operator, context: TfliteContext) -> None:
    """float16 to float32, which is exact."""
    halves = context.constant(operator, 0, "float16 input")
    if halves.dtype != np.float16 or context.output(operator).dtype is not DType.FLOAT32:
        raise context.refusal(operator, "it does not go from float16 to float32")
    context.alias_output(operator, halves.astype(np.float32))


def lower_densify(operator: Operator, context: TfliteContext) -> None:
    """The reader has made sparse constants dense."""
    context.alias_output(operator, context.constant(operator, 0, "sparse input"))


TABLE: LoweringTable = {
    "DEQUANTIZE": lowering(lower_dequantize_half, DType.FLOAT16, max_version=6),
    "DENSIFY": lowering(lower_densify, DType.FLOAT32, DType.FLOAT16, DType.INT8, max_version=1),
}
