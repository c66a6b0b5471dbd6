"""Random float32 TFLite operators, and those that only move values; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, Draw


def real(case: Case, shape: Sequence[int], spread: float = 3.0) -> Array:
    """Normally distributed float32 values."""
    value: Array = (case.random.standard_normal(tuple(shape)) * spread).astype(np.float32)
    return value


def real_input(case: Case, shape: Sequence[int], spread: float = 3.0) -> int:
    return case.graph.input(real(case, shape, spread), None)


def real_result(case: Case, shape: Sequence[int]) -> int:
    return case.result(shape, None, "float32")


def float_binary(case: Case) -> None:
    op_type = case.pick(["MAXIMUM", "MINIMUM", "PRELU", "DIV"])
    shape = case.shape(4, 5)
    case.label = f"{op_type} {shape}"
    other = (1, 1, 1, shape[3]) if case.chance(0.5) else shape
    x = real_input(case, shape)
    if op_type == "PRELU":
        alpha = case.graph.tensor(other[1:], "float32", value=real(case, other[1:], 0.3))
    else:
        alpha = case.graph.input(real(case, other) + np.float32(9), None)
    case.graph.node(op_type, [x, alpha], [real_result(case, shape)], version=1)


def float_unary(case: Case) -> None:
    op_type = case.pick(["HARD_SWISH", "LOG_SOFTMAX"])
    shape = case.shape(case.between(1, 4), 6)
    case.label = f"{op_type} {shape}"
    case.graph.node(op_type, [real_input(case, shape)], [real_result(case, shape)], version=1)


def reduction(case: Case) -> None:
    op_type = case.pick(["REDUCE_MAX", "REDUCE_MIN", "SUM"])
    rank = case.between(1, 4)
    shape = case.shape(rank, 6)
    axes = sorted(case.random.choice(rank, case.between(1, rank), replace=False).tolist())
    keeps = case.chance(0.5)
    out = tuple(1 if a in axes else s for a, s in enumerate(shape) if keeps or a not in axes)
    case.label = f"{op_type} {shape} {axes} {keeps}"
    if op_type == "REDUCE_MAX" and case.chance(0.5):
        scale = case.scale()
        x, y = case.source(shape, scale), case.result(out, scale)
    else:
        x, y = real_input(case, shape), real_result(case, out)
    inputs = [x, case.graph.numbers(axes)]
    case.graph.node(op_type, inputs, [y], "ReducerOptions", {0: np.uint8(keeps)}, version=1)


def resize_bilinear(case: Case) -> None:
    batch, height, width, channels = case.shape(4, 6)
    out_h, out_w = case.between(1, 12), case.between(1, 12)
    corners = case.chance(0.4)
    centers = not corners and case.chance(0.5)
    case.label = f"RESIZE_BILINEAR {height}x{width} to {out_h}x{out_w} {corners} {centers}"
    x = real_input(case, (batch, height, width, channels))
    y = real_result(case, (batch, out_h, out_w, channels))
    options = {2: np.uint8(corners), 3: np.uint8(centers)}
    inputs = [x, case.graph.numbers([out_h, out_w])]
    case.graph.node("RESIZE_BILINEAR", inputs, [y], "ResizeBilinearOptions", options, version=3)


def blocks(case: Case) -> None:
    op_type = case.pick(["DEPTH_TO_SPACE", "SPACE_TO_DEPTH"])
    batch, height, width, channels = case.shape(4, 4)
    block = case.between(1, 3)
    case.label = f"{op_type} {height}x{width}x{channels} by {block}"
    deep = (batch, height, width, channels * block * block)
    wide = (batch, height * block, width * block, channels)
    ends = (deep, wide) if op_type == "DEPTH_TO_SPACE" else (wide, deep)
    scale = case.scale()
    x, y = case.source(ends[0], scale), case.result(ends[1], scale)
    kind = "DepthToSpaceOptions" if op_type == "DEPTH_TO_SPACE" else "SpaceToDepthOptions"
    case.graph.node(op_type, [x], [y], kind, {0: np.int32(block)}, version=1)


def half_weights(case: Case) -> None:
    """A layer whose filter is dequantized from float16."""
    case.label = "DEQUANTIZE float16"
    in_n, out_n = case.between(1, 9), case.between(1, 9)
    halves = real(case, (out_n, in_n)).astype(np.float16)
    stored = case.graph.tensor(halves.shape, "float16", value=halves)
    weights = case.graph.tensor(halves.shape, "float32")
    case.graph.node("DEQUANTIZE", [stored], [weights], version=3)
    x, y = real_input(case, (2, in_n)), real_result(case, (2, out_n))
    case.graph.node("FULLY_CONNECTED", [x, weights, -1], [y], "FullyConnectedOptions", {})


FLOAT_DRAWS: Sequence[Draw] = (
    float_binary,
    float_unary,
    reduction,
    resize_bilinear,
    blocks,
)
