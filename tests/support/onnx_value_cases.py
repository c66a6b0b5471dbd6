"""Random ONNX layers that compute each value by itself, or with another at its place."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tests.support.draws import MAX_ELEMENTS
from tests.support.onnx_case import Case, Real
from tests.support.qdq_graphs import f32


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
    return activated(case, Real(name, out, spread, exact=x.exact))


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


def activated(case: Case, y: Real) -> Real:
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
