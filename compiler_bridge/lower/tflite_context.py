"""What the lowering of a TFLite operator needs to know: its tensors and where they live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.program import Array, Operand, Step
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Quantization, Tensor


class TfliteContext:
    """State of one lowering: tensors of the graph become operands of the program."""

    def __init__(self, graph: ModelGraph, builder: ProgramBuilder) -> None:
        self.graph = graph
        self.builder = builder
        self.operands: dict[int, Operand] = {}
        self.variables: dict[str, int] = {}
        self.reset_steps: list[Step] = []

    # tensors of an operator ---------------------------------------------------------------

    def tensor(self, operator: Operator, position: int) -> Tensor:
        """The operator's input tensor at a position."""
        index = operator.inputs[position]
        if index is None:
            raise self.refusal(operator, f"input {position} is missing")
        return self.graph.tensors[index]

    def has_input(self, operator: Operator, position: int) -> bool:
        return position < len(operator.inputs) and operator.inputs[position] is not None

    def output(self, operator: Operator, position: int = 0) -> Tensor:
        return self.graph.tensors[operator.outputs[position]]

    def operand(self, operator: Operator, position: int) -> Operand:
        """Where the operator's input lives."""
        index = operator.inputs[position]
        if index is None:
            raise self.refusal(operator, f"input {position} is missing")
        return self.operand_of(index)

    def operand_of(self, index: int) -> Operand:
        """Where a tensor lives; constants are arrays."""
        if index not in self.operands:
            data = self.graph.tensors[index].data
            if data is None:
                name = self.graph.tensors[index].name
                raise UnsupportedOperatorError(
                    f"tensor {name!r} is used before any operator writes it",
                    hint="the file's operators are out of order; export the model again",
                )
            self.operands[index] = data
        return self.operands[index]

    def constant(self, operator: Operator, position: int, what: str) -> Array:
        """The value of an input that must be known when compiling."""
        operand = self.operand(operator, position)
        if isinstance(operand, int):
            raise self.refusal(operator, f"its {what} is not a constant")
        return operand

    def new_output(self, operator: Operator, position: int = 0) -> int:
        """A value in memory for the operator's output."""
        tensor = self.output(operator, position)
        value = self.builder.value(tensor.name, tensor.static_shape, tensor.dtype)
        self.operands[operator.outputs[position]] = value
        return value

    def alias_output(self, operator: Operator, operand: Operand, position: int = 0) -> None:
        """The output is the operand's bytes under another shape."""
        shape = self.output(operator, position).static_shape
        if not isinstance(operand, int):
            operand = operand.reshape(shape)
        self.operands[operator.outputs[position]] = operand

    # quantization --------------------------------------------------------------------------

    def quantization(self, operator: Operator, tensor: Tensor) -> Quantization:
        """Per-tensor quantization of an activation."""
        q = tensor.quantization
        if q is None or len(q.scales) != 1:
            raise self.refusal(operator, f"tensor {tensor.name!r} has no per-tensor quantization")
        if not (np.isfinite(q.scale) and q.scale > 0):
            raise self.refusal(operator, f"tensor {tensor.name!r} has scale {q.scale}")
        limits = np.iinfo(tensor.dtype.value)
        if not limits.min <= q.zero_point <= limits.max:
            raise self.refusal(
                operator, f"tensor {tensor.name!r} has zero point {q.zero_point} beyond its dtype"
            )
        return q

    def refusal(self, operator: Operator, why: str) -> UnsupportedOperatorError:
        """The error for an operator that cannot be lowered as it stands."""
        return UnsupportedOperatorError(
            f"{operator.qualified_name} version {operator.version} cannot be compiled: {why}",
            hint="`fitgraph model show` lists the model's operators; use another runtime for it",
        )


def activation(attributes: Mapping[str, Any]) -> str:
    """Name of the fused activation function."""
    return str(attributes.get("fused_activation_function", "NONE"))


# Bounds that a fused activation puts on real values (TFLite schema, ActivationFunctionType).
ACTIVATION_BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "NONE": (None, None),
    "RELU": (0.0, None),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}


def float_bounds(context: TfliteContext, operator: Operator) -> tuple[float, float]:
    """Smallest and largest float32 output that the fused activation lets through."""
    low, high = _bounds(context, operator)
    limit = float(np.finfo(np.float32).max)
    return (-limit if low is None else low, limit if high is None else high)


def int8_bounds(context: TfliteContext, operator: Operator, q: Quantization) -> tuple[int, int]:
    """Smallest and largest int8 output that the fused activation lets through."""
    low, high = _bounds(context, operator)

    def quantized(real: float) -> int:
        ratio = np.float32(real) / np.float32(q.scale)
        return int(np.floor(np.abs(ratio) + np.float32(0.5)) * np.sign(ratio)) + q.zero_point

    return (
        -128 if low is None else max(-128, quantized(low)),
        127 if high is None else min(127, quantized(high)),
    )


def _bounds(context: TfliteContext, operator: Operator) -> tuple[float | None, float | None]:
    name = activation(operator.attributes)
    if name not in ACTIVATION_BOUNDS:
        raise context.refusal(operator, f"its fused activation {name} is not supported")
    return ACTIVATION_BOUNDS[name]


INT8_AND_FLOAT = (DType.INT8, DType.FLOAT32)
