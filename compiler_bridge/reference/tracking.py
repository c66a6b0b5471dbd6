"""Which real tensors are still integers with a scale, after operators that only move values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.reference import kernels_float, kernels_shape
from fitgraph.compiler_bridge.reference.affine import Quantized, affine_of
from fitgraph.compiler_bridge.reference.execution import Execution
from fitgraph.compiler_bridge.reference.kernels_qdq import affine_of_node
from fitgraph.compiler_bridge.reference.node import Array, Kernel, Node

Tracker = Callable[[Execution, Node], Quantized | None]

MOVING: dict[str, Kernel] = {
    "Dropout": kernels_shape.identity,
    "Flatten": kernels_shape.flatten,
    "Identity": kernels_shape.identity,
    "MaxPool": kernels_float.max_pool,
    "Reshape": kernels_shape.reshape,
    "Slice": kernels_shape.slice_,
    "Squeeze": kernels_shape.squeeze,
    "Transpose": kernels_shape.transpose,
    "Unsqueeze": kernels_shape.unsqueeze,
}
BYTES = (np.int8, np.uint8)


def track(run: Execution, node: Node) -> None:
    """Remember the integers behind the operator's output, if there are such."""
    operator = node.operator
    tracker = TRACKERS.get(operator.op_type)
    found = None if tracker is None else tracker(run, node)
    if found is not None:
        run.integers[operator.outputs[0]] = found


def _dequantized(_: Execution, node: Node) -> Quantized:
    return Quantized(node.value(0), affine_of_node(node))


def _cast(_: Execution, node: Node) -> Quantized | None:
    """Bytes cast to float32 are integers of scale 1."""
    x = node.value(0)
    if x.dtype not in BYTES or node.integer("to", 0) != kernels_shape.FLOAT32:
        return None
    return Quantized(x, affine_of(np.ones((), np.float32), None, x.dtype, None))


def _source(run: Execution, node: Node, position: int = 0) -> Quantized | None:
    tensor = node.operator.inputs[position]
    return None if tensor is None else run.integers.get(tensor)


def _moved(run: Execution, node: Node) -> Quantized | None:
    source = _source(run, node)
    if source is None:
        return None
    op_type = node.operator.op_type
    affine = source.affine
    if source.values.dtype not in BYTES and op_type == "MaxPool":
        return None
    if affine.axis is not None:
        if op_type == "Transpose":
            rank = source.values.ndim
            permutation = node.integers("perm", tuple(reversed(range(rank))))
            affine = replace(affine, axis=permutation.index(affine.axis))
        elif op_type not in {"Identity", "Dropout"}:
            return None
    return Quantized(_on_integers(MOVING[op_type], node, source.values), affine)


def _on_integers(kernel: Kernel, node: Node, integers: Array) -> Array:
    result = kernel(Node(node.operator, (integers, *node.inputs[1:])))
    return result[0] if isinstance(result, tuple) else result


def _concatenated(run: Execution, node: Node) -> Quantized | None:
    """Parts of one scale and zero point stay integers."""
    parts = [_source(run, node, position) for position in range(len(node.inputs))]
    known = [part for part in parts if part is not None and part.affine.is_per_tensor]
    if len(known) < len(parts) or any(not _same(part, known[0]) for part in known):
        return None
    if known[0].values.dtype not in BYTES:
        return None
    joined = np.concatenate([part.values for part in known], axis=node.integer("axis", 1))
    return Quantized(joined, known[0].affine)


def _same(left: Quantized, right: Quantized) -> bool:
    return (
        left.affine.dtype == right.affine.dtype
        and left.affine.scale == right.affine.scale
        and left.affine.zero_point == right.affine.zero_point
    )


def _padded(run: Execution, node: Node) -> Quantized | None:
    """The real zero is the zero point."""
    source = _source(run, node)
    if source is None or not source.affine.is_per_tensor or source.values.dtype not in BYTES:
        return None
    if node.text("mode", "constant") != "constant" or kernels_shape.pad_value(node) != 0:
        return None
    zeros = source.affine.zero_point.astype(source.values.dtype)
    inputs = [source.values, *node.inputs[1:]]
    if node.version < 11:
        attributes = {**node.operator.attributes, "value": float(zeros)}
        return Quantized(
            kernels_shape.pad(Node(replace(node.operator, attributes=attributes), tuple(inputs))),
            source.affine,
        )
    inputs[2:3] = [zeros]
    return Quantized(kernels_shape.pad(Node(node.operator, tuple(inputs))), source.affine)


TRACKERS: dict[str, Tracker] = {
    **dict.fromkeys(MOVING, _moved),
    "Cast": _cast,
    "Concat": _concatenated,
    "DequantizeLinear": _dequantized,
    "Pad": _padded,
}
