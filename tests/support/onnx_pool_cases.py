"""Random ONNX windows, and layers that pool or average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.support.onnx_case import Case, Real
from tests.support.onnx_value_cases import activated


def window(case: Case, spatial: Sequence[int], *, dilated: bool) -> dict[str, Any]:
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


def windows_out(spatial: Sequence[int], a: dict[str, Any]) -> tuple[int, ...]:
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


def max_pool(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4):
        return None
    attributes = window(case, x.shape[2:], dilated=case.opset >= 10)
    if case.opset >= 10 and case.chance(0.3) and "auto_pad" not in attributes:
        attributes["ceil_mode"] = 1
    out = windows_out(x.shape[2:], attributes)
    if min(out) < 1:
        return None
    name = case.node("MaxPool", [x.name], **attributes)
    return replace(x, name=name, shape=(*x.shape[:2], *out))


def average_pool(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4):
        return None
    attributes = window(case, x.shape[2:], dilated=False)
    if case.opset >= 10 and case.chance(0.3) and "auto_pad" not in attributes:
        attributes["ceil_mode"] = 1
    if case.chance(0.4):
        attributes["count_include_pad"] = 1
    out = windows_out(x.shape[2:], attributes)
    if min(out) < 1:
        return None
    name = case.node("AveragePool", [x.name], **attributes)
    return averaged(case, x, name, (*x.shape[:2], *out))


def global_average_pool(case: Case, x: Real) -> Real | None:
    if x.rank not in (3, 4, 5):
        return None
    name = case.node("GlobalAveragePool", [x.name])
    return averaged(case, x, name, (*x.shape[:2], *[1] * (x.rank - 2)))


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
    return averaged(case, x, name, shape)


def averaged(case: Case, x: Real, name: str, shape: tuple[int, ...]) -> Real:
    """Exact only when quantized at once; else the order of the float32 sum shows."""
    y = activated(case, Real(name, shape, x.spread * 0.6))
    if x.quantized and x.exact and case.chance(0.8):
        return case.requantized(y)
    return replace(y, exact=False)
