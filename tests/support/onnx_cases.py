"""Random quantized ONNX graphs: a seed gives a chain of layers with branches, and what to expect.

Many cases share one graph, so that one C compilation runs them all. Values of a case are integers
wherever docs/qlinear-semantics.md says so; a case ends at the first operator whose float32 sums
may be ordered otherwise, and is then compared with a tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.support.qdq_graphs import Array, OnnxGraph, f32, i64

OPSETS = (10, 11, 12, 13, 15, 17, 18, 21)
PER_AXIS_SINCE = 13
MAX_ELEMENTS = 1500


@dataclass(frozen=True, slots=True)
class Real:
    """A float32 tensor of the graph.

    Attributes:
        spread: of its values, roughly.
        quantized: whether it is no more than integers with one scale.
        exact: whether its bits are defined.
    """

    name: str
    shape: tuple[int, ...]
    spread: float = 1.0
    quantized: bool = False
    exact: bool = True
    scale: float = 1.0

    @property
    def rank(self) -> int:
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class Expected:
    """One output of a case: how far from the reference it may be."""

    name: str
    steps: int = 0
    relative: float = 0.0


@dataclass
class Case:
    """A case being drawn into a graph."""

    graph: OnnxGraph
    random: np.random.Generator
    label: list[str] = field(default_factory=list)
    outputs: list[Expected] = field(default_factory=list)
    reals: list[Real] = field(default_factory=list)

    # drawing --------------------------------------------------------------------------------

    def chance(self, p: float) -> bool:
        return bool(self.random.random() < p)

    def between(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def pick(self, options: Sequence[Any]) -> Any:
        return options[int(self.random.integers(len(options)))]

    def shape(self, rank: int, largest: int = 7) -> tuple[int, ...]:
        while True:
            sizes = tuple(self.between(1, largest) for _ in range(rank))
            if math.prod(sizes) <= MAX_ELEMENTS:
                return sizes

    def integers(self, dtype: str, shape: Sequence[int]) -> Array:
        limits = np.iinfo(dtype)
        if self.chance(0.1):
            return self.random.choice([limits.min, limits.max], tuple(shape)).astype(dtype)
        return self.random.integers(limits.min, limits.max + 1, tuple(shape)).astype(dtype)

    def floats(self, shape: Sequence[int], spread: float = 1.0) -> Array:
        return (self.random.standard_normal(tuple(shape)) * spread).astype(np.float32)

    def scale(self, near: float) -> float:
        """Sometimes a power of two, which makes ties."""
        if self.chance(0.3):
            return float(np.float32(2.0 ** round(math.log2(near))))
        return float(np.float32(near * self.random.uniform(0.5, 2.0)))

    def zero_point(self, dtype: str) -> Array:
        limits = np.iinfo(dtype)
        common = [limits.min, limits.max, (limits.min + limits.max + 1) // 2]
        if self.chance(0.4):
            return np.asarray(self.pick(common), dtype)
        return np.asarray(self.between(limits.min, limits.max), dtype)

    def dtype(self) -> str:
        return str(self.pick(["int8", "uint8"]))

    # graph ----------------------------------------------------------------------------------

    @property
    def opset(self) -> int:
        return self.graph.opset

    def node(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> str:
        self.label.append(op_type)
        return self.graph.node(op_type, inputs, **attributes)

    def source(self, rank: int) -> Real:
        """A new input: floats, floats quantized at once, or integers."""
        shape = self.shape(rank)
        kind = self.pick(["integer", "integer", "quantized", "float"])
        if kind == "float":
            return self.kept(Real(self.graph.input(self.floats(shape)), shape))
        if kind == "quantized":
            real = Real(self.graph.input(self.floats(shape)), shape)
            return self.kept(self.requantized(real))
        dtype = self.dtype()
        scale, zero = self.scale(0.02), self.zero_point(dtype)
        name = self.graph.input(self.integers(dtype, shape))
        self.label.append(f"{dtype}{list(shape)}")
        if self.chance(0.1):
            self.label.append("Cast")
            cast = self.graph.node("Cast", [name], to=1)
            return self.kept(Real(cast, shape, 75.0, quantized=True))
        dequantized = self.graph.dequantized(name, scale, zero)
        return self.kept(Real(dequantized, shape, scale * 75, quantized=True, scale=scale))

    def kept(self, real: Real) -> Real:
        self.reals.append(real)
        return real

    def requantized(self, real: Real) -> Real:
        """QuantizeLinear and DequantizeLinear."""
        scale = self.scale(max(real.spread, 1e-6) / 50)
        dtype = self.dtype()
        zero = self.zero_point(dtype)
        quantized = self.graph.quantized(real.name, scale, zero)
        if self.chance(0.1):
            self.outputs.append(Expected(quantized, steps=0 if real.exact else 1))
        self.label.append(f"Q{dtype}")
        dequantized = self.graph.dequantized(quantized, scale, zero)
        return replace(
            real,
            name=dequantized,
            spread=scale * 60,
            quantized=True,
            scale=scale,
        )

    def quantized_constant(self, array: Array, scale: float, zero: Array) -> str:
        return self.graph.dequantized(self.graph.constant(array), scale, zero)

    def ints(self, values: Sequence[int]) -> str:
        return self.graph.constant(i64(list(values)))


Layer = Callable[[Case, Real], Real | None]


# layers -------------------------------------------------------------------------------------


def _weights(case: Case, shape: tuple[int, ...], axis: int) -> tuple[str, Array]:
    """Dequantized weights, and the scales of their slices along the axis."""
    n = shape[axis]
    dtype = case.pick(["int8", "int8", "int8", "uint8"])
    integers = case.integers(dtype, shape)
    symmetric = np.asarray(0 if dtype == "int8" else 128, dtype)
    if case.opset >= PER_AXIS_SINCE and case.chance(0.6):
        scales = f32([case.scale(0.01) for _ in range(n)])
        zeros = np.broadcast_to(symmetric, n).copy()
        constant = case.graph.constant(integers)
        return case.graph.dequantized(constant, scales, zeros, axis=axis), scales
    scale = case.scale(0.01)
    zero = symmetric
    if case.chance(0.2):  # asymmetric, yet within int8 once centred
        zero = np.asarray(int(symmetric) + case.between(-20, 20), dtype)
        limits = np.iinfo(dtype)
        low, high = max(int(zero) - 128, limits.min), min(int(zero) + 127, limits.max)
        integers = np.clip(integers, low, high).astype(dtype)
    return case.quantized_constant(integers, scale, zero), np.full(n, scale, np.float32)


def _bias(case: Case, scales: Array, n: int) -> list[str]:
    kind = case.pick(["none", "integers", "float", "other scale"])
    if kind == "none":
        return []
    reals = case.floats((n,), float(scales.mean()) * 2000)
    if kind == "float":
        return [case.graph.constant(reals)]
    if kind == "other scale":
        integers = case.integers("int8", (n,)).astype(np.int32)
        scale = float(scales.mean()) * 7.3
        return [case.quantized_constant(integers, scale, np.asarray(0, np.int32))]
    integers = case.random.integers(-4000, 4000, n).astype(np.int32)
    constant = case.graph.constant(integers)
    if case.opset < PER_AXIS_SINCE:
        if len(set(scales.tolist())) > 1:
            return []
        zero = np.asarray(0, np.int32)
        return [case.graph.dequantized(constant, float(scales[0]), zero)]
    return [case.graph.dequantized(constant, scales, np.zeros(n, np.int32), axis=0)]


def _window(case: Case, spatial: Sequence[int], *, dilated: bool) -> dict[str, Any]:
    """Kernel, strides, pads and so on, such that there is an output."""
    n = len(spatial)
    kernel = [case.between(1, min(size, 4)) for size in spatial]
    attributes: dict[str, Any] = {"kernel_shape": kernel}
    if case.chance(0.6):
        attributes["strides"] = [case.between(1, 3) for _ in range(n)]
    if dilated and case.chance(0.3):
        spread = [case.between(1, 3) for _ in range(n)]
        if all((k - 1) * d < s for k, d, s in zip(kernel, spread, spatial, strict=True)):
            attributes["dilations"] = spread
    padding = case.pick(["none", "pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID"])
    if padding == "pads":
        attributes["pads"] = [case.between(0, k - 1) for k in kernel * 2]
    elif padding != "none":
        attributes["auto_pad"] = padding
    return attributes


def _windows_out(spatial: Sequence[int], a: dict[str, Any]) -> tuple[int, ...]:
    out = []
    n = len(spatial)
    for i, size in enumerate(spatial):
        stride = a.get("strides", [1] * n)[i]
        reach = (a["kernel_shape"][i] - 1) * a.get("dilations", [1] * n)[i] + 1
        if a.get("auto_pad", "").startswith("SAME"):
            out.append(-(-size // stride))
            continue
        pads = a.get("pads", [0] * 2 * n)
        total = size + pads[i] + pads[i + n]
        steps = (total - reach) / stride
        count = (math.ceil(steps) if a.get("ceil_mode") else math.floor(steps)) + 1
        if a.get("ceil_mode") and (count - 1) * stride >= size + pads[i]:
            count -= 1
        out.append(count)
    return tuple(out)


def conv(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4):
        return None
    batch, channels, *spatial = x.shape
    groups = case.pick([g for g in range(1, channels + 1) if channels % g == 0])
    if case.chance(0.3):
        groups = channels
    out_c = groups * case.between(1, 4 if groups < 4 else 2)
    attributes = _window(case, spatial, dilated=True)
    kernel = attributes["kernel_shape"]
    out = _windows_out(spatial, attributes)
    if min(out) < 1 or math.prod(out) * out_c * batch > MAX_ELEMENTS:
        return None
    if groups > 1 or case.chance(0.3):
        attributes["group"] = groups
    shape = (out_c, channels // groups, *kernel)
    w, scales = _weights(case, shape, 0)
    steps = f32(x.scale) * scales
    bias = _bias(case, steps, out_c)
    name = case.node("Conv", [x.name, w, *bias], **attributes)
    spread = x.spread * float(scales.mean()) * 75 * math.sqrt(math.prod(shape[1:])) + 1e-6
    return _layer_output(case, x, name, (batch, out_c, *out), spread)


def _layer_output(case: Case, x: Real, name: str, shape: tuple[int, ...], spread: float) -> Real:
    exact = x.exact and x.quantized
    return _activated(case, Real(name, shape, spread, exact=exact))


def _activated(case: Case, y: Real) -> Real:
    """Maybe a Relu or Clip, which can be fused."""
    kind = case.pick(["none", "none", "relu", "clip", "clip"])
    if kind == "relu":
        return replace(y, name=case.node("Relu", [y.name]))
    if kind == "clip":
        return clip(case, y)
    return y


def clip(case: Case, y: Real) -> Real:
    low, high = sorted(case.floats((2,), y.spread).tolist())
    if case.chance(0.05):
        low, high = high, low
    if case.opset < 11:
        bounds = {"min": low, "max": high}
        kept = {key: bounds[key] for key in bounds if case.chance(0.8)}
        return replace(y, name=case.node("Clip", [y.name], **kept))
    if case.chance(0.1):
        high = math.inf
    inputs = [case.graph.constant(f32(bound)) if case.chance(0.8) else "" for bound in (low, high)]
    while inputs and not inputs[-1]:
        inputs.pop()
    return replace(y, name=case.node("Clip", [y.name, *inputs]))


def gemm(case: Case, x: Real) -> Real | None:
    if x.rank != 2:
        return None
    rows, n = x.shape
    out_n = case.between(1, 9)
    transposed = case.chance(0.5)
    w, scales = _weights(case, (out_n, n) if transposed else (n, out_n), 0 if transposed else 1)
    steps = f32(x.scale) * scales
    bias = _bias(case, steps, out_n) or _gemm_row_bias(case, rows, out_n, float(steps.mean()))
    attributes: dict[str, Any] = {"transB": 1} if transposed else {}
    if case.opset < 11 and not bias:
        bias = [case.graph.constant(np.zeros(out_n, np.float32))]
    name = case.node("Gemm", [x.name, w, *bias], **attributes)
    spread = x.spread * float(scales.mean()) * 75 * math.sqrt(n)
    return _layer_output(case, x, name, (rows, out_n), spread)


def _gemm_row_bias(case: Case, rows: int, n: int, step: float) -> list[str]:
    shape = case.pick([None, (1,), (1, n), (rows, 1), (rows, n), ()])
    if shape is None:
        return []
    return [case.graph.constant(case.floats(shape, step * 500))]


def mat_mul(case: Case, x: Real) -> Real | None:
    if x.rank < 2:
        return None
    n, out_n = x.shape[-1], case.between(1, 8)
    w, scales = _weights(case, (n, out_n), 1)
    name = case.node("MatMul", [x.name, w])
    spread = x.spread * float(scales.mean()) * 75 * math.sqrt(n)
    return _layer_output(case, x, name, (*x.shape[:-1], out_n), spread)


def binary(case: Case, x: Real) -> Real | None:
    op_type = case.pick(["Add", "Sub", "Mul"])
    shape, other = _operand(case, x)
    names = [x.name, other]
    if case.chance(0.5):
        names.reverse()
    name = case.node(op_type, names)
    out = tuple(np.broadcast_shapes(x.shape, shape))
    if math.prod(out) > MAX_ELEMENTS:
        return None
    spread = x.spread * (1.5 if op_type != "Mul" else max(x.spread, 0.1))
    return _activated(case, Real(name, out, spread, exact=x.exact))


def _operand(case: Case, x: Real) -> tuple[tuple[int, ...], str]:
    same = [r for r in case.reals if r.shape == x.shape and r.exact]
    if same and case.chance(0.4):
        other = case.pick(same)
        return other.shape, other.name
    shape = tuple(1 if case.chance(0.4) else size for size in x.shape)
    shape = shape[case.between(0, x.rank) :]
    if case.chance(0.2) and x.rank < 4 and math.prod(x.shape) < 200:
        shape = (case.between(1, 3), *x.shape)
    if case.chance(0.1):
        facing = x.shape[x.rank - len(shape) :] if len(shape) <= x.rank else shape
        pairs = zip(shape, facing, strict=True)
        shape = tuple(case.between(1, 3) if a == b == 1 else a for a, b in pairs)
    dtype = case.dtype()
    kind = case.pick(["constant", "constant", "float", "input"])
    if kind == "float":
        return shape, case.graph.constant(case.floats(shape, x.spread))
    scale, zero = case.scale(x.spread / 75), case.zero_point(dtype)
    if kind == "constant":
        return shape, case.quantized_constant(case.integers(dtype, shape), scale, zero)
    name = case.graph.input(case.integers(dtype, shape))
    return shape, case.graph.dequantized(name, scale, zero)


def concat(case: Case, x: Real) -> Real | None:
    if x.rank == 0:
        return None
    axis = case.between(0, x.rank - 1)
    names, size = [], 0
    exact, quantized = x.exact, False
    for _ in range(case.between(1, 3)):
        part = x
        kind = case.pick(["same", "earlier", "constant", "rescaled"])
        if kind == "earlier":
            fitting = [r for r in case.reals if _joins(r.shape, x.shape, axis)]
            part = case.pick(fitting) if fitting else x
        elif kind == "rescaled":
            part = case.requantized(x)
        elif kind == "constant":
            shape = tuple(case.between(1, 3) if a == axis else s for a, s in enumerate(x.shape))
            dtype = case.dtype()
            constant = case.quantized_constant(
                case.integers(dtype, shape), case.scale(x.spread / 75), case.zero_point(dtype)
            )
            part = Real(constant, shape)
        names.append(part.name)
        size += part.shape[axis]
        exact = exact and part.exact
    place = case.between(0, len(names))
    names.insert(place, x.name)
    shape = tuple(size + s if a == axis else s for a, s in enumerate(x.shape))
    quantized = x.quantized and set(names) == {x.name}
    spelled = axis if case.opset < 11 or case.chance(0.5) else axis - x.rank
    name = case.node("Concat", names, axis=spelled)
    return Real(name, shape, x.spread, quantized, exact, x.scale)


def _joins(a: tuple[int, ...], b: tuple[int, ...], axis: int) -> bool:
    return len(a) == len(b) and all(
        left == right or i == axis for i, (left, right) in enumerate(zip(a, b, strict=True))
    )


def pad(case: Case, x: Real) -> Real | None:
    if x.rank == 0 or x.rank > 4:
        return None
    pads = [case.between(0, 2) for _ in range(2 * x.rank)]
    value = case.pick([0.0, 0.0, x.spread, -x.spread / 3])
    shape = tuple(s + pads[i] + pads[i + x.rank] for i, s in enumerate(x.shape))
    if math.prod(shape) > MAX_ELEMENTS:
        return None
    if case.opset < 11:
        name = case.node("Pad", [x.name], pads=pads, value=float(value))
    else:
        inputs = [x.name, case.ints(pads)]
        if value or case.chance(0.5):
            inputs.append(case.graph.constant(f32(value)))
        name = case.node("Pad", inputs)
    return replace(x, name=name, shape=shape, quantized=x.quantized and value == 0.0)


def max_pool(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4):
        return None
    attributes = _window(case, x.shape[2:], dilated=case.opset >= 10)
    if case.opset >= 10 and case.chance(0.3) and "auto_pad" not in attributes:
        attributes["ceil_mode"] = 1
    out = _windows_out(x.shape[2:], attributes)
    if min(out) < 1:
        return None
    name = case.node("MaxPool", [x.name], **attributes)
    return replace(x, name=name, shape=(*x.shape[:2], *out))


def average_pool(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4):
        return None
    attributes = _window(case, x.shape[2:], dilated=False)
    if case.opset >= 10 and case.chance(0.3) and "auto_pad" not in attributes:
        attributes["ceil_mode"] = 1
    if case.chance(0.4):
        attributes["count_include_pad"] = 1
    out = _windows_out(x.shape[2:], attributes)
    if min(out) < 1:
        return None
    name = case.node("AveragePool", [x.name], **attributes)
    return _averaged(case, x, name, (*x.shape[:2], *out))


def _averaged(case: Case, x: Real, name: str, shape: tuple[int, ...]) -> Real:
    """Exact only when quantized at once; else the order of the float32 sum shows."""
    y = _activated(case, Real(name, shape, x.spread * 0.6))
    if x.quantized and x.exact and case.chance(0.8):
        return case.requantized(y)
    return replace(y, exact=False)


def global_average_pool(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4, 5):
        return None
    name = case.node("GlobalAveragePool", [x.name])
    return _averaged(case, x, name, (*x.shape[:2], *[1] * (x.rank - 2)))


def reduce_mean(case: Case, x: Real) -> Real | None:
    if x.rank == 0:
        return None
    axes = sorted(case.random.choice(x.rank, case.between(1, x.rank), replace=False).tolist())
    spelled = [a if case.opset < 11 or case.chance(0.5) else a - x.rank for a in axes]
    keepdims = case.between(0, 1)
    attributes: dict[str, Any] = {} if keepdims and case.chance(0.5) else {"keepdims": keepdims}
    inputs = [x.name]
    if len(axes) == x.rank and case.chance(0.5):
        pass
    elif case.opset >= 18:
        inputs.append(case.ints(spelled))
    else:
        attributes["axes"] = spelled
    shape = tuple(1 if a in axes else s for a, s in enumerate(x.shape) if keepdims or a not in axes)
    name = case.node("ReduceMean", inputs, **attributes)
    return _averaged(case, x, name, shape)


def unary(case: Case, x: Real) -> Real | None:
    op_type = case.pick(["Relu", "Clip", "LeakyRelu", "LeakyRelu", "Sigmoid", "Tanh"])
    if op_type == "Clip":
        return clip(case, replace(x, quantized=False))
    attributes = {"alpha": case.pick([0.1, 0.3, 1.7, -0.5])} if op_type == "LeakyRelu" else {}
    name = case.node(op_type, [x.name], **attributes)
    smooth = op_type in ("Sigmoid", "Tanh")
    y = replace(x, name=name, quantized=False, spread=0.5 if smooth else x.spread)
    if smooth and not x.quantized:
        return replace(y, exact=False)
    if smooth:
        return case.requantized(y) if x.exact and case.chance(0.8) else replace(y, exact=False)
    return y


def softmax(case: Case, x: Real) -> Real | None:
    if x.rank == 0:
        return None
    axis = case.between(0, x.rank - 1)
    attributes: dict[str, Any] = {"axis": axis if case.opset < 11 else axis - x.rank}
    if case.chance(0.3) and (x.rank > 1 or case.opset >= 13):
        attributes = {}
    name = case.node("Softmax", [x.name], **attributes)
    return Real(name, x.shape, 0.3, exact=x.exact and x.quantized)


def reshape(case: Case, x: Real) -> Real | None:  # noqa: PLR0911  # one for each operator
    kinds = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", *["Transpose"] * min(x.rank, 2)]
    kind = case.pick(kinds)
    if kind == "Reshape":
        return _reshaped(case, x)
    if kind == "Flatten":
        axis = case.between(0, x.rank)
        shape: tuple[int, ...] = (math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))
        return replace(x, name=case.node("Flatten", [x.name], axis=axis), shape=shape)
    if kind == "Transpose":
        perm = case.random.permutation(x.rank).tolist()
        attributes = {"perm": perm}
        if x.rank > 1 and case.chance(0.2):
            perm, attributes = list(reversed(range(x.rank))), {}
        shape = tuple(x.shape[a] for a in perm)
        return replace(x, name=case.node("Transpose", [x.name], **attributes), shape=shape)
    if kind == "Squeeze":
        axes = [a for a, s in enumerate(x.shape) if s == 1 and case.chance(0.6)]
        if not axes:
            return None
        shape = tuple(s for a, s in enumerate(x.shape) if a not in axes)
        return replace(x, name=_with_axes(case, "Squeeze", x.name, axes), shape=shape)
    if x.rank >= 5:
        return None
    axis = case.between(0, x.rank)
    shape = (*x.shape[:axis], 1, *x.shape[axis:])
    return replace(x, name=_with_axes(case, "Unsqueeze", x.name, [axis]), shape=shape)


def _with_axes(case: Case, op_type: str, name: str, axes: list[int]) -> str:
    if case.opset >= 13:
        return case.node(op_type, [name, case.ints(axes)])
    return case.node(op_type, [name], axes=axes)


def _reshaped(case: Case, x: Real) -> Real:
    rest, shape = math.prod(x.shape), []
    for _ in range(case.between(0, 3)):
        size = case.pick([d for d in range(1, rest + 1) if rest % d == 0])
        shape.append(size)
        rest //= size
    shape.append(rest)
    case.random.shuffle(shape)
    spelled = list(shape)
    if case.chance(0.5):
        spelled[case.between(0, len(shape) - 1)] = -1
    name = case.node("Reshape", [x.name, case.ints(spelled)])
    return replace(x, name=name, shape=tuple(shape))


def slice_(case: Case, x: Real) -> Real | None:
    if x.rank == 0:
        return None
    axes = [a for a in range(x.rank) if case.chance(0.6)]
    shape = list(x.shape)
    starts, ends, steps = [], [], []
    for axis in axes:
        size = x.shape[axis]
        step = case.pick([1, 1, 2, 3, -1, -2]) if case.opset >= 10 else 1
        start, end = case.between(0, size - 1), case.between(1, size)
        if step > 0:
            start, end = min(start, end - 1), max(start + 1, end)
            end = case.pick([end, end, 2**31 - 1 if end == size else end])
        else:
            end = case.pick([-size - 1, -(2**31), min(start, end) - 1])
            end = end if end != -1 else -size - 1
        count = len(range(size)[slice(start, None if step < 0 and end < -size else end, step)])
        if count == 0:
            return None
        starts.append(start - size if case.chance(0.3) else start)
        ends.append(end)
        steps.append(step)
        shape[axis] = count
    if not axes:
        return None
    if case.opset < 10:
        name = case.node("Slice", [x.name], axes=axes, starts=starts, ends=ends)
    else:
        inputs = [case.ints(values) for values in (starts, ends, axes, steps)]
        name = case.node("Slice", [x.name, *inputs])
    return replace(x, name=name, shape=tuple(shape))


def identity(case: Case, x: Real) -> Real | None:
    return replace(x, name=case.node("Identity", [x.name]))


# operators that carry their scales ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scaled:
    """Integers of the graph and the names of their scale and zero point."""

    names: tuple[str, str, str]
    shape: tuple[int, ...]
    dtype: str


def _scaled(case: Case, shape: tuple[int, ...], dtype: str, *, constant: bool = False) -> Scaled:
    value = case.integers(dtype, shape)
    name = case.graph.constant(value) if constant else case.graph.input(value)
    return Scaled((name, *_scale_names(case, case.scale(0.02), dtype)), shape, dtype)


def _scale_names(case: Case, scale: float, dtype: str) -> tuple[str, str]:
    return case.graph.constant(f32(scale)), case.graph.constant(case.zero_point(dtype))


def qlinear(case: Case, x: Real) -> Real:
    """A QLinear operator on a new input of the tensor's shape, dequantized."""
    op_type = case.pick(list(QLINEAR))
    draw, ranks = QLINEAR[op_type]
    shape = case.shape(case.pick(ranks)) if ranks and x.rank not in ranks else x.shape
    source = _scaled(case, shape, case.dtype())
    scale = case.scale(0.04)
    to = _scale_names(case, scale, source.dtype)
    inputs, attributes, shape = draw(case, source, to)
    domain = "" if op_type in ("QLinearConv", "QLinearMatMul") else "com.microsoft"
    case.label.append(op_type)
    name = case.graph.node(op_type, inputs, domain=domain, **attributes)
    real = case.graph.node("DequantizeLinear", [name, *to])
    return Real(real, shape, scale * 60, quantized=True, scale=scale)


