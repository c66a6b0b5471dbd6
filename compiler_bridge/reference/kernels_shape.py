"""Operators that move values and compute none: the same for integers and for reals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.node import Array, Node

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.reference.node import Kernel

# onnx.TensorProto.DataType
FLOAT32 = 1
CAST_TYPES = {
    FLOAT32: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    11: "float64",
    12: "uint32",
    13: "uint64",
}
PAD_MODES = {"constant": "constant", "reflect": "reflect", "edge": "edge", "wrap": "wrap"}


def reshape(node: Node) -> Array:
    """0 copies a dimension unless allowzero; -1 is inferred."""
    x = node.value(0)
    shape = node.integers_from(1, "shape") or ()
    if node.integer("allowzero", 0) == 0:
        shape = tuple(x.shape[i] if dim == 0 else dim for i, dim in enumerate(shape))
    return x.reshape(shape)


def flatten(node: Node) -> Array:
    """To 2-D: dimensions before ``axis``, dimensions from it on."""
    x = node.value(0)
    axis = node.integer("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape(int(np.prod(x.shape[:axis], dtype=np.int64)), -1)


def squeeze(node: Node) -> Array:
    """Axes are an input from opset 13 on; none means all of size 1."""
    axes = node.integers_from(1, "axes")
    return np.squeeze(node.value(0), axis=axes)


def unsqueeze(node: Node) -> Array:
    """Axes are an input from opset 13 on."""
    axes = node.integers_from(1, "axes")
    if axes is None:
        raise node.unsupported("it names no axes")
    return np.expand_dims(node.value(0), axes)


def transpose(node: Node) -> Array:
    """Reverses the dimensions unless ``perm`` says otherwise."""
    return np.transpose(node.value(0), node.integers("perm") or None)


def slice_(node: Node) -> Array:
    """Starts, ends, axes and steps are inputs from opset 10 on."""
    x = node.value(0)
    starts = node.integers_from(1, "starts") or ()
    ends = node.integers_from(2, "ends") or ()
    axes = node.integers_from(3, "axes") or tuple(range(len(starts)))
    steps = node.integers_from(4, "steps") or (1,) * len(starts)
    chosen = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        chosen[axis] = _as_python_slice(start, end, step, x.shape[axis])
    return x[tuple(chosen)]


def _as_python_slice(start: int, end: int, step: int, size: int) -> slice:
    # Going backwards, an end at or before -size - 1 means "through the first"; so does Python's
    # None, while Python's own negative index would count from the back once more.
    if step < 0 and end < -size:
        return slice(start, None, step)
    return slice(start, end, step)


def concat(node: Node) -> Array:
    """Along ``axis``."""
    values = [value for value in node.inputs if value is not None]
    return np.concatenate(values, axis=node.integer("axis", 1))


def pad(node: Node) -> Array:
    """Pads and value are inputs from opset 11 on, axes from 18 on; negative pads crop."""
    x = node.value(0)
    pads = node.integers_from(1, "pads") or ()
    axes = node.integers_from(3, "axes") or tuple(range(x.ndim))
    mode = node.text("mode", "constant")
    if mode not in PAD_MODES:
        raise node.unsupported(f"pad mode {mode!r}")
    margins = [(0, 0)] * x.ndim
    for i, axis in enumerate(axes):
        begin, end = pads[i], pads[i + len(axes)]
        size = x.shape[axis]
        x = np.take(x, np.arange(max(-begin, 0), size - max(-end, 0)), axis=axis)
        margins[axis] = (max(begin, 0), max(end, 0))
    if mode == "constant":
        return np.pad(x, margins, constant_values=pad_value(node).astype(x.dtype))
    return np.pad(x, margins, mode=PAD_MODES[mode])  # type: ignore[call-overload,no-any-return]


def pad_value(node: Node) -> Array:
    """What Pad fills with: a scalar, 0 where nothing else is said."""
    given = node.optional(2)
    if given is None or given.size == 0:
        return np.asarray(node.real("value", 0.0))
    return np.asarray(given.reshape(-1)[0])


def split(node: Node) -> tuple[Array, ...]:
    """Sizes are an input from opset 13 on; without them the parts are equal."""
    x = node.value(0)
    axis = node.axis(0)
    sizes = node.integers_from(1, "split")
    if sizes is None:
        n_parts = len(node.operator.outputs)
        part = -(-x.shape[axis] // n_parts)
        sizes = (part,) * n_parts
    return tuple(np.split(x, np.cumsum(sizes)[:-1], axis=axis))


def gather(node: Node) -> Array:
    """Negative indices count from the back."""
    return np.take(node.value(0), node.value(1).astype(np.int64), axis=node.axis(0))


def expand(node: Node) -> Array:
    """Broadcast both ways."""
    x = node.value(0)
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(node.value(1))))


def shape(node: Node) -> Array:
    """The dimensions; ``start`` and ``end`` from opset 15 on."""
    dims = node.value(0).shape
    return np.asarray(dims[node.integer("start", 0) : node.integer("end", len(dims))], np.int64)


def cast(node: Node) -> Array:
    """Between number types; reals to integers towards zero."""
    to = node.integer("to", 0)
    if to not in CAST_TYPES:
        raise node.unsupported(f"cast to type {to}")
    return node.value(0).astype(CAST_TYPES[to])


def constant(node: Node) -> Array:
    """A tensor, or a number or a list of them."""
    attributes = node.operator.attributes
    if "value" in attributes:
        return np.asarray(attributes["value"])
    for name, dtype in (("float", np.float32), ("int", np.int64)):
        for spelled in (f"value_{name}", f"value_{name}s"):
            if spelled in attributes:
                return np.asarray(attributes[spelled], dtype=dtype)
    raise node.unsupported("it holds no number")


def identity(node: Node) -> Array:
    """Identity, and Dropout at inference."""
    if len(node.operator.outputs) > 1:
        raise node.unsupported("its second output is used")
    return node.value(0)


KERNELS: dict[str, Kernel] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Slice": slice_,
    "Concat": concat,
    "Pad": pad,
    "Split": split,
    "Gather": gather,
    "Expand": expand,
    "Shape": shape,
    "Cast": cast,
    "Constant": constant,
    "Identity": identity,
    "Dropout": identity,
}
