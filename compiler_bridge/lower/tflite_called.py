"""What WHILE and IF have in common: subgraphs that take over values, and give some back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fitgraph.compiler_bridge.lower.movement import copy, dense
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_state import fill_with
from fitgraph.compiler_bridge.program import Operand
from fitgraph.registry.model_graph import DType, ModelGraph, Operator
from fitgraph.registry.tflite_calls import called_by

# What a loop may keep and a branch may yield: types that kernels copy and C can hold.
_HELD = frozenset(
    {DType.FLOAT32, DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.UINT32, DType.BOOL}
)


def runs(operator: Operator, context: TfliteContext) -> tuple[int, int]:
    """Numbers of the two subgraphs that the operator runs.

    Raises:
        UnsupportedOperatorError: its options do not name them.
    """
    called = called_by(operator)
    if len(called) != 2:
        raise context.refusal(operator, "it names no subgraphs")
    return called[0], called[1]


def expect_alike(
    operator: Operator, context: TfliteContext, ends: Sequence[tuple[str, ModelGraph, int | None]]
) -> None:
    """Tensors that hand on one value have one type and shape.

    Args:
        ends: what each is, the graph that it stands in, and its index.

    Raises:
        UnsupportedOperatorError: they differ; both are named.
    """
    first: tuple[str, DType, tuple[int | str, ...]] | None = None
    for what, graph, index in ends:
        if index is None:
            raise context.refusal(operator, f"its {what} is missing")
        tensor = graph.tensors[index]
        if first is None:
            first = (what, tensor.dtype, tensor.shape)
        if (tensor.dtype, tensor.shape) != first[1:]:
            raise context.refusal(
                operator,
                f"its {what} is {tensor.dtype} {list(tensor.shape)} where its {first[0]} is "
                f"{first[1]} {list(first[2])}; sizes that data tell are not compiled",
            )


def expect_held(operator: Operator, context: TfliteContext, graph: ModelGraph, index: int) -> None:
    """A value of the tensor's type and shape can be kept.

    Raises:
        UnsupportedOperatorError: it cannot.
    """
    tensor = graph.tensors[index]
    if tensor.dtype not in _HELD:
        raise context.refusal(operator, f"it keeps {tensor.name!r} as {tensor.dtype}")


def truth_of(operator: Operator, context: TfliteContext, graph: ModelGraph, index: int) -> None:
    """The tensor is one truth.

    Raises:
        UnsupportedOperatorError: it is something else.
    """
    tensor = graph.tensors[index]
    if tensor.dtype is not DType.BOOL or tensor.static_shape not in ((), (1,)):
        raise context.refusal(
            operator, f"its condition is {tensor.dtype} {list(tensor.shape)}, not one truth"
        )


def put(context: TfliteContext, operand: Operand, value: int) -> None:
    """Copies the operand into the value, as many elements as it has."""
    shape = context.builder.values[value].shape
    if not isinstance(operand, int):
        element = operand.reshape(-1)[:1]
        if np.array_equal(np.broadcast_to(element, operand.size), operand.reshape(-1)):
            fill_with(context, value, element)
            return
        operand = operand.reshape(shape)
    copy(context.builder, operand, dense(shape), value, dense(shape), shape)
