"""Random TFLite operators that compute with values alone."""

from __future__ import annotations

import numpy as np

from tests.support.tflite_case import Case, fields, out_size, padding
from tests.support.tflite_graph import Scale


def binary(case: Case) -> None:
    op_type = case.pick(["ADD", "SUB", "MUL"])
    case.label = op_type
    shape = case.shape(case.between(1, 4), 5)
    shapes = [shape, shape]
    if case.chance(0.6):
        at = case.between(0, 1)
        shapes[at] = tuple(1 if case.chance(0.5) else size for size in shape)
        shapes[at] = shapes[at][case.between(0, len(shape) - 1) :]
    if case.chance(0.2):  # both are broadcast
        mask = [case.chance(0.5) for _ in shape]
        shapes[0] = tuple(1 if m else size for m, size in zip(mask, shape, strict=True))
        shapes[1] = tuple(size if m else 1 for m, size in zip(mask, shape, strict=True))
    scales = [case.scale(), case.scale()]
    operands = []
    constant = case.pick([0, 1, None, None])
    for index in range(2):
        value = case.int8(shapes[index])
        if index == constant:
            operands.append(case.graph.tensor(shapes[index], scale=scales[index], value=value))
        else:
            operands.append(case.graph.input(value, scales[index]))
    near = max(s.scale for s in scales) * 1.5
    if op_type == "MUL":
        near = scales[0].scale * scales[1].scale * 100
    out = tuple(np.broadcast_shapes(*shapes))
    y = case.result(out, case.scale(near))
    case.label += f" {shapes}"
    kind = f"{op_type.capitalize()}Options"
    case.graph.node(op_type, operands, [y], kind, fields((case.activation(),)), version=2)


def pool(case: Case) -> None:
    op_type = case.pick(["AVERAGE_POOL_2D", "MAX_POOL_2D"])
    case.label = op_type
    batch, height, width, channels = case.shape(4, 8)
    kernel_h, kernel_w = case.between(1, 4), case.between(1, 4)
    stride_h, stride_w = (case.between(1, 3) for _ in range(2))
    pads, activation = padding(case), case.activation()
    out_h = out_size(height, kernel_h, stride_h, 1, pads)
    out_w = out_size(width, kernel_w, stride_w, 1, pads)
    if min(out_h, out_w) < 1:
        pool(case)
        return
    scale = case.scale()
    x = case.source((batch, height, width, channels), scale)
    y = case.result((batch, out_h, out_w, channels), scale)
    options = fields((pads, stride_w, stride_h, kernel_w, kernel_h, activation))
    case.graph.node(op_type, [x], [y], "Pool2DOptions", options, version=2)


def mean(case: Case) -> None:
    case.label = "MEAN"
    rank = case.between(1, 4)
    shape = case.shape(rank)
    axes = sorted(case.random.choice(rank, case.between(1, rank), replace=False).tolist())
    keeps = case.chance(0.5)
    out = tuple(1 if a in axes else s for a, s in enumerate(shape) if keeps or a not in axes)
    spelled = [a if case.chance(0.5) else a - rank for a in axes]
    if case.chance(0.1):
        spelled.append(spelled[0])
    source = case.scale()
    to = source if case.chance(0.3) else case.scale(source.scale)
    case.label += f" {shape} {spelled} {keeps}"
    x = case.source(shape, source)
    y = case.result(out, to)
    inputs = [x, case.graph.numbers(spelled)]
    case.graph.node("MEAN", inputs, [y], "ReducerOptions", {0: np.uint8(keeps)}, version=2)


def softmax(case: Case) -> None:
    case.label = "SOFTMAX"
    shape = case.shape(case.between(1, 4), 6)
    if case.chance(0.1):
        shape = (1, case.pick([300, 1400]))
    beta = case.pick([1.0, 1.0, 0.25, 3.0])
    x = case.source(shape, case.scale(0.1))
    y = case.result(shape, Scale(1 / 256, -128))
    case.graph.node("SOFTMAX", [x], [y], "SoftmaxOptions", {0: np.float32(beta)}, version=2)


def unary(case: Case) -> None:
    op_type = case.pick(["LOGISTIC", "TANH", "RELU", "RELU6", "LEAKY_RELU"])
    case.label = op_type
    shape = case.shape(case.between(1, 4), 5)
    if case.chance(0.7):
        shape = (256,)
    source = case.scale(0.05)
    x = (
        case.graph.input(np.arange(-128, 128, dtype=np.int8), source)
        if shape == (256,)
        else (case.source(shape, source))
    )
    to = case.scale(source.scale)
    if op_type in ("LOGISTIC", "TANH"):
        to = Scale(1 / 256, -128) if op_type == "LOGISTIC" else Scale(1 / 128, 0)
    if op_type == "RELU6" and case.chance(0.5):
        to = source
    y = case.result(shape, to)
    if op_type == "LEAKY_RELU":
        alpha = case.pick([0.1, 0.3, 0.01, 1.0, 1.5, -0.4, 0.0])
        case.label += f" {alpha}"
        case.graph.node(op_type, [x], [y], "LeakyReluOptions", {0: np.float32(alpha)}, version=2)
    else:
        case.graph.node(op_type, [x], [y], version=2)


def resize_nearest(case: Case) -> None:
    case.label = "RESIZE_NEAREST_NEIGHBOR"
    batch, height, width, channels = case.shape(4, 6)
    out_h, out_w = case.between(1, 12), case.between(1, 12)
    flags = [np.uint8(case.chance(0.5)) for _ in range(2)]
    scale = case.scale()
    case.label += f" {height}x{width} to {out_h}x{out_w} {flags}"
    x = case.source((batch, height, width, channels), scale)
    y = case.result((batch, out_h, out_w, channels), scale)
    inputs = [x, case.graph.numbers([out_h, out_w])]
    kind = "ResizeNearestNeighborOptions"
    case.graph.node("RESIZE_NEAREST_NEIGHBOR", inputs, [y], kind, fields(flags), version=3)


def quantize(case: Case) -> None:
    case.label = "QUANTIZE"
    kind = case.pick(["int8 int8", "int8 uint8", "uint8 int8", "float32 int8", "int8 float32"])
    case.label += f" {kind}"
    source, target = kind.split()
    scale = case.scale()
    if source == "float32":
        value = case.random.standard_normal(64).astype(np.float32) * np.float32(scale.scale * 70)
        value[:16] = (np.arange(16) - 8.5).astype(np.float32) * np.float32(scale.scale)
        x = case.graph.input(value, None)
        y = case.result(value.shape, scale)
        case.graph.node("QUANTIZE", [x], [y], version=1)
        return
    value = np.arange(256).astype(np.uint8).view(source)
    x = case.graph.input(value, _for(scale, source))
    if target == "float32":
        case.graph.node("DEQUANTIZE", [x], [case.result((256,), None, "float32")], version=2)
        return
    to = case.scale(scale.scale)
    y = case.result((256,), _for(to, target), target)
    case.graph.node("QUANTIZE", [x], [y], version=2)


def _for(scale: Scale, dtype: str) -> Scale:
    return scale if dtype == "int8" else Scale(scale.scale, scale.zero_point + 128)
