"""Geometry of ONNX convolutions and pools: pads, auto_pad, strides, dilations."""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.windows import Axis
from fitgraph.registry.model_graph import Operator

FLAT = Axis(1, 1, 1, 1, 1, 0)


def window_axes(
    operator: Operator,
    context: OnnxContext,
    kernel: Sequence[int],
    in_shape: tuple[int, ...],
) -> tuple[Axis, Axis]:
    """Rows and columns; a one-dimensional window has one row.

    Args:
        kernel: sizes along the spatial axes.
        in_shape: batch, channels, spatial.
    """
    n = len(kernel)
    if n not in (1, 2) or len(in_shape) != n + 2:
        raise context.refusal(operator, f"it works on {n} spatial axes, not one or two")
    a = operator.attributes
    strides = tuple(a.get("strides", (1,) * n))
    spread = tuple(a.get("dilations", (1,) * n))
    out = context.output_shape(operator)[2:]
    pads = _pads(operator, kernel, in_shape[2:], out, strides, spread)
    axes = [
        Axis(in_shape[2 + i], out[i], kernel[i], strides[i], spread[i], pads[i]) for i in range(n)
    ]
    return (FLAT, axes[0]) if n == 1 else (axes[0], axes[1])


def _pads(
    operator: Operator,
    kernel: Sequence[int],
    size: Sequence[int],
    out: Sequence[int],
    strides: Sequence[int],
    spread: Sequence[int],
) -> list[int]:
    """Padding before each axis."""
    n = len(kernel)
    auto = operator.attributes.get("auto_pad", "NOTSET")
    if auto == "NOTSET":
        return [int(pad) for pad in operator.attributes.get("pads", (0,) * (2 * n))[:n]]
    if auto == "VALID":
        return [0] * n
    needed = [
        max((out[i] - 1) * strides[i] + (kernel[i] - 1) * spread[i] + 1 - size[i], 0)
        for i in range(n)
    ]
    return [total // 2 if auto == "SAME_UPPER" else total - total // 2 for total in needed]
