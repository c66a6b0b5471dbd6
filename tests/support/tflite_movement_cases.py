"""Random TFLite operators that move values."""

from __future__ import annotations

import math

import numpy as np

from tests.support.tflite_case import Case, fields


def pad(case: Case) -> None:
    op_type = case.pick(["PAD", "PADV2"])
    case.label = op_type
    shape = case.shape(case.between(1, 4), 5)
    pads = case.random.integers(0, 3, (len(shape), 2))
    scale = case.scale()
    x = case.source(shape, scale)
    inputs = [x, case.graph.numbers(pads)]
    if op_type == "PADV2":
        value = case.int8((1,))
        inputs.append(case.graph.tensor((1,), scale=scale, value=value))
    y = case.result(tuple(s + int(p.sum()) for s, p in zip(shape, pads, strict=True)), scale)
    case.graph.node(
        op_type, inputs, [y], "PadV2Options" if op_type == "PADV2" else "PadOptions", {}, version=2
    )


def concatenation(case: Case) -> None:
    case.label = "CONCATENATION"
    shape = case.shape(case.between(1, 4), 5)
    axis = case.between(0, len(shape) - 1)
    scale = case.scale()
    operands: list[int] = []
    length = 0
    for _ in range(case.between(1, 4)):
        size = case.between(1, 4)
        part = (*shape[:axis], size, *shape[axis + 1 :])
        if case.chance(0.2) and operands:
            operands.append(case.graph.tensor(part, scale=scale, value=case.int8(part)))
        else:
            operands.append(case.source(part, scale))
        length += size
    y = case.result((*shape[:axis], length, *shape[axis + 1 :]), scale)
    spelled = axis if case.chance(0.5) else axis - len(shape)
    options = fields((spelled, np.int8(0)))
    case.graph.node("CONCATENATION", operands, [y], "ConcatenationOptions", options, version=2)


def strided_slice(case: Case) -> None:
    case.label = "STRIDED_SLICE"
    shape = case.shape(case.between(1, 4), 6)
    rank = len(shape)
    begin = [case.between(-s - 2, s + 1) for s in shape]
    end = [case.between(-s - 2, s + 1) for s in shape]
    strides = [case.pick([1, 1, 2, 3, -1, -2]) for _ in shape]
    masks = [sum(case.chance(0.3) << axis for axis in range(rank)) for _ in range(2)]
    shrink = sum(case.chance(0.15) << axis for axis in range(rank))
    out = []
    for axis, size in enumerate(shape):
        if shrink >> axis & 1:
            begin[axis] = case.between(-size, size - 1)
            end[axis] = begin[axis] + 1
            strides[axis] = 1
            continue
        start = None if masks[0] >> axis & 1 else begin[axis]
        stop = None if masks[1] >> axis & 1 else end[axis]
        out.append(len(range(size)[slice(start, stop, strides[axis])]))
    if 0 in out:
        strided_slice(case)
        return
    scale = case.scale()
    case.label += f" {shape} {begin} {end} {strides} {masks} {shrink}"
    inputs = [case.source(shape, scale), *map(case.graph.numbers, (begin, end, strides))]
    y = case.result(out, scale)
    options = fields((*masks, 0, 0, shrink))
    case.graph.node("STRIDED_SLICE", inputs, [y], "StridedSliceOptions", options, version=1)


def slice_(case: Case) -> None:
    case.label = "SLICE"
    shape = case.shape(case.between(1, 4), 6)
    begin = [case.between(0, s - 1) for s in shape]
    sizes = [case.between(1, s - b) for s, b in zip(shape, begin, strict=True)]
    spelled = [
        -1 if b + n == s and case.chance(0.5) else n
        for s, b, n in zip(shape, begin, sizes, strict=True)
    ]
    scale = case.scale()
    inputs = [case.source(shape, scale), case.graph.numbers(begin), case.graph.numbers(spelled)]
    case.graph.node("SLICE", inputs, [case.result(sizes, scale)], "SliceOptions", {}, version=2)


def transpose(case: Case) -> None:
    case.label = "TRANSPOSE"
    shape = case.shape(case.between(1, 5), 4)
    perm = case.random.permutation(len(shape)).tolist()
    scale = case.scale()
    case.label += f" {shape} {perm}"
    inputs = [case.source(shape, scale), case.graph.numbers(perm)]
    y = case.result([shape[a] for a in perm], scale)
    case.graph.node("TRANSPOSE", inputs, [y], "TransposeOptions", {}, version=2)


def split(case: Case) -> None:
    op_type = case.pick(["SPLIT", "SPLIT_V", "UNPACK"])
    case.label = op_type
    rank = case.between(1 if op_type != "UNPACK" else 2, 4)
    shape = list(case.shape(rank, 4))
    axis = case.between(0, rank - 1)
    n = case.between(1, 3)
    sizes = (
        [case.between(1, 3)] * n if op_type == "SPLIT" else [case.between(1, 3) for _ in "x" * n]
    )
    if op_type == "UNPACK":
        sizes = [1] * n
    shape[axis] = sum(sizes)
    scale = case.scale()
    x = case.source(shape, scale)
    spelled = axis if case.chance(0.5) else axis - rank
    case.label += f" {shape} {spelled} {sizes}"
    parts = [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]
    if op_type == "UNPACK":
        parts = [(*shape[:axis], *shape[axis + 1 :])] * n
    outputs = [case.result(part, scale) for part in parts]
    if op_type == "SPLIT":
        inputs, kind, options = [case.graph.numbers([spelled]), x], "SplitOptions", fields((n,))
    elif op_type == "SPLIT_V":
        numbers = [case.graph.numbers(sizes), case.graph.numbers([spelled])]
        inputs, kind, options = [x, *numbers], "SplitVOptions", fields((n,))
    else:
        inputs, kind, options = [x], "UnpackOptions", fields((n, spelled))
    case.graph.node(op_type, inputs, outputs, kind, options, version=1)


def pack(case: Case) -> None:
    case.label = "PACK"
    shape = case.shape(case.between(1, 3), 4)
    n, axis = case.between(1, 3), case.between(0, len(shape))
    scale = case.scale()
    operands = [case.source(shape, scale) for _ in range(n)]
    out = (*shape[:axis], n, *shape[axis:])
    spelled = axis if case.chance(0.5) else axis - len(out)
    y = case.result(out, scale)
    case.graph.node("PACK", operands, [y], "PackOptions", fields((n, spelled)), version=1)


def reshape(case: Case) -> None:
    op_type = case.pick(["RESHAPE", "SQUEEZE", "EXPAND_DIMS"])
    case.label = op_type
    scale = case.scale()
    shape = case.shape(3, 4)
    if op_type == "RESHAPE":
        x, out = case.source(shape, scale), (math.prod(shape[:2]), shape[2])
        y = case.result(out, scale)
        options = {0: np.array(out, np.int32)}
        case.graph.node(op_type, [x, case.graph.numbers(out)], [y], "ReshapeOptions", options)
    elif op_type == "SQUEEZE":
        x = case.source((1, *shape, 1), scale)
        options = {0: np.array([0, 4], np.int32)}
        case.graph.node(op_type, [x], [case.result(shape, scale)], "SqueezeOptions", options)
    else:
        x, y = case.source(shape, scale), case.result((shape[0], 1, *shape[1:]), scale)
        case.graph.node(op_type, [x, case.graph.numbers([1])], [y], "ExpandDimsOptions", {})
