"""Small values of an ONNX graph that follow from its shapes and constants: shapes, pads, starts.

Exporters leave the arithmetic on shapes in the graph. Inference follows part of it and makes up
dimensions for the rest; here it is computed, so that inference can be told what came out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TypeProto, helper, numpy_helper, shape_inference

# Far more than a shape, a padding or a slice needs; a value may grow that far from one below it.
MOST_ELEMENTS = 1024
_MOST_READ = 4 * MOST_ELEMENTS
# A round follows a chain of shapes up to a value whose shape inference could not tell.
MOST_ROUNDS = 64
# Nodes that all rounds may look at, and those that may be computed: a few seconds each.
_MOST_LOOKED_AT = 200_000
_MOST_COMPUTED = 5_000

_Array = npt.NDArray[Any]

_BOUNDED = frozenset(
    {
        *("Abs", "Add", "And", "Cast", "Ceil", "Concat", "Div", "Equal", "Expand", "Floor"),
        *("Gather", "Greater", "Identity", "Less", "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or"),
        *("Range", "ReduceProd", "ReduceSum", "Reshape", "Slice", "Sqrt", "Squeeze", "Sub"),
        *("ConstantOfShape", "Transpose", "Unsqueeze", "Where"),
    }
)


def with_small_values(model: ModelProto) -> ModelProto:
    """The model as inference leaves it, small values computed as far as they follow.

    Args:
        model: without weights; it is changed.

    Raises:
        Exception: whatever native inference raises on odd graphs.
    """
    inferred = _inferred(model)
    for _ in range(min(MOST_ROUNDS, _MOST_LOOKED_AT // max(len(model.graph.node), 1))):
        if not _is_open(inferred.graph) or not _compute(model, inferred.graph):
            break
        inferred = _inferred(model)
    return inferred


def _inferred(model: ModelProto) -> ModelProto:
    return shape_inference.infer_shapes(model, strict_mode=False, data_prop=True)


def _is_open(graph: GraphProto) -> bool:
    """Whether inference could not tell the shape of some node's output."""
    types = _types(graph)
    return any(
        name and (name not in types or _static(types[name]) is None)
        for node in graph.node
        for name in node.output
    )


def _types(graph: GraphProto) -> dict[str, TypeProto]:
    return {v.name: v.type for v in (*graph.value_info, *graph.output, *graph.input)}


def _compute(model: ModelProto, inferred: GraphProto) -> bool:
    """Puts constants in place of the nodes of the model whose values follow; whether any did."""
    values = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if _n_elements(tensor.dims) <= MOST_ELEMENTS
    }
    types = _types(inferred)
    kept: list[NodeProto] = []
    found: dict[str, _Array] = {}
    for node in model.graph.node:
        is_enough = len(found) >= _MOST_COMPUTED
        value = None if is_enough else _value(node, values, types, model.opset_import)
        if value is None:
            kept.append(node)
        else:
            values[node.output[0]] = found[node.output[0]] = value
    if not found:
        return False
    del model.graph.node[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(numpy_helper.from_array(v, name) for name, v in found.items())
    _forget(model.graph, found)
    return True


def _forget(graph: GraphProto, found: Collection[str]) -> None:
    """Drops what the file says of values that are constants now, or only by made-up names."""
    kept = [v for v in graph.value_info if v.name not in found and _static(v.type) is not None]
    del graph.value_info[:]
    graph.value_info.extend(kept)


def _value(
    node: NodeProto,
    values: Mapping[str, _Array],
    types: Mapping[str, TypeProto],
    opsets: Sequence[onnx.OperatorSetIdProto],
) -> _Array | None:
    """What the node computes; None where that does not follow, or is not small."""
    if node.domain not in ("", "ai.onnx") or len(node.output) != 1:
        return None
    if node.op_type == "Shape":
        return _shape(node, types)
    if node.op_type == "Constant":
        is_small = all(_n_elements(a.t.dims) <= MOST_ELEMENTS for a in node.attribute)
        return _run(node, (), opsets) if is_small else None
    if node.op_type not in _BOUNDED or not node.input:
        return None
    operands = [values.get(name) for name in node.input if name]
    known = [operand for operand in operands if operand is not None]
    if len(known) < len(operands) or sum(operand.size for operand in known) > _MOST_READ:
        return None
    bound = _IS_SMALL.get(node.op_type)
    return _run(node, known, opsets) if bound is None or bound(known) else None


def _shape(node: NodeProto, types: Mapping[str, TypeProto]) -> _Array | None:
    known = types.get(node.input[0]) if node.input else None
    shape = None if known is None else _static(known)
    if shape is None:
        return None
    bounds = {a.name: a.i for a in node.attribute}
    return np.array(shape[bounds.get("start", 0) : bounds.get("end")], np.int64)


def _run(
    node: NodeProto, operands: Sequence[_Array], opsets: Sequence[onnx.OperatorSetIdProto]
) -> _Array | None:
    # Takes a tenth of a second to import, which few models need.
    from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

    names = [name for name in node.input if name]
    inputs = [helper.make_empty_tensor_value_info(name) for name in dict.fromkeys(names)]
    outputs = [helper.make_empty_tensor_value_info(node.output[0])]
    graph = helper.make_graph([node], "small", inputs, outputs)
    model = helper.make_model(graph, opset_imports=list(opsets))
    try:
        given = dict(zip(names, operands, strict=True))
        (result,) = cast("list[Any]", ReferenceEvaluator(model).run(None, given))
    except Exception:  # noqa: BLE001  # whatever an odd node raises: its value does not follow
        return None
    value = np.asarray(result)
    return value if value.size <= MOST_ELEMENTS and value.dtype.kind in "biuf" else None


def _static(proto: TypeProto) -> tuple[int, ...] | None:
    """The shape, if every dimension has a size."""
    tensor = proto.tensor_type
    if not proto.HasField("tensor_type") or not tensor.HasField("shape"):
        return None
    dims = tensor.shape.dim
    return tuple(d.dim_value for d in dims) if all(d.HasField("dim_value") for d in dims) else None


def _n_elements(dims: Sequence[int]) -> int:
    return math.prod(max(int(dim), 0) for dim in dims)


def _is_small_shape(operands: Sequence[_Array]) -> bool:
    """Whether what has the shape that the last operand says is small."""
    return _n_elements(operands[-1].reshape(-1).tolist()) <= MOST_ELEMENTS


def _is_small_range(operands: Sequence[_Array]) -> bool:
    if len(operands) != 3 or any(operand.size != 1 for operand in operands):
        return False
    start, stop, step = (float(operand.reshape(-1)[0]) for operand in operands)
    return abs(stop - start) <= abs(step) * MOST_ELEMENTS


# Of operators whose result is no smaller than what they read.
_IS_SMALL: Mapping[str, Callable[[Sequence[_Array]], bool]] = {
    "ConstantOfShape": _is_small_shape,
    "Expand": _is_small_shape,
    "Range": _is_small_range,
}
