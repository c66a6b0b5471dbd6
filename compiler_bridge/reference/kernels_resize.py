"""Resize on reals: along one axis after the other, float32 throughout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.compiler_bridge.reference.node import Array, Floats, Integers, Kernel, Node

    Rounding = Callable[[Floats], Floats]

_HALF = np.float32(0.5)
_SCALES, _SIZES = 2, 3  # inputs
_ROUNDINGS: dict[str, Rounding] = {
    "round_prefer_floor": lambda x: np.ceil(x - _HALF),
    "round_prefer_ceil": lambda x: np.floor(x + _HALF),
    "floor": np.floor,
    "ceil": np.ceil,
}


def resize(node: Node) -> Array:
    """Modes nearest and linear, without smoothing."""
    mode = node.text("mode", "nearest")
    if mode not in {"nearest", "linear"} or node.integer("antialias", 0) or node.has("axes"):
        raise node.unsupported(f"its mode is {mode}, or it smooths, or names axes")
    if node.text("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise node.unsupported("it keeps the aspect ratio")
    result = node.value(0)
    for axis, (size, scale) in enumerate(_sizes(node)):
        if size != result.shape[axis] or scale != 1:
            where = _positions(node, result.shape[axis], size, scale)
            along = _linear if mode == "linear" else _nearest
            result = along(node, result, axis, where)
    return result


def _sizes(node: Node) -> list[tuple[int, np.float32]]:
    """Size and scale of each axis of the output."""
    shape = node.value(0).shape
    scales, sizes = node.optional(_SCALES), node.optional(_SIZES)
    if scales is not None and scales.size:
        rows = zip(shape, scales.reshape(-1), strict=True)
        return [(int(np.floor(np.float32(size) * scale)), scale) for size, scale in rows]
    if sizes is None:
        raise node.unsupported("it has neither scales nor sizes")
    wanted = zip(shape, sizes.reshape(-1), strict=True)
    return [(int(new), np.float32(new) / np.float32(old)) for old, new in wanted]


def _positions(node: Node, size: int, out: int, scale: np.float32) -> Floats:
    """Where each output lies between the inputs."""
    mode = node.text("coordinate_transformation_mode", "half_pixel")
    x = np.arange(out, dtype=np.float32)
    if mode == "asymmetric":
        return x / scale
    if mode == "align_corners":
        return x * np.float32(size - 1) / np.float32(max(out - 1, 1))
    if mode == "pytorch_half_pixel" and out == 1:
        return x
    if mode in {"half_pixel", "pytorch_half_pixel"}:
        return (x + _HALF) / scale - _HALF
    raise node.unsupported(f"its coordinates are {mode}")


def _nearest(node: Node, x: Array, axis: int, where: Floats) -> Array:
    name = node.text("nearest_mode", "round_prefer_floor")
    if name not in _ROUNDINGS:
        raise node.unsupported(f"its nearest mode is {name}")
    chosen = np.clip(_ROUNDINGS[name](where), 0, x.shape[axis] - 1)
    return np.take(x, chosen.astype(np.int64), axis)


def _linear(_: Node, x: Array, axis: int, where: Floats) -> Array:
    """``f(f(a * f(1 - s)) + f(b * s))`` at ``s`` of the way from ``a`` to ``b``."""
    inside = np.clip(where, 0, x.shape[axis] - 1)
    first: Integers = np.floor(inside).astype(np.int64)
    last = np.minimum(first + 1, x.shape[axis] - 1)
    share = (inside - first.astype(np.float32)).astype(np.float32)
    share = share.reshape(-1, *[1] * (x.ndim - axis - 1))
    left = np.take(x, first, axis) * (np.float32(1) - share)
    return np.asarray(left + np.take(x, last, axis) * share)


KERNELS: dict[str, Kernel] = {"Resize": resize}
