"""What the lowering of a TFLite operator needs to know: its tensors and where they live."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from types import MappingProxyType
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.fixed_point import round_half_away
from fitgraph.compiler_bridge.program import Array, Operand, Step
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Quantization, Tensor
from fitgraph.registry.operator_runs import label_of
from fitgraph.registry.tflite_calls import parts_of


class TfliteContext:
    """State of one lowering: tensors of the graph become operands of the program.

    Args:
        graph: the model's main graph.
        lower_operator: what lowers one operator.
    """

    def __init__(
        self,
        graph: ModelGraph,
        builder: ProgramBuilder,
        lower_operator: Callable[[Operator, TfliteContext], None],
    ) -> None:
        self.graph = graph
        self.index = 0  # of the graph among the model's
        self.parts = parts_of(graph)
        self.builder = builder
        self.operands: dict[int, Operand] = {}
        self.variables: dict[str, int] = {}  # name to value
        self.handles: dict[int, str] = {}  # resource tensor to name
        self.reset_steps: list[Step] = []
        self._lower_operator = lower_operator
        self._above = ""  # label of the operator that runs this subgraph

    # subgraphs -----------------------------------------------------------------------------

    def inside(self, index: int) -> TfliteContext:
        """The lowering of a subgraph that the present operator runs, none of its inputs bound."""
        inner = copy(self)
        inner.graph, inner.index = self.parts[index], index
        inner.operands, inner.handles = {}, {}
        inner._above = self.builder.label  # noqa: SLF001 of one class
        return inner

    def take(self, outer: TfliteContext, given: Sequence[int | None]) -> None:
        """Binds the subgraph's inputs to what the operator that runs it is given."""
        for inner, index in zip(self.graph.inputs, given, strict=True):
            if index is None:
                continue
            if index in outer.handles:
                self.handles[inner] = outer.handles[index]
            elif index in outer.operands or outer.graph.tensors[index].data is not None:
                self.operands[inner] = outer.operand_of(index)

    def lower(
        self,
        positions: Collection[int],
        replaced: Mapping[int, Operator] = MappingProxyType({}),
    ) -> None:
        """Lowers the graph's operators at these positions.

        Args:
            replaced: operators to be lowered instead of those that stand there.
        """
        for position, operator in enumerate(self.graph.operators):
            if position in positions:
                self.builder.label = label_of(self._above, operator, position)
                self._lower_operator(replaced.get(position, operator), self)

    # tensors of an operator ---------------------------------------------------------------

    def tensor(self, operator: Operator, position: int) -> Tensor:
        """The operator's input tensor at a position."""
        return self.graph.tensors[self.input_index(operator, position)]

    def input_index(self, operator: Operator, position: int) -> int:
        """Index of the operator's input tensor at a position."""
        index = operator.inputs[position] if position < len(operator.inputs) else None
        if index is None:
            raise self.refusal(operator, f"input {position} is missing")
        return index

    def has_input(self, operator: Operator, position: int) -> bool:
        return position < len(operator.inputs) and operator.inputs[position] is not None

    def output(self, operator: Operator, position: int = 0) -> Tensor:
        if position >= len(operator.outputs):
            raise self.refusal(operator, f"output {position} is missing")
        return self.graph.tensors[operator.outputs[position]]

    def operand(self, operator: Operator, position: int) -> Operand:
        """Where the operator's input lives."""
        return self.operand_of(self.input_index(operator, position))

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

    def integers(self, operator: Operator, position: int, what: str) -> list[int]:
        """A constant list of integers."""
        array = self.constant(operator, position, what)
        if array.dtype not in (np.int32, np.int64):
            raise self.refusal(operator, f"its {what} is {array.dtype}, not integers")
        return [int(number) for number in array.reshape(-1)]

    def positive(self, operator: Operator, name: str, default: int = 0) -> int:
        """An option that is a number of at least one."""
        number = int(operator.attributes.get(name, default))
        if number < 1:
            raise self.refusal(operator, f"its {name} is {number}")
        return number

    def axis(self, operator: Operator, axis: int, rank: int) -> int:
        """An axis counted from the front."""
        if not -rank <= axis < rank:
            raise self.refusal(operator, f"it names axis {axis} of {rank}")
        return axis % rank

    # what the file says, held to what is computed -----------------------------------------

    def expect_shape(self, operator: Operator, shape: Sequence[int], position: int = 0) -> None:
        """The output has that shape.

        Raises:
            UnsupportedOperatorError: the file says otherwise.
        """
        declared = self.output(operator, position).static_shape
        if declared != tuple(shape):
            raise self.refusal(
                operator, f"it yields shape {list(shape)} where the file says {list(declared)}"
            )

    def expect_elements(self, operator: Operator, n: int) -> None:
        """The output has so many elements.

        Raises:
            UnsupportedOperatorError: the file says otherwise.
        """
        declared = self.output(operator).static_shape
        if math.prod(declared) != n:
            raise self.refusal(
                operator, f"it yields {n} elements where the file says {list(declared)}"
            )

    def expect_one_dtype(self, operator: Operator, *positions: int) -> None:
        """Those inputs and all outputs have one dtype.

        Raises:
            UnsupportedOperatorError: they have several.
        """
        tensors = [self.tensor(operator, position) for position in positions]
        tensors += [self.output(operator, index) for index in range(len(operator.outputs))]
        dtypes = sorted({str(tensor.dtype) for tensor in tensors})
        if len(dtypes) != 1:
            raise self.refusal(operator, f"its tensors are {' and '.join(dtypes)}")

    def new_output(self, operator: Operator, position: int = 0) -> int:
        """A value in memory for the operator's output."""
        tensor = self.output(operator, position)
        value = self.builder.value(tensor.name, tensor.static_shape, tensor.dtype)
        self.operands[operator.outputs[position]] = value
        return value

    def alias_output(self, operator: Operator, operand: Operand, position: int = 0) -> None:
        """The output is the operand's bytes under another shape."""
        tensor = self.output(operator, position)
        shape, held = tensor.static_shape, self._described(operand)
        if math.prod(shape) != math.prod(held[0]) or tensor.dtype is not held[1]:
            raise self.refusal(
                operator,
                f"it yields {held[1]} {list(held[0])} where the file says {tensor.dtype} "
                f"{list(shape)}",
            )
        if not isinstance(operand, int):
            operand = operand.reshape(shape)
        self.operands[operator.outputs[position]] = operand

    def _described(self, operand: Operand) -> tuple[tuple[int, ...], DType]:
        if isinstance(operand, int):
            value = self.builder.values[operand]
            return value.shape, value.dtype
        return operand.shape, DType(operand.dtype.name)

    # quantization --------------------------------------------------------------------------

    def quantization(self, operator: Operator, tensor: Tensor) -> Quantization:
        """Per-tensor quantization of an activation."""
        q = tensor.quantization
        if q is None or len(q.scales) != 1:
            raise self.refusal(operator, f"tensor {tensor.name!r} has no per-tensor quantization")
        if not (np.isfinite(q.scale) and q.scale > 0):
            raise self.refusal(operator, f"tensor {tensor.name!r} has scale {q.scale}")
        if tensor.dtype not in QUANTIZED:
            raise self.refusal(operator, f"tensor {tensor.name!r} is {tensor.dtype}")
        limits = np.iinfo(tensor.dtype.value)
        if not limits.min <= q.zero_point <= limits.max:
            raise self.refusal(
                operator, f"tensor {tensor.name!r} has zero point {q.zero_point} beyond its dtype"
            )
        return q

    def symmetric(self, operator: Operator, tensor: Tensor) -> Quantization:
        """Per-tensor quantization without zero point."""
        q = self.quantization(operator, tensor)
        if q.zero_point:
            raise self.refusal(operator, f"tensor {tensor.name!r} has zero point {q.zero_point}")
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
    return integer_bounds(context, operator, q, np.iinfo(np.int8))


def integer_bounds(
    context: TfliteContext, operator: Operator, q: Quantization, limits: np.iinfo
) -> tuple[int, int]:
    """Smallest and largest integer of that type that the fused activation lets through."""
    low, high = _bounds(context, operator)

    def quantized(real: float) -> int:
        with np.errstate(over="ignore"):
            ratio = float(np.float32(real) / np.float32(q.scale))
        return round_half_away(max(-FARTHEST, min(FARTHEST, ratio))) + q.zero_point

    return (
        limits.min if low is None else max(limits.min, quantized(low)),
        limits.max if high is None else min(limits.max, quantized(high)),
    )


def _bounds(context: TfliteContext, operator: Operator) -> tuple[float | None, float | None]:
    name = activation(operator.attributes)
    if name not in ACTIVATION_BOUNDS:
        raise context.refusal(operator, f"its fused activation {name} is not supported")
    return ACTIVATION_BOUNDS[name]


FARTHEST = 2.0**17  # steps from a 16-bit zero point that are beyond every other 16-bit number
QUANTIZED = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32)
INT8_AND_FLOAT = (DType.INT8, DType.FLOAT32)
