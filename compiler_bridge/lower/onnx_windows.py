"""Geometry of ONNX convolutions and pools: pads, auto_pad, strides, dilations."""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.windows import LARGEST_REACH, Axis
from fitgraph.registry.model_graph import Operator

FLAT = Axis(1, 1, 1, 1, 1, 0)


def window_axes(
    operator: Operator,
    context: OnnxContext,
    kernel: Sequence[int],
    in_shape: tuple[int, ...],
) -> tuple[Axis, Axis, tuple[int, ...]]:
    """Rows and columns, and the output's spatial sizes; a 1-D window has one row.

    Args:
        kernel: sizes along the spatial axes.
        in_shape: batch, channels, spatial.
    """
    n = len(kernel)
    if n not in (1, 2) or len(in_shape) != n + 2:
        raise context.refusal(operator, f"it works on {n} spatial axes, not one or two")
    strides = _positive(operator, context, "strides", (1,) * n)
    spread = _positive(operator, context, "dilations", (1,) * n)
    if min(kernel) < 1:
        raise context.refusal(operator, f"its kernel is {list(kernel)}")
    reach = tuple((kernel[i] - 1) * spread[i] + 1 for i in range(n))
    if max(reach) > LARGEST_REACH:
        raise context.refusal(operator, f"its kernel reaches over {max(reach)} inputs")
    before, after = _pads(operator, context, in_shape[2:], reach, strides)
    axes = []
    for i in range(n):
        size = in_shape[2 + i]
        out = _windows(operator, size, before[i], after[i], reach[i], strides[i])
        if out < 1:
            raise context.refusal(operator, f"its kernel {reach[i]} is larger than {size} inputs")
        dilation = spread[i] if kernel[i] > 1 else 1
        axes.append(Axis(size, out, kernel[i], strides[i], dilation, before[i], after[i]))
    rows, columns = (FLAT, axes[0]) if n == 1 else (axes[0], axes[1])
    return rows, columns, tuple(axis.out for axis in axes)


def _positive(
    operator: Operator, context: OnnxContext, name: str, default: tuple[int, ...]
) -> tuple[int, ...]:
    numbers = tuple(int(x) for x in operator.attributes.get(name, default))
    if len(numbers) != len(default) or min(numbers) < 1:
        raise context.refusal(operator, f"its {name} are {list(numbers)}")
    return numbers


def _windows(
    operator: Operator, size: int, before: int, after: int, reach: int, stride: int
) -> int:
    """Number of windows along an axis."""
    room = size + before + after - reach
    if not operator.attributes.get("ceil_mode", 0):
        return room // stride + 1
    count = -(-room // stride) + 1
    # A window that would start in the padding at the end is dropped (ONNX, opset 22).
    return count - 1 if (count - 1) * stride >= size + before else count


def _pads(
    operator: Operator,
    context: OnnxContext,
    sizes: Sequence[int],
    reach: Sequence[int],
    strides: Sequence[int],
) -> tuple[list[int], list[int]]:
    """Padding before and after each axis."""
    n = len(sizes)
    auto = operator.attributes.get("auto_pad", "NOTSET")
    if auto == "NOTSET":
        pads = [int(pad) for pad in operator.attributes.get("pads", (0,) * (2 * n))]
        if len(pads) != 2 * n or min(pads) < 0:
            raise context.refusal(operator, f"its pads are {pads}")
        return pads[:n], pads[n:]
    if auto == "VALID":
        return [0] * n, [0] * n
    if auto not in ("SAME_UPPER", "SAME_LOWER"):
        raise context.refusal(operator, f"its auto_pad is {auto}")
    needed = [
        max((-(-sizes[i] // strides[i]) - 1) * strides[i] + reach[i] - sizes[i], 0)
        for i in range(n)
    ]
    small, large = [total // 2 for total in needed], [total - total // 2 for total in needed]
    return (small, large) if auto == "SAME_UPPER" else (large, small)


# Fields that are 1 of a dense layer that is computed as a convolution.
ONE_PIXEL = (
    *("in_h", "in_w", "out_h", "out_w", "kernel_h", "kernel_w", "stride_h", "stride_w"),
    *("groups", "dilation_h", "dilation_w"),
)
