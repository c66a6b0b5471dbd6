"""Random TFLite operators: a seed gives one operator, or a few in a row.

Many cases share one file, so that one interpreter and one C compilation run them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation
from tflite.BuiltinOptions import BuiltinOptions
from tflite.Padding import Padding

from tests.support.qdq_graphs import Array
from tests.support.tflite_writer import flatbuffer, model, operator_code, subgraph
from tests.support.tflite_writer import operator as operator_fields
from tests.support.tflite_writer import tensor as tensor_fields

Options = Mapping[int, Any]
MAX_ELEMENTS = 1500


@dataclass(frozen=True, slots=True)
class Scale:
    """real = scale * (integer - zero_point)."""

    scale: float
    zero_point: int


@dataclass
class TfliteGraph:
    """Collects the tensors and operators of one file."""

    tensors: list[dict[int, Any]] = field(default_factory=list)
    operators: list[dict[int, Any]] = field(default_factory=list)
    codes: list[tuple[str, int]] = field(default_factory=list)
    buffers: list[bytes] = field(default_factory=list)
    inputs: dict[int, Array] = field(default_factory=dict)
    outputs: list[int] = field(default_factory=list)

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        scale: Scale | None = None,
        *,
        value: Array | None = None,
        scales: Array | None = None,
        axis: int = 0,
        is_variable: bool = False,
    ) -> int:
        """Adds a tensor; with a value it is constant."""
        quantization = None
        if scales is not None:
            zeros = np.zeros(len(scales), np.int64)
            quantization = {2: scales.astype(np.float32), 3: zeros, 6: np.int32(axis)}
        elif scale is not None:
            quantization = {
                2: np.array([scale.scale], np.float32),
                3: np.array([scale.zero_point], np.int64),
            }
        buffer = 0
        if value is not None:
            self.buffers.append(value.tobytes())
            buffer = len(self.buffers)
        name = f"tensor{len(self.tensors)}"
        fields = tensor_fields(
            name,
            shape,
            dtype.upper(),
            buffer=buffer,
            quantization=quantization,
            is_variable=is_variable,
        )
        self.tensors.append(fields)
        return len(self.tensors) - 1

    def input(self, value: Array, scale: Scale | None) -> int:
        """Adds an input, which is what the file is run with."""
        index = self.tensor(value.shape, value.dtype.name, scale)
        self.inputs[index] = value
        return index

    def numbers(self, values: Sequence[int] | Array) -> int:
        """Adds a constant of int32."""
        array = np.asarray(values, np.int32)
        return self.tensor(array.shape, "int32", value=array)

    def node(
        self,
        op_type: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        kind: str = "",
        options: Options | None = None,
        version: int = 1,
    ) -> None:
        """Adds an operator."""
        if (op_type, version) not in self.codes:
            self.codes.append((op_type, version))
        fields = operator_fields(inputs, outputs, self.codes.index((op_type, version)))
        if options is not None:
            fields[3] = np.uint8(getattr(BuiltinOptions, kind))
            fields[4] = dict(options)
        self.operators.append(fields)

    def content(self) -> bytes:
        """The file."""
        part = subgraph(self.tensors, self.operators, list(self.inputs), self.outputs)
        codes = [operator_code(op_type, version) for op_type, version in self.codes]
        return flatbuffer(model([part], codes, self.buffers))


@dataclass
class Case:
    """A case being drawn into a graph.

    Attributes:
        widest: most channels of a layer with weights; 0 for few.
    """

    graph: TfliteGraph
    random: np.random.Generator
    label: str = ""
    outputs: list[int] = field(default_factory=list)
    widest: int = 0

    def chance(self, p: float) -> bool:
        return bool(self.random.random() < p)

    def between(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def channels(self, usual: int) -> int:
        return self.between(1, self.widest or usual)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[int(self.random.integers(len(options)))]

    def shape(self, rank: int, largest: int = 7) -> tuple[int, ...]:
        while True:
            sizes = tuple(self.between(1, largest) for _ in range(rank))
            if math.prod(sizes) <= MAX_ELEMENTS:
                return sizes

    def int8(self, shape: Sequence[int]) -> Array:
        if self.chance(0.15):
            return self.random.choice([-128, 127], tuple(shape)).astype(np.int8)
        return self.random.integers(-128, 128, tuple(shape)).astype(np.int8)

    def scale(self, near: float = 0.05) -> Scale:
        """Sometimes a power of two, sometimes far off."""
        kind = self.random.random()
        if kind < 0.25:
            scale = 2.0 ** round(math.log2(near))
        elif kind < 0.35:
            scale = near * 10.0 ** self.random.uniform(-3, 3)
        else:
            scale = near * self.random.uniform(0.3, 3)
        zero = self.pick([-128, 127, 0, self.between(-128, 127), self.between(-128, 127)])
        return Scale(float(np.float32(scale)), zero)

    def source(self, shape: Sequence[int], scale: Scale) -> int:
        return self.graph.input(self.int8(shape), scale)

    def result(self, shape: Sequence[int], scale: Scale | None, dtype: str = "int8") -> int:
        index = self.graph.tensor(shape, dtype, scale)
        self.outputs.append(index)
        self.graph.outputs.append(index)
        return index

    def activation(self) -> np.int8:
        names = ["NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1"]
        name = self.pick(names)
        self.label += f" {name}"
        return np.int8(getattr(Activation, name))


Draw = Callable[[Case], None]


def padding(case: Case) -> np.int8:
    name = case.pick(["SAME", "VALID"])
    case.label += f" {name}"
    return np.int8(getattr(Padding, name))


def out_size(size: int, kernel: int, stride: int, dilation: int, padding: np.int8) -> int:
    reach = (kernel - 1) * dilation + 1
    if padding == Padding.SAME:
        return -(-size // stride)
    return (size - reach) // stride + 1


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


def fields(numbers: Sequence[Any]) -> dict[int, Any]:
    return {
        index: number if isinstance(number, np.generic) else np.int32(number)
        for index, number in enumerate(numbers)
    }


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


DRAWS: Sequence[Draw] = (
    conv_2d,
    conv_2d,
    depthwise_conv_2d,
    depthwise_conv_2d,
    fully_connected,
    binary,
    binary,
    pool,
    mean,
    softmax,
    unary,
    unary,
    pad,
    concatenation,
    strided_slice,
    slice_,
    transpose,
    split,
    pack,
    resize_nearest,
    quantize,
    reshape,
)


def add_case(graph: TfliteGraph, seed: int) -> Case:
    """Draws the case of that seed into the graph."""
    case = Case(graph, np.random.default_rng(seed))
    case.pick(DRAWS)(case)
    return case
