"""Resize: along each axis that changes, slices are chosen, or interpolated as float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_movement import rebind
from fitgraph.compiler_bridge.lower.onnx_take import blended, taken
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array
from fitgraph.registry.model_graph import DType, Operator

ROI, SCALES = 1, 2  # inputs
ROI_OPTIONAL_SINCE = 13


def lower_resize(operator: Operator, context: OnnxContext) -> None:
    """Modes nearest and linear."""
    attributes = operator.attributes
    mode = str(attributes.get("mode", "nearest"))
    if mode not in ("nearest", "linear"):
        raise context.refusal(operator, f"its mode is {mode}")
    if operator.version < ROI_OPTIONAL_SINCE and not context.has_input(operator, ROI):
        raise context.refusal(operator, f"opset {operator.version} wants a region of interest")
    if attributes.get("antialias", 0) or "axes" in attributes:
        raise context.refusal(operator, "it smooths, or names its axes")
    if str(attributes.get("keep_aspect_ratio_policy", "stretch")) != "stretch":
        raise context.refusal(operator, "it keeps the aspect ratio")
    source = context.float_view if mode == "linear" else context.view
    view = source(operator, 0)
    shape = context.output_shape(operator)
    if len(shape) != len(view.shape):
        raise context.refusal(operator, f"it yields {list(shape)} of {list(view.shape)}")
    scales = _scales(operator, context, view.shape, shape)
    for axis, size in enumerate(shape):
        if size == view.shape[axis] and scales[axis] == 1:
            continue
        where = _positions(operator, context, view.shape[axis], size, scales[axis])
        if mode == "linear":
            view = blended(operator, context, view, axis, np.clip(where, 0, view.shape[axis] - 1))
        else:
            index = _nearest(operator, context, where, view.shape[axis])
            view = taken(operator, context, view, axis, index)
    rebind(operator, context, view)


def lower_upsample(operator: Operator, context: OnnxContext) -> None:
    """Resize as it was before opset 10."""
    mode = str(operator.attributes.get("mode", "nearest"))
    attributes = {
        "mode": "linear" if mode == "bilinear" else mode,
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
    }
    # Its scales, an attribute or the second input, are told by the shapes.
    lower_resize(
        replace(
            operator, inputs=operator.inputs[:1], attributes=attributes, version=ROI_OPTIONAL_SINCE
        ),
        context,
    )


def _scales(
    operator: Operator, context: OnnxContext, given: tuple[int, ...], wanted: tuple[int, ...]
) -> list[np.float32]:
    """Output to input size along each axis, float32 as onnxruntime computes it."""
    if context.has_input(operator, SCALES):
        scales = context.constant(operator, SCALES, "scales").reshape(-1)
        if scales.size:
            if scales.size != len(given) or scales.dtype != np.float32 or not (scales > 0).all():
                raise context.refusal(operator, f"its scales are {scales.tolist()}")
            return list(scales)
    return [np.float32(new) / np.float32(old) for old, new in zip(given, wanted, strict=True)]


def _positions(
    operator: Operator, context: OnnxContext, size: int, out: int, scale: np.float32
) -> Array:
    """Where each output lies between the inputs."""
    mode = str(operator.attributes.get("coordinate_transformation_mode", "half_pixel"))
    x = np.arange(out, dtype=np.float32)
    half = np.float32(0.5)
    if mode == "asymmetric":
        return x / scale
    if mode == "align_corners":
        gap = np.float32(max(out - 1, 1))
        return x * np.float32(size - 1) / gap if out > 1 else x * np.float32(0)
    if mode == "half_pixel" or (mode == "pytorch_half_pixel" and out > 1):
        return (x + half) / scale - half
    if mode == "pytorch_half_pixel":
        return x * np.float32(0)
    raise context.refusal(operator, f"its coordinates are {mode}")


def _nearest(operator: Operator, context: OnnxContext, where: Array, size: int) -> Array:
    mode = str(operator.attributes.get("nearest_mode", "round_prefer_floor"))
    rounders: dict[str, Callable[[Array], Array]] = {
        "round_prefer_floor": lambda x: np.ceil(x - np.float32(0.5)),
        "round_prefer_ceil": lambda x: np.floor(x + np.float32(0.5)),
        "floor": np.floor,
        "ceil": np.ceil,
    }
    if mode not in rounders:
        raise context.refusal(operator, f"its nearest mode is {mode}")
    return np.asarray(np.clip(rounders[mode](where), 0, size - 1), np.int64)


TABLE: LoweringTable = {
    "Upsample": lowering(lower_upsample, DType.FLOAT32, max_version=10),
    "Resize": lowering(lower_resize, DType.FLOAT32, DType.INT8, DType.UINT8, max_version=19),
}
