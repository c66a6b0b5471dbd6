"""Random ONNX layers that move values."""

from __future__ import annotations

import math
from dataclasses import replace

from tests.support.draws import MAX_ELEMENTS
from tests.support.onnx_case import Case, Real
from tests.support.qdq_graphs import f32


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