Parts = tuple[list[str], dict[str, Any], tuple[int, ...]]  # inputs, attributes, output's shape
Target = tuple[str, str]  # names of the output's scale and zero point


def _qlinear_binary(case: Case, x: Scaled, to: Target) -> Parts:
    other = tuple(1 if case.chance(0.4) else size for size in x.shape)[case.between(0, 1) :]
    operand = _scaled(case, other, x.dtype, constant=case.chance(0.5))
    names = [x.names, operand.names]
    if case.chance(0.5):
        names.reverse()
    return [*names[0], *names[1], *to], {}, tuple(np.broadcast_shapes(x.shape, other))


def _qlinear_concat(case: Case, x: Scaled, to: Target) -> Parts:
    axis = case.between(0, len(x.shape) - 1)
    other = tuple(2 if a == axis else size for a, size in enumerate(x.shape))
    part = _scaled(case, other, x.dtype, constant=case.chance(0.5))
    joined = tuple(s + 2 if a == axis else s for a, s in enumerate(x.shape))
    return [*to, *x.names, *part.names], {"axis": axis}, joined


def _qlinear_global(_: Case, x: Scaled, to: Target) -> Parts:
    return [*x.names, *to], {}, (*x.shape[:2], *[1] * (len(x.shape) - 2))


