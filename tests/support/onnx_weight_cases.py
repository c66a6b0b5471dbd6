"""Random ONNX layers with weights, quantized by tensor or by channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.support.draws import MAX_ELEMENTS
from tests.support.onnx_case import PER_AXIS_SINCE, Case, Real
from tests.support.onnx_pool_cases import window, windows_out
from tests.support.onnx_value_cases import activated
from tests.support.qdq_graphs import Array, f32


def conv(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4):
        return None
    batch, channels, *spatial = x.shape
    groups = case.pick([g for g in range(1, channels + 1) if channels % g == 0])
    if case.chance(0.3):
        groups = channels
    out_c = groups * case.between(1, 4 if groups < 4 else 2)
    attributes = window(case, spatial, dilated=True)
    kernel = attributes["kernel_shape"]
    out = windows_out(spatial, attributes)
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


def _layer_output(case: Case, x: Real, name: str, shape: tuple[int, ...], spread: float) -> Real:
    exact = x.exact and x.quantized
    return activated(case, Real(name, shape, spread, exact=exact))
