"""Geometry of TFLite convolutions and pools."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.windows import LARGEST_REACH, Axis
from fitgraph.registry.model_graph import Operator


def window_axis(
    operator: Operator,
    context: TfliteContext,
    suffix: str,
    size: int,
    kernel: int,
    dilation: int = 1,
) -> Axis:
    """The windows along one axis; ``SAME`` puts the smaller half of the padding in front.

    Args:
        suffix: of the option that holds the stride: ``h`` or ``w``.
        size: of the input.
    """
    padding = operator.attributes.get("padding")
    dilation = dilation if kernel > 1 else 1
    stride = context.positive(operator, f"stride_{suffix}")
    reach = (kernel - 1) * dilation + 1
    if reach > LARGEST_REACH:
        raise context.refusal(operator, f"its kernel reaches over {reach} inputs")
    if padding == "SAME":
        out = -(-size // stride)
        needed = max((out - 1) * stride + reach - size, 0)
        return Axis(size, out, kernel, stride, dilation, needed // 2)
    if padding != "VALID":
        raise context.refusal(operator, f"its padding is {padding}")
    if reach > size:
        raise context.refusal(operator, f"its kernel {reach} is larger than {size} inputs")
    return Axis(size, (size - reach) // stride + 1, kernel, stride, dilation, 0)
