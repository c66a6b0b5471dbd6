"""Operators on one element at a time, or on two that stand at the same place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.node import Array, Node

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.compiler_bridge.reference.node import Kernel

_ERF = np.vectorize(math.erf, otypes=[np.float64])


def clamp_bounds(node: Node) -> tuple[Array | None, Array | None]:
    """Smallest and largest value that a Relu or Clip lets through.

    Clip has attributes before opset 11, inputs from then on.
    """
    if node.operator.op_type == "Relu":
        return np.asarray(0), None
    if node.version < 11:
        limits = np.finfo(np.float32)
        low = node.real("min", float(limits.min))
        high = node.real("max", float(limits.max))
        return np.asarray(low), np.asarray(high)
    given = (node.optional(1), node.optional(2))
    low_input, high_input = (None if b is None else b.reshape(-1)[0] for b in given)
    return low_input, high_input


def clamp(node: Node) -> Array:
    """Relu and Clip; the lower bound first, so that the upper one wins."""
    x = node.value(0)
    low, high = clamp_bounds(node)
    if low is not None:
        x = np.maximum(x, np.asarray(low).astype(x.dtype))
    if high is not None:
        x = np.minimum(x, np.asarray(high).astype(x.dtype))
    return x


def through_float64(function: Callable[[Array, Node], Array]) -> Kernel:
    """A function of one real: computed in float64, rounded once to float32."""

    def kernel(node: Node) -> Array:
        x = node.value(0)
        with np.errstate(all="ignore"):
            return function(x.astype(np.float64), node).astype(x.dtype)

    return kernel


def _sigmoid(x: Array, _: Node) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _hard_sigmoid(x: Array, node: Node) -> Array:
    # Attributes are float32; ONNX writes the default as 0.2.
    alpha, beta = float(node.real("alpha", 0.2)), float(node.real("beta", 0.5))
    return np.clip(alpha * x + beta, 0.0, 1.0)


def _elu(x: Array, node: Node) -> Array:
    return np.where(x < 0, float(node.real("alpha", 1.0)) * np.expm1(x), x)


def _gelu(x: Array, node: Node) -> Array:
    if node.text("approximate", "none") == "tanh":
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)
        return np.asarray(0.5 * x * (1.0 + np.tanh(inner)))
    return np.asarray(0.5 * x * (1.0 + _ERF(x / math.sqrt(2.0))))


def leaky_relu(node: Node) -> Array:
    """Float32: x where x >= 0, else alpha * x."""
    x = node.value(0)
    return np.where(x >= 0, x, node.real("alpha", 0.01) * x).astype(x.dtype)


def prelu(node: Node) -> Array:
    """Float32: x where x >= 0, else slope * x."""
    x = node.value(0)
    return np.where(x >= 0, x, node.value(1) * x).astype(x.dtype)


def divide(node: Node) -> Array:
    """Integers are divided towards zero, as in C."""
    a, b = node.value(0), node.value(1)
    if np.issubdtype(a.dtype, np.integer):
        quotient: Array = np.trunc(a.astype(np.float64) / b).astype(a.dtype)
        return quotient
    with np.errstate(all="ignore"):
        return np.asarray(a / b)


def power(node: Node) -> Array:
    """In float64, rounded once."""
    x = node.value(0)
    with np.errstate(all="ignore"):
        return np.power(x.astype(np.float64), node.value(1).astype(np.float64)).astype(x.dtype)


def binary(function: Callable[[Array, Array], Array]) -> Kernel:
    """Two operands of one type, broadcast; float32 stays float32."""

    def kernel(node: Node) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(function(node.value(0), node.value(1)))

    return kernel


def variadic(function: Callable[[Array, Array], Array]) -> Kernel:
    """Any number of operands, from left to right."""

    def kernel(node: Node) -> Array:
        result = node.value(0)
        for value in node.inputs[1:]:
            if value is not None:
                result = function(result, value)
        return result

    return kernel


def where(node: Node) -> Array:
    """A choice by place."""
    return np.where(node.value(0), node.value(1), node.value(2))


UNARY: dict[str, Callable[[Array, Node], Array]] = {
    "Sigmoid": _sigmoid,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda x, _: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
    "Elu": _elu,
    "Gelu": _gelu,
    "Tanh": lambda x, _: np.tanh(x),
    "Exp": lambda x, _: np.exp(x),
    "Log": lambda x, _: np.log(x),
    "Sqrt": lambda x, _: np.sqrt(x),
    "Reciprocal": lambda x, _: np.asarray(1.0 / x),
    "Sin": lambda x, _: np.sin(x),
    "Cos": lambda x, _: np.cos(x),
    "Erf": lambda x, _: _ERF(x),
    "Softplus": lambda x, _: np.logaddexp(x, 0.0),
    "Softsign": lambda x, _: np.asarray(x / (1.0 + np.abs(x))),
}

KERNELS: dict[str, Kernel] = {
    **{name: through_float64(function) for name, function in UNARY.items()},
    "Relu": clamp,
    "Clip": clamp,
    "LeakyRelu": leaky_relu,
    "PRelu": prelu,
    "Abs": lambda node: np.abs(node.value(0)),
    "Neg": lambda node: np.negative(node.value(0)),
    "Floor": lambda node: np.floor(node.value(0)),
    "Ceil": lambda node: np.ceil(node.value(0)),
    "Round": lambda node: np.rint(node.value(0)),
    "Not": lambda node: np.logical_not(node.value(0)),
    "Add": binary(np.add),
    "Sub": binary(np.subtract),
    "Mul": binary(np.multiply),
    "Div": divide,
    "Pow": power,
    "Max": variadic(np.maximum),
    "Min": variadic(np.minimum),
    "Sum": variadic(np.add),
    "Equal": binary(np.equal),
    "Greater": binary(np.greater),
    "Less": binary(np.less),
    "Where": where,
}
