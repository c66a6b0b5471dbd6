"""Random ONNX operators that carry the scales of what they read and write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support.onnx_case import Case, Real
from tests.support.onnx_pool_cases import window, windows_out
from tests.support.qdq_graphs import f32


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
    attributes = window(case, x.shape[2:], dilated=False)
    attributes.pop("auto_pad", None)
    if case.chance(0.4):
        attributes["count_include_pad"] = 1
    return [*x.names, *to], attributes, (*x.shape[:2], *windows_out(x.shape[2:], attributes))


def _qlinear_softmax(case: Case, x: Scaled, to: Target) -> Parts:
    axis = case.between(0, len(x.shape) - 1)
    return [*x.names, *to], {"opset": case.pick([11, 13]), "axis": axis}, x.shape


def _qlinear_unary(_: Case, x: Scaled, to: Target) -> Parts:
    return [*x.names, *to], {}, x.shape


def _qlinear_leaky(case: Case, x: Scaled, to: Target) -> Parts:
    return [*x.names, *to], {"alpha": case.pick([0.3, 1.5])}, x.shape


def _qlinear_conv(case: Case, x: Scaled, to: Target) -> Parts:
    attributes, n = window(case, x.shape[2:], dilated=True), case.between(1, 6)
    w = _qlinear_weights(case, (n, x.shape[1], *attributes["kernel_shape"]), n)
    bias = case.graph.constant(case.random.integers(-4000, 4000, n).astype(np.int32))
    inputs = [*x.names, *w, *to, *([bias] if case.chance(0.7) else [])]
    return inputs, attributes, (x.shape[0], n, *windows_out(x.shape[2:], attributes))


def _qlinear_mat_mul(case: Case, x: Scaled, to: Target) -> Parts:
    n = case.between(1, 6)
    w = _qlinear_weights(case, (x.shape[-1], n), n)
    return [*x.names, *w, *to], {}, (*x.shape[:-1], n)


def _q_gemm(case: Case, x: Scaled, to: Target) -> Parts:
    n, transposed = case.between(1, 6), case.chance(0.5)
    shape = (n, x.shape[-1]) if transposed else (x.shape[-1], n)
    w = _qlinear_weights(case, shape, n)
    bias = case.graph.constant(case.random.integers(-4000, 4000, n).astype(np.int32))
    attributes = {"transB": int(transposed), "alpha": case.pick([1.0, 0.5])}
    inputs = [*x.names, *w, bias if case.chance(0.7) else "", *to]
    return inputs, attributes, (x.shape[0], n)


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
    "QGemm": (_q_gemm, (2,)),
}
