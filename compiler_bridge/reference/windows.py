"""Where the windows of a convolution or a pooling lie, in any number of spatial dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.reference.node import Array, Integers, Node


@dataclass(frozen=True, slots=True)
class Geometry:
    """Windows over the spatial dimensions (those after batch and channel).

    Attributes:
        pads_begin: rows of padding before the data, by dimension.
        pads_end: after it; may exceed what the file says, see ``extra_end``.
        extra_end: part of ``pads_end`` that only rounding up (``ceil_mode``) asks for.
        out: number of windows, by dimension.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads_begin: tuple[int, ...]
    pads_end: tuple[int, ...]
    extra_end: tuple[int, ...]
    out: tuple[int, ...]


def geometry_of(node: Node, spatial: tuple[int, ...], kernel: tuple[int, ...]) -> Geometry:
    """Read strides, dilations, padding and rounding from the operator's attributes."""
    ones = (1,) * len(spatial)
    strides = node.integers("strides", ones)
    dilations = node.integers("dilations", ones)
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    begin, end = _pads(node, spatial, reach, strides)
    rounds_up = node.integer("ceil_mode", 0) == 1
    out = tuple(
        _count(size + b + e, size + b, r, s, rounds_up=rounds_up)
        for size, b, e, r, s in zip(spatial, begin, end, reach, strides, strict=True)
    )
    if min(out, default=1) < 1:
        raise node.unsupported(f"kernel {kernel} does not fit input {spatial}")
    extra = tuple(
        max((o - 1) * s + r - (size + b + e), 0)
        for o, s, r, size, b, e in zip(out, strides, reach, spatial, begin, end, strict=True)
    )
    ends = tuple(e + x for e, x in zip(end, extra, strict=True))
    return Geometry(kernel, strides, dilations, begin, ends, extra, out)


def _pads(
    node: Node, spatial: tuple[int, ...], reach: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    mode = node.text("auto_pad", "NOTSET")
    zeros = (0,) * len(spatial)
    if mode == "VALID":
        return zeros, zeros
    if mode == "NOTSET":
        pads = node.integers("pads", zeros + zeros)
        return pads[: len(spatial)], pads[len(spatial) :]
    if mode not in {"SAME_UPPER", "SAME_LOWER"}:
        raise node.unsupported(f"auto_pad {mode!r} is unknown")
    totals = [
        max((math.ceil(size / s) - 1) * s + r - size, 0)
        for size, r, s in zip(spatial, reach, strides, strict=True)
    ]
    small = tuple(total // 2 for total in totals)
    large = tuple(total - total // 2 for total in totals)
    return (small, large) if mode == "SAME_UPPER" else (large, small)


def _count(padded: int, until_end_pad: int, reach: int, stride: int, *, rounds_up: bool) -> int:
    if padded < reach and not rounds_up:
        return 0
    if not rounds_up:
        return (padded - reach) // stride + 1
    count = -((reach - padded) // stride) + 1
    # A window that would start inside the padding after the data is dropped (ONNX AveragePool
    # and MaxPool, opset 22).
    return count - 1 if (count - 1) * stride >= until_end_pad else count


def windows(values: Array, geometry: Geometry, fill: float) -> Array:
    """All windows of ``values``.

    Args:
        values: shape (batch, channels, *spatial).
        geometry: where the windows lie.
        fill: what padding reads as.

    Returns:
        A read-only view of shape (batch, channels, *out, *kernel).
    """
    n = len(geometry.kernel)
    margins = [(0, 0), (0, 0), *zip(geometry.pads_begin, geometry.pads_end, strict=True)]
    padded = np.pad(values, margins, constant_values=fill)
    reach = tuple((k - 1) * d + 1 for k, d in zip(geometry.kernel, geometry.dilations, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=tuple(range(2, 2 + n)))
    starts = [
        slice(0, (o - 1) * s + 1, s) for o, s in zip(geometry.out, geometry.strides, strict=True)
    ]
    taps = [slice(None, None, d) for d in geometry.dilations]
    chosen: Array = view[(slice(None), slice(None), *starts, *taps)]
    return chosen


def counts(spatial: tuple[int, ...], geometry: Geometry, *, include_pad: bool) -> Integers:
    """How many values each window averages over; shape ``geometry.out``.

    The rows that only rounding up adds are never counted (ONNX AveragePool, opset 19).
    """
    inside = np.ones((1, 1, *spatial), dtype=np.int64)
    if not include_pad:
        return _window_sums(inside, geometry)
    declared = [e - x for e, x in zip(geometry.pads_end, geometry.extra_end, strict=True)]
    margins = [(0, 0), (0, 0), *zip(geometry.pads_begin, declared, strict=True)]
    padded = np.pad(inside, margins, constant_values=1)
    zeros = (0,) * len(spatial)
    unpadded = Geometry(
        geometry.kernel,
        geometry.strides,
        geometry.dilations,
        zeros,
        geometry.extra_end,
        geometry.extra_end,
        geometry.out,
    )
    return _window_sums(padded, unpadded)


def _window_sums(ones: Integers, geometry: Geometry) -> Integers:
    axes = tuple(range(-len(geometry.kernel), 0))
    sums: Integers = windows(ones, geometry, 0).sum(axis=axes, dtype=np.int64)[0, 0]
    return sums
