"""An ONNX model of layers whose data are brought to 8 bits when running."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto

from tests.support.onnx_operators import Operators
from tests.support.qdq_graphs import Array, f32, i8

MICROSOFT = "com.microsoft"


def dynamic(all_of_them: Operators) -> None:
    """Dense layers, convolutions, products of data and LSTMs, and sums that are outputs."""
    _layers(all_of_them)
    _sums(all_of_them)
    _recurrent(all_of_them)


def _integers(*shape: int) -> Array:
    return np.random.default_rng(len(shape)).integers(-127, 128, shape).astype(np.int8)


def _quantized(all_of_them: Operators, *shape: int) -> list[str]:
    """Integers, scale and zero point."""
    graph = all_of_them.graph
    names = [graph.node("DynamicQuantizeLinear", [all_of_them.input(*shape)])]
    names += [f"{names[0]}.{part}" for part in ("scale", "zero")]
    graph.nodes[-1].output.extend(names[1:])
    return names


def _layers(all_of_them: Operators) -> None:
    graph = all_of_them.graph
    for op_type, data, weights, bias in (
        ("MatMulInteger", (3, 7), _integers(7, 5), all_of_them.real(5)),
        ("ConvInteger", (1, 3, 6, 5), _integers(4, 3, 3, 2), all_of_them.real(4, 1, 1)),
    ):
        q, scale, zero = _quantized(all_of_them, *data)
        window: dict[str, Any] = {"pads": [1, 0, 1, 1]} if op_type == "ConvInteger" else {}
        names = [q, graph.constant(weights), zero]
        factor = graph.node("Mul", [scale, graph.constant(f32(0.01))])
        real = graph.node("Cast", [graph.node(op_type, names, **window)], to=TensorProto.FLOAT)
        shifted = graph.node("Add", [graph.node("Mul", [real, factor]), graph.constant(bias)])
        all_of_them.node("Relu", [shifted])
    known = [graph.constant(_integers(7, 5)), graph.constant(f32(0.01)), graph.constant(i8(3))]
    real = all_of_them.input(3, 7)
    all_of_them.node("DynamicQuantizeMatMul", [real, *known], domain=MICROSOFT)
    q, scale, zero = _quantized(all_of_them, 3, 7)
    names = [q, known[0], scale, known[1], zero, known[2]]
    all_of_them.node("MatMulIntegerToFloat", names, domain=MICROSOFT)


def _sums(all_of_them: Operators) -> None:
    """Integers of 32 bits, as reals."""
    graph = all_of_them.graph
    a, b = _quantized(all_of_them, 2, 3, 4), _quantized(all_of_them, 2, 4, 3)
    image = _quantized(all_of_them, 1, 2, 5, 5)
    weights = graph.constant(_integers(3, 2, 2, 2))
    for op_type, names in (
        ("MatMulInteger", [a[0], b[0], a[2], b[2]]),
        ("ConvInteger", [image[0], weights, image[2]]),
    ):
        all_of_them.node("Cast", [graph.node(op_type, names)], to=TensorProto.FLOAT)


def _recurrent(all_of_them: Operators) -> None:
    constant = all_of_them.graph.constant
    steps, n_inputs, units = 4, 3, 5
    for direction, n in (("forward", 1), ("bidirectional", 2)):
        weights = [_integers(n, size, 4 * units) for size in (n_inputs, units)]
        bias = constant(all_of_them.real(n, 8 * units))
        names = [all_of_them.input(steps, 1, n_inputs), *map(constant, weights), bias]
        names += [""] * 4
        for _ in weights:
            names += [constant(f32([0.004] * n)), constant(i8([0] * n))]
        attributes: dict[str, Any] = {
            "direction": direction,
            "hidden_size": units,
            "domain": MICROSOFT,
        }
        all_of_them.nodes("DynamicQuantizeLSTM", names, 3, **attributes)
