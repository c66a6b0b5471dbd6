"""Random TFLite layers that have weights."""

from __future__ import annotations

import math

import numpy as np

from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, fields, out_size, padding
from tests.support.tflite_graph import Scale


def conv_2d(case: Case) -> None:
    case.label = "CONV_2D"
    groups = case.pick([1, 1, 1, 2, 3])
    depth, out_c = case.channels(6), groups * case.channels(6)
    batch, height, width = case.between(1, 2), case.between(1, 8), case.between(1, 8)
    kernel_h, kernel_w = (case.between(1, 4) for _ in range(2))
    stride_h, stride_w = (case.between(1, 3) for _ in range(2))
    dilation_h, dilation_w = (case.pick([1, 1, 2, 3]) for _ in range(2))
    pads, activation = padding(case), case.activation()
    out_h = out_size(height, kernel_h, stride_h, dilation_h, pads)
    out_w = out_size(width, kernel_w, stride_w, dilation_w, pads)
    if min(out_h, out_w) < 1:
        conv_2d(case)
        return
    source, scales = case.scale(), _scales(case, out_c)
    x = case.source((batch, height, width, depth * groups), source)
    shape = (out_c, kernel_h, kernel_w, depth)
    w = case.graph.tensor(shape, value=case.int8(shape), scales=scales, axis=0)
    bias = _bias(case, out_c, source, scales)
    to = _sum_scale(case, source, scales, depth * kernel_h * kernel_w)
    y = case.result((batch, out_h, out_w, out_c), to)
    numbers = (pads, stride_w, stride_h, activation, dilation_w, dilation_h)
    case.graph.node("CONV_2D", [x, w, *bias], [y], "Conv2DOptions", fields(numbers), version=3)


def depthwise_conv_2d(case: Case) -> None:
    case.label = "DEPTHWISE_CONV_2D"
    channels, multiplier = case.pick([1, 2, 3, 4, 5, 8]), case.pick([1, 1, 2, 3, 8])
    if case.widest:
        channels, multiplier = case.channels(0), 1
    out_c = channels * multiplier
    batch, height, width = case.between(1, 2), case.between(1, 8), case.between(1, 8)
    kernel_h, kernel_w = (case.between(1, 4) for _ in range(2))
    stride = case.between(1, 3)
    dilation_h, dilation_w = (case.pick([1, 1, 2]) for _ in range(2))
    pads, activation = padding(case), case.activation()
    out_h = out_size(height, kernel_h, stride, dilation_h, pads)
    out_w = out_size(width, kernel_w, stride, dilation_w, pads)
    if min(out_h, out_w) < 1:
        depthwise_conv_2d(case)
        return
    source, scales = case.scale(), _scales(case, out_c)
    x = case.source((batch, height, width, channels), source)
    shape = (1, kernel_h, kernel_w, out_c)
    w = case.graph.tensor(shape, value=case.int8(shape), scales=scales, axis=3)
    bias = _bias(case, out_c, source, scales)
    to = _sum_scale(case, source, scales, kernel_h * kernel_w)
    y = case.result((batch, out_h, out_w, out_c), to)
    numbers = (pads, stride, stride, multiplier, activation, dilation_w, dilation_h)
    options = fields(numbers)
    kind = "DepthwiseConv2DOptions"
    case.graph.node("DEPTHWISE_CONV_2D", [x, w, *bias], [y], kind, options, version=3)


def fully_connected(case: Case) -> None:
    case.label = "FULLY_CONNECTED"
    in_n, out_n = case.channels(20), case.channels(9)
    leading = case.shape(case.between(1, 3), 3)
    source, scales = case.scale(), _scales(case, out_n)
    x = case.source((*leading, in_n), source)
    w = case.graph.tensor((out_n, in_n), value=case.int8((out_n, in_n)), scales=scales, axis=0)
    bias = _bias(case, out_n, source, scales)
    keeps = len(leading) > 1
    shape = (*leading, out_n) if keeps else (math.prod(leading), out_n)
    y = case.result(shape, _sum_scale(case, source, scales, in_n))
    options = fields((case.activation(), np.int8(0), np.uint8(keeps)))
    inputs = [x, w, *(bias or [-1])]
    case.graph.node("FULLY_CONNECTED", inputs, [y], "FullyConnectedOptions", options, version=4)


def _scales(case: Case, n: int) -> Array:
    """One scale, or one for each output."""
    count = case.pick([1, n])
    case.label += " per tensor" if count == 1 else " per channel"
    spread = case.pick([1.5, 1.5, 100.0])
    powers = case.random.uniform(-1, 1, count)
    scales: Array = (0.01 * spread**powers).astype(np.float32)
    return scales


def _bias(case: Case, n: int, source: Scale, scales: Array) -> list[int]:
    if case.chance(0.25):
        return [-1] if case.chance(0.5) else []
    reach = case.pick([500, 20000])
    value = case.random.integers(-reach, reach, n).astype(np.int32)
    steps = np.broadcast_to(np.float32(source.scale) * scales, n)
    return [case.graph.tensor((n,), "int32", value=value, scales=steps)]


def _sum_scale(case: Case, source: Scale, scales: Array, terms: int) -> Scale:
    near = source.scale * float(scales.mean()) * 75 * math.sqrt(terms)
    return case.scale(max(near, 1e-9))
