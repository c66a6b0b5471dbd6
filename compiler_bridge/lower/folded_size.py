"""How large a constant can get that an ONNX operator computes from others.

What the file says of the result does not count: it may say anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from fitgraph.compiler_bridge.reference.node import Node

_NO_LARGER = (
    *("Cast", "Concat", "CumSum", "Dropout", "Flatten", "GatherElements", "Identity", "ReduceMax"),
    *("ReduceMin", "ReduceProd", "ReduceSum", "Reshape", "ScatterND", "Slice", "Split", "Squeeze"),
    *("Transpose", "Trilu", "Unsqueeze"),
)


def most_elements(node: Node) -> int:
    """Elements of all outputs together, at most.

    Raises:
        ValueError: the inputs have shapes that do not go together.
        BridgeError: a required input is left out.
    """
    return _ELEMENTS.get(node.operator.op_type, _broadcast)(node)


def _broadcast(node: Node) -> int:
    shapes = (value.shape for value in node.inputs if value is not None)
    return math.prod(_common_shape(*shapes))


def _common_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """As ``numpy.broadcast_shapes``, which refuses what has more elements than memory."""
    rank = max(map(len, shapes), default=0)
    padded = [(*[1] * (rank - len(shape)), *shape) for shape in shapes]
    return tuple(next((dim for dim in dims if dim != 1), 1) for dims in zip(*padded, strict=True))


def _together(node: Node) -> int:
    return sum(value.size for value in node.inputs if value is not None)


def _integers(node: Node, position: int, name: str) -> tuple[int, ...]:
    return node.integers_from(position, name) or ()


def _filled(node: Node) -> int:
    return math.prod(max(dim, 0) for dim in _integers(node, 0, "shape"))


def _expanded(node: Node) -> int:
    return math.prod(_common_shape(node.value(0).shape, _integers(node, 1, "shape")))


def _tiled(node: Node) -> int:
    return node.value(0).size * math.prod(max(n, 0) for n in _integers(node, 1, "repeats"))


def _counted(node: Node) -> int:
    """Of Range; steps of no length, and what is no number, are counted without end."""
    start, limit, delta = (float(node.value(i).reshape(-1)[0]) for i in range(3))
    steps = (limit - start) / delta if delta else math.inf
    return math.ceil(max(steps, 0.0)) if math.isfinite(steps) else _ENDLESS


def _one_hot(node: Node) -> int:
    return node.value(0).size * max(int(node.value(1).reshape(-1)[0]), 0)


def _gathered(node: Node) -> int:
    """Each index takes what lies at one place of an axis."""
    x, indices = node.value(0), node.value(1)
    return int(indices.size * (x.size // max(x.shape[node.axis(0)], 1)))


def _gathered_apart(node: Node) -> int:
    """Each row of indices takes no more than all."""
    x, indices = node.value(0), node.value(1)
    n_axes = indices.shape[-1] + node.integer("batch_dims", 0)
    return int(indices.size // max(indices.shape[-1], 1) * math.prod(x.shape[n_axes:]))


def _padded(node: Node) -> int:
    x, pads = node.value(0), _integers(node, 1, "pads")
    axes = node.integers_from(3, "axes") or tuple(range(x.ndim))
    sizes = list(x.shape)
    for i, axis in enumerate(axes):
        sizes[axis] += max(pads[i], 0) + max(pads[i + len(axes)], 0)
    return math.prod(sizes)


_ENDLESS = int(np.iinfo(np.int64).max)

_ELEMENTS: Mapping[str, Callable[[Node], int]] = {
    **dict.fromkeys(_NO_LARGER, _together),
    "ConstantOfShape": _filled,
    "Expand": _expanded,
    "Gather": _gathered,
    "GatherND": _gathered_apart,
    "OneHot": _one_hot,
    "Pad": _padded,
    "Range": _counted,
    "Tile": _tiled,
}