def _qlinear_average(case: Case, x: Scaled, to: Target) -> Parts:
    attributes = _window(case, x.shape[2:], dilated=False)
    attributes.pop("auto_pad", None)
    if case.chance(0.4):
        attributes["count_include_pad"] = 1
    return [*x.names, *to], attributes, (*x.shape[:2], *_windows_out(x.shape[2:], attributes))


def _qlinear_softmax(case: Case, x: Scaled, to: Target) -> Parts:
    axis = case.between(0, len(x.shape) - 1)
    return [*x.names, *to], {"opset": case.pick([11, 13]), "axis": axis}, x.shape


def _qlinear_unary(_: Case, x: Scaled, to: Target) -> Parts:
    return [*x.names, *to], {}, x.shape


def _qlinear_leaky(case: Case, x: Scaled, to: Target) -> Parts:
    return [*x.names, *to], {"alpha": case.pick([0.3, 1.5])}, x.shape


def _qlinear_conv(case: Case, x: Scaled, to: Target) -> Parts:
    attributes, n = _window(case, x.shape[2:], dilated=True), case.between(1, 6)
    w = _qlinear_weights(case, (n, x.shape[1], *attributes["kernel_shape"]), n)
    bias = case.graph.constant(case.random.integers(-4000, 4000, n).astype(np.int32))
    inputs = [*x.names, *w, *to, *([bias] if case.chance(0.7) else [])]
    return inputs, attributes, (x.shape[0], n, *_windows_out(x.shape[2:], attributes))


