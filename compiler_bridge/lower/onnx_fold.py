"""Operators whose inputs are all constants are computed when compiling."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.folded_size import most_elements
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import Constant
from fitgraph.compiler_bridge.reference import (
    kernels_elementwise,
    kernels_onnx,
    kernels_shape,
)
from fitgraph.compiler_bridge.reference.node import Kernel, Node
from fitgraph.registry.model_graph import ModelGraph, Operator

# What the folded constants of a model may take together, far beyond a microcontroller's flash.
MOST_BYTES = 2**28
_ELEMENT_BYTES = 8  # of the largest type

_OF_ONNX = (
    *("And", "ConstantOfShape", "CumSum", "GatherElements", "GatherND", "GreaterOrEqual"),
    *("LessOrEqual", "Mod", "OneHot", "Or", "Range", "ReduceMax", "ReduceMin", "ReduceProd"),
    *("ReduceSum", "ScatterND", "Sign", "Tile", "Trilu", "Xor"),
)
_KERNELS: Mapping[str, Kernel] = {
    **dict.fromkeys(_OF_ONNX, kernels_onnx.evaluated),
    **kernels_shape.KERNELS,
    **kernels_elementwise.KERNELS,
}

FOLDED_OPERATORS = frozenset(_KERNELS)


def folded(graph: ModelGraph) -> frozenset[int]:
    """Positions of the operators whose outputs depend on constants only."""
    known = {index for index, tensor in enumerate(graph.tensors) if tensor.data is not None}
    positions = set()
    for position, operator in enumerate(graph.operators):
        given = [index for index in operator.inputs if index is not None]
        if operator.op_type not in _KERNELS or operator.domain != "ai.onnx" or not given:
            continue
        if operator.op_type == "Shape" or known.issuperset(given):
            known.update(operator.outputs)
            positions.add(position)
    return frozenset(positions)


def fold(operator: Operator, context: OnnxContext) -> bool:
    """Binds the operator's outputs to constants if that is what they are.

    Raises:
        UnsupportedOperatorError: constants grow beyond bounds.
    """
    if operator.op_type == "Shape":
        return _fold_shape(operator, context)
    kernel = _KERNELS.get(operator.op_type)
    if kernel is None or operator.domain != "ai.onnx" or not _is_constant(operator, context):
        return False
    inputs = tuple(
        None if index is None else context.constant(operator, position, "input")
        for position, index in enumerate(operator.inputs)
    )
    node = Node(operator, inputs)
    if most_elements(node) * _ELEMENT_BYTES > MOST_BYTES:
        raise _too_large(context)
    with np.errstate(all="ignore"):
        found = kernel(node)
    results = found if isinstance(found, tuple) else (found,)
    _spend(context, sum(result.size for result in results) * _ELEMENT_BYTES)
    for position, result in enumerate(results[: len(operator.outputs)]):
        array = np.ascontiguousarray(result).reshape(np.shape(result))  # a scalar stays one
        context.bind(operator, Constant(array), position)
    return True


def _fold_shape(operator: Operator, context: OnnxContext) -> bool:
    """Every shape is known when compiling."""
    index = operator.inputs[0]
    if index is None:
        raise context.refusal(operator, "input 0 is missing")
    shape = context.graph.tensors[index].static_shape
    chosen = slice(operator.attributes.get("start", 0), operator.attributes.get("end"))
    context.bind(operator, Constant(np.array(shape[chosen], np.int64)))
    return True


def _spend(context: OnnxContext, n_bytes: int) -> None:
    context.folded_bytes += n_bytes
    if context.folded_bytes > MOST_BYTES:
        raise _too_large(context)


def _too_large(context: OnnxContext) -> UnsupportedOperatorError:
    return UnsupportedOperatorError(
        f"{context.graph.name} computes constants of more than {MOST_BYTES} bytes from others",
        hint="fold its constants before (onnxsim, onnxruntime), and look at what they become",
    )


def _is_constant(operator: Operator, context: OnnxContext) -> bool:
    """Whether each input's value is known, and none is quantized."""
    given = [i for i, index in enumerate(operator.inputs) if index is not None]
    return bool(given) and all(
        context.is_constant(operator, i) and isinstance(context.entry(operator, i), Constant)
        for i in given
    )
