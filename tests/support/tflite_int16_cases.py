"""Random TFLite operators on int16; as in ``tflite_cases``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from tflite.Padding import Padding

from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, Draw, fields, out_size, padding
from tests.support.tflite_graph import Scale


def int16(case: Case, shape: Sequence[int]) -> Array:
    if case.chance(0.15):
        return case.random.choice([-32768, 32767], tuple(shape)).astype(np.int16)
    return case.random.integers(-32768, 32768, tuple(shape)).astype(np.int16)


def symmetric(case: Case, near: float = 3e-4) -> Scale:
    return Scale(float(np.float32(near * case.random.uniform(0.3, 3))), 0)


def source(case: Case, shape: Sequence[int], scale: Scale) -> int:
    return case.graph.input(int16(case, shape), scale)


def result(case: Case, shape: Sequence[int], scale: Scale) -> int:
    return case.result(shape, scale, "int16")


def _scales(case: Case, n: int) -> Array:
    count = case.pick([1, n])
    scales: Array = (0.01 * 1.5 ** case.random.uniform(-1, 1, count)).astype(np.float32)
    return scales


def _bias(case: Case, n: int, x: Scale, scales: Array) -> list[int]:
    value = case.random.integers(-500000, 500000, n).astype(np.int64)
    steps = np.broadcast_to(np.float32(x.scale) * scales, n)
    return [case.graph.tensor((n,), "int64", value=value, scales=steps)]


def _sum_scale(case: Case, x: Scale, scales: Array, terms: int) -> Scale:
    return symmetric(case, x.scale * float(scales.mean()) * 40 * math.sqrt(terms))


def convolution(case: Case) -> None:
    op_type = case.pick(["CONV_2D", "DEPTHWISE_CONV_2D"])
    case.label = op_type
    depth, multiplier = case.between(1, 6), case.between(1, 3)
    kernel_h, kernel_w = case.between(1, 3), case.between(1, 3)
    stride, pad = case.between(1, 2), padding(case)
    height, width = case.between(3, 8), case.between(3, 8)
    out_h, out_w = (
        out_size(size, kernel, stride, 1, pad)
        for size, kernel in ((height, kernel_h), (width, kernel_w))
    )
    activation = case.activation()
    x_scale = symmetric(case)
    out_c = depth * multiplier if op_type == "DEPTHWISE_CONV_2D" else case.between(1, 6)
    scales = _scales(case, out_c)
    x = source(case, (1, height, width, depth), x_scale)
    is_depthwise = op_type == "DEPTHWISE_CONV_2D"
    shape = (1, kernel_h, kernel_w, out_c) if is_depthwise else (out_c, kernel_h, kernel_w, depth)
    axis = 3 if is_depthwise else 0
    w = case.graph.tensor(shape, value=case.int8(shape), scales=scales, axis=axis)
    bias = _bias(case, out_c, x_scale, scales)
    terms = kernel_h * kernel_w * (1 if is_depthwise else depth)
    y = result(case, (1, out_h, out_w, out_c), _sum_scale(case, x_scale, scales, terms))
    if is_depthwise:
        options = fields((pad, stride, stride, multiplier, activation, 1, 1))
        kind = "DepthwiseConv2DOptions"
    else:
        options, kind = fields((pad, stride, stride, activation, 1, 1)), "Conv2DOptions"
    case.graph.node(op_type, [x, w, *bias], [y], kind, options, version=5)


def fully_connected(case: Case) -> None:
    case.label = "FULLY_CONNECTED"
    batch, in_n, out_n = case.between(1, 3), case.pick([3, 17, 600]), case.between(1, 6)
    x_scale, scales = symmetric(case), np.array([0.01 * case.random.uniform(0.3, 3)], np.float32)
    x = source(case, (batch, in_n), x_scale)
    w = case.graph.tensor((out_n, in_n), value=case.int8((out_n, in_n)), scales=scales)
    bias = _bias(case, out_n, x_scale, scales)
    y = result(case, (batch, out_n), _sum_scale(case, x_scale, scales, in_n))
    options = fields((case.activation(), np.int8(0), np.uint8(0)))
    case.graph.node(
        "FULLY_CONNECTED", [x, w, *bias], [y], "FullyConnectedOptions", options, version=7
    )


def transpose_conv(case: Case) -> None:
    dtype = case.pick(["int8", "int16", "float32"])
    pad = padding(case)
    case.label = f"TRANSPOSE_CONV {dtype} {pad}"
    height, width, depth, out_c = (case.between(1, 5) for _ in range(4))
    kernel, stride = case.between(1, 4), case.between(1, 3)
    out_h, out_w = (
        size * stride if pad == Padding.SAME else (size - 1) * stride + kernel
        for size in (height, width)
    )
    shape = (1, height, width, depth)
    weights = (out_c, kernel, kernel, depth)
    options = fields((pad, stride, stride))
    if dtype == "float32":
        x = case.graph.input(case.random.standard_normal(shape).astype(np.float32), None)
        value = case.random.standard_normal(weights).astype(np.float32)
        inputs = [case.graph.tensor(weights, "float32", value=value), x]
        y = case.result((1, out_h, out_w, out_c), None, "float32")
    else:
        x_scale = symmetric(case) if dtype == "int16" else case.scale()
        scales = _scales(case, out_c)
        x = source(case, shape, x_scale) if dtype == "int16" else case.source(shape, x_scale)
        w = case.graph.tensor(weights, value=case.int8(weights), scales=scales, axis=0)
        value = case.random.integers(-9000, 9000, out_c).astype(
            "int64" if dtype == "int16" else "int32"
        )
        bias = case.graph.tensor((out_c,), value.dtype.name, value=value, scales=scales)
        inputs = [w, x, bias]
        to = _sum_scale(case, x_scale, scales, depth * kernel)
        if dtype == "int8":
            to = case.scale(to.scale)
        y = case.result((1, out_h, out_w, out_c), to, dtype)
    size = case.graph.numbers((1, out_h, out_w, out_c))
    case.graph.node(
        "TRANSPOSE_CONV", [size, *inputs], [y], "TransposeConvOptions", options, version=3
    )


def binary(case: Case) -> None:
    op_type = case.pick(["ADD", "SUB", "MUL"])
    shape = case.shape(4, 5)
    other = (shape[3],) if case.chance(0.4) else shape
    case.label = f"{op_type} {shape} {other}"
    scales = [symmetric(case), symmetric(case)]
    operands = [source(case, s, scale) for s, scale in zip((shape, other), scales, strict=True)]
    near = max(s.scale for s in scales) * 1.5
    if op_type == "MUL":
        near = scales[0].scale * scales[1].scale * 20000
    y = result(case, shape, symmetric(case, near))
    kind = f"{op_type.capitalize()}Options"
    options = {0: case.activation(), 1: np.uint8(0)} if op_type != "MUL" else {0: case.activation()}
    case.graph.node(op_type, operands, [y], kind, options, version=2)


def pool(case: Case) -> None:
    op_type = case.pick(["AVERAGE_POOL_2D", "MAX_POOL_2D"])
    case.label = op_type
    batch, height, width, channels = case.shape(4, 6)
    kernel, stride, pad = case.between(1, 3), case.between(1, 2), padding(case)
    out_h, out_w = (out_size(size, kernel, stride, 1, pad) for size in (height, width))
    if min(out_h, out_w) < 1:
        pool(case)
        return
    scale = symmetric(case)
    x = source(case, (batch, height, width, channels), scale)
    y = result(case, (batch, out_h, out_w, channels), scale)
    options = fields((pad, stride, stride, kernel, kernel, case.activation()))
    case.graph.node(op_type, [x], [y], "Pool2DOptions", options, version=3)


def unary(case: Case) -> None:
    op_type = case.pick(["LOGISTIC", "TANH", "LEAKY_RELU"])
    n = 4096
    value = (np.arange(-32768, 32768, 16) + case.between(0, 15)).astype(np.int16)
    near = case.pick([2.0**-12, 2.0**-11, 3e-4, 1e-5, 1.3e-3])
    x_scale = Scale(float(np.float32(near)), 0)
    case.label = f"{op_type} {near}"
    x = case.graph.input(value, x_scale)
    if op_type == "LEAKY_RELU":
        alpha = case.pick([0.1, 0.3, 1.5, -0.4])
        y = result(case, (n,), symmetric(case, near))
        case.graph.node(op_type, [x], [y], "LeakyReluOptions", {0: np.float32(alpha)}, version=2)
        return
    case.graph.node(op_type, [x], [result(case, (n,), Scale(2.0**-15, 0))], version=3)


def softmax(case: Case) -> None:
    dtype = case.pick(["int8", "int16"])
    shape = (case.between(1, 4), case.pick([1, 2, 7, 40]))
    beta = case.pick([1.0, 0.25, 3.0])
    case.label = f"SOFTMAX {dtype} {shape} {beta}"
    if dtype == "int8":
        x = case.source(shape, case.scale(0.1))
        y = result(case, shape, Scale(2.0**-16, -32768))
    else:
        x = source(case, shape, symmetric(case, 5e-4))
        y = result(case, shape, Scale(2.0**-15, 0))
    case.graph.node("SOFTMAX", [x], [y], "SoftmaxOptions", {0: np.float32(beta)}, version=3)


RESCALED = (
    *("int8 int16", "int8 int32", "int16 int8", "int16 int16", "int16 int32"),
    *("int32 int8", "int32 int16", "float32 int16", "int16 float32"),
)


def quantize(case: Case) -> None:
    ends = case.pick(RESCALED)
    case.label = f"QUANTIZE {ends}"
    start, end = ends.split()
    near = {"int8": 0.05, "int16": 3e-4, "int32": 1e-8, "float32": 1.0}
    if start == "float32":
        value = case.random.standard_normal(200).astype(np.float32) * np.float32(5)
        x = case.graph.input(value, None)
    else:
        limits = np.iinfo(start)
        value = case.random.integers(limits.min, limits.max, 200, endpoint=True).astype(start)
        x = case.graph.input(value, symmetric(case, near[start]))
    if end == "float32":
        case.graph.node("DEQUANTIZE", [x], [case.result((200,), None, end)], version=4)
        return
    y = case.result((200,), symmetric(case, near[end]), end)
    case.graph.node("QUANTIZE", [x], [y], version=3)


INT16_DRAWS: Sequence[Draw] = (
    convolution,
    fully_connected,
    transpose_conv,
    binary,
    pool,
    unary,
    softmax,
    quantize,
)