def _qlinear_mat_mul(case: Case, x: Scaled, to: Target) -> Parts:
    n = case.between(1, 6)
    w = _qlinear_weights(case, (x.shape[-1], n), n)
    return [*x.names, *w, *to], {}, (*x.shape[:-1], n)


def _qlinear_weights(case: Case, shape: tuple[int, ...], n: int) -> tuple[str, str, str]:
    count = case.pick([1, n])
    scales = f32([case.scale(0.01) for _ in range(count)])
    zeros = np.zeros(count, np.int8)
    if count == 1 and case.chance(0.5):
        scales, zeros = scales.reshape(()), zeros.reshape(())
    weights = case.graph.constant(case.integers("int8", shape))
    return weights, case.graph.constant(scales), case.graph.constant(zeros)


# The operator and the ranks of data that it takes; none takes any.
QLINEAR: dict[str, tuple[Callable[[Case, Scaled, Target], Parts], tuple[int, ...]]] = {
    "QLinearAdd": (_qlinear_binary, ()),
    "QLinearMul": (_qlinear_binary, ()),
    "QLinearConcat": (_qlinear_concat, ()),
    "QLinearGlobalAveragePool": (_qlinear_global, (3, 4)),
    "QLinearAveragePool": (_qlinear_average, (3, 4)),
    "QLinearSoftmax": (_qlinear_softmax, ()),
    "QLinearSigmoid": (_qlinear_unary, ()),
    "QLinearLeakyRelu": (_qlinear_leaky, ()),
    "QLinearConv": (_qlinear_conv, (3, 4)),
    "QLinearMatMul": (_qlinear_mat_mul, (2, 3)),
}


