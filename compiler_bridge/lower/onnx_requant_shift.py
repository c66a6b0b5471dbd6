"""RequantShift: whole numbers, held as float32, are multiplied, shifted and clipped.

That is how networks of the PULP platform's tools have their integers in ONNX.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

DOMAIN = "PACTOps"  # where some files have it; others have it among ONNX's own
_INT32 = np.iinfo(np.int32)


def lower_requant_shift(operator: Operator, context: OnnxContext) -> None:
    """One call over all elements, in whatever order their channels lie."""
    view = context.float_view(operator, 0)
    multiplier = _whole(operator, context, 1)
    summand = _whole(operator, context, 2)
    axis = _channel_axis(operator, context, view, (multiplier, summand))
    channels = 1 if axis is None else view.shape[axis]
    at = 0 if axis is None else view.order.index(axis)
    sizes = view.memory_shape
    shift, low, high = _bounds(operator, context)
    fields: dict[str, Field] = {
        "multiplier": np.broadcast_to(multiplier.reshape(-1), channels).copy(),
        "summand": np.broadcast_to(summand.reshape(-1), channels).copy(),
        "outer": 1 if axis is None else math.prod(sizes[:at]),
        "channels": channels,
        "inner": math.prod(sizes) if axis is None else math.prod(sizes[at + 1 :]),
        "shift": shift,
        "low": low,
        "high": high,
    }
    value = context.new_value(operator, sizes, DType.FLOAT32)
    context.builder.step("requant_shift_f32", fields, (view.operand,), value, clearance_bytes=0)
    context.bind(operator, replace(view, operand=value))


def _whole(operator: Operator, context: OnnxContext, position: int) -> Array:
    numbers = context.constant(operator, position, "multiplier or summand")
    reals = numbers.astype(np.float64)
    if not (np.isfinite(reals) & (reals == np.rint(reals))).all() or numbers.size == 0:
        raise context.refusal(operator, f"its input {position} is not whole")
    if reals.min() < _INT32.min or reals.max() > _INT32.max:
        raise context.refusal(operator, f"its input {position} does not fit 32 bits")
    return reals.astype(np.int32)


def _channel_axis(
    operator: Operator, context: OnnxContext, view: View, factors: tuple[Array, Array]
) -> int | None:
    """The one axis along which multiplier and summand change; None where neither does."""
    rank = len(view.shape)
    axes = {
        rank - factor.ndim + axis
        for factor in factors
        for axis, size in enumerate(factor.shape)
        if size != 1
    }
    if len(axes) > 1 or any(factor.ndim > rank for factor in factors):
        raise context.refusal(operator, f"its multiplier changes along axes {sorted(axes)}")
    axis = next(iter(axes), None)
    sizes = {factor.size for factor in factors} - {1}
    if axis is not None and sizes != {view.shape[axis]}:
        raise context.refusal(operator, f"it has {sorted(sizes)} multipliers for {view.shape}")
    return axis


def _bounds(operator: Operator, context: OnnxContext) -> tuple[int, int, int]:
    """The shift, the smallest and the largest result."""
    attributes = operator.attributes
    levels = attributes.get("n_levels_out", attributes.get("n_levels"))
    numbers = [
        float(np.asarray(one).reshape(-1)[0]) if one is not None and np.size(one) == 1 else math.nan
        for one in (attributes.get("div"), levels, attributes.get("signed"))
    ]
    div, n_levels, signed = numbers
    if not (1 <= div <= 2**31 and 1 <= n_levels <= 2**24 and signed in (0, 1)):
        raise context.refusal(operator, f"its div, n_levels and signed are {numbers}")
    shift = int(div).bit_length() - 1
    if div != 2**shift or n_levels != int(n_levels):
        raise context.refusal(operator, f"its div is {div}, no power of two")
    low = -(int(n_levels) // 2) if signed else 0
    return shift, low, low + int(n_levels) - 1


TABLE: LoweringTable = {
    "RequantShift": lowering(lower_requant_shift, DType.FLOAT32, max_version=1),
}