LAYERS: Sequence[Layer] = (
    conv,
    conv,
    conv,
    gemm,
    mat_mul,
    binary,
    binary,
    concat,
    pad,
    max_pool,
    average_pool,
    global_average_pool,
    reduce_mean,
    unary,
    softmax,
    reshape,
    reshape,
    slice_,
    identity,
)
# What may follow on reals without a sum: these give defined bits on floats too.
EXACT_ON_REALS: Sequence[Layer] = (
    binary,
    concat,
    pad,
    max_pool,
    unary,
    reshape,
    reshape,
    slice_,
    identity,
)


def add_case(graph: OnnxGraph, seed: int) -> Case:
    """Draws the case of that seed into the graph."""
    case = Case(graph, np.random.default_rng(seed))
    x = case.source(case.pick([1, 2, 2, 3, 4, 4, 4, 4]))
    if case.chance(0.2):
        x = case.kept(qlinear(case, x))
    for _ in range(case.between(1, 4)):
        y = None
        while y is None:
            layers = LAYERS if x.quantized else EXACT_ON_REALS
            layer = case.pick(layers if case.chance(0.9) else LAYERS)
            y = layer(case, x)
            if y is not None and math.prod(y.shape) > MAX_ELEMENTS:
                y = None
        x = y
        if case.chance(0.07):
            case.outputs.append(_expected(x))
        if case.chance(0.7):
            x = case.requantized(x)
        case.kept(x)
        if not x.exact:
            break
    case.outputs.append(_expected(x))
    return case


def _expected(x: Real) -> Expected:
    return Expected(x.name) if x.exact else Expected(x.name, relative=x.spread)


def model_bytes(graph: OnnxGraph, outputs: Sequence[str]) -> bytes:
    """The model with these outputs, each once."""
    unique = list(dict.fromkeys(outputs))
    proto = helper.make_graph(
        graph.nodes,
        "cases",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
            )
            for name, value in graph.inputs.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in unique],
        [numpy_helper.from_array(value, name) for name, value in graph.constants.items()],
    )
    opsets = [helper.make_opsetid("", graph.opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(proto, opset_imports=opsets, ir_version=8).SerializeToString()
