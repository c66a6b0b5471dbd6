"""An ONNX model of layers whose data have 16 bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.support.onnx_operators import Operators
from tests.support.qdq_graphs import Array, i8, i32

# Data type, zero point, and zero point of the weights.
KINDS = (("int16", 0, i8(0)), ("int16", -1234, i8(0)), ("uint16", 40000, np.asarray(7, np.uint8)))
IN_SCALE, WEIGHT_SCALE, OUT_SCALE = 1e-4, 0.01, 4e-4


def int16_layers(all_of_them: Operators) -> None:
    """Each layer with each kind of data, quantized again and not."""
    for kind in KINDS:
        for quantized in (True, False):
            _conv(all_of_them, kind, quantized=quantized, pads=[1, 0, 1, 2], strides=[2, 1])
            _conv(all_of_them, kind, quantized=quantized, group=4)
            _dense(all_of_them, kind, "Gemm", quantized=quantized)
            _dense(all_of_them, kind, "MatMul", quantized=quantized)


def _values(dtype: str, shape: Sequence[int]) -> Array:
    limits = np.iinfo(dtype)
    random = np.random.default_rng(len(shape))
    return random.integers(limits.min, limits.max + 1, tuple(shape)).astype(dtype)


def _data(all_of_them: Operators, kind: tuple[str, int, Array], *shape: int) -> str:
    graph, zero = all_of_them.graph, np.asarray(kind[1], kind[0])
    real = all_of_them.input(*shape)
    return graph.dequantized(graph.quantized(real, IN_SCALE, zero), IN_SCALE, zero)


def _weights(all_of_them: Operators, kind: tuple[str, int, Array], *shape: int) -> str:
    values = _values(kind[2].dtype.name, shape)
    return all_of_them.graph.dequantized(all_of_them.graph.constant(values), WEIGHT_SCALE, kind[2])


def _bias(all_of_them: Operators, n: int) -> str:
    graph = all_of_them.graph
    steps = graph.constant(i32(np.arange(n) * 100003 - 200000))
    return graph.dequantized(steps, np.float32(IN_SCALE) * np.float32(WEIGHT_SCALE), i32(0))


def _ended(
    all_of_them: Operators, kind: tuple[str, int, Array], layer: str, *, quantized: bool
) -> None:
    graph, zero = all_of_them.graph, np.asarray(kind[1], kind[0])
    if not quantized:
        all_of_them.node("Identity", [layer])
        return
    integers = graph.quantized(graph.node("Relu", [layer]), OUT_SCALE, zero)
    moved = graph.node("Transpose", [graph.dequantized(integers, OUT_SCALE, zero)])
    all_of_them.node("Identity", [moved])


def _conv(
    all_of_them: Operators, kind: tuple[str, int, Array], *, quantized: bool, **window: Any
) -> None:
    group = window.get("group", 1)
    x = _data(all_of_them, kind, 1, 4, 6, 5)
    inputs = [x, _weights(all_of_them, kind, 8, 4 // group, 3, 3), _bias(all_of_them, 8)]
    layer = all_of_them.graph.node("Conv", inputs, **window)
    _ended(all_of_them, kind, layer, quantized=quantized)


def _dense(
    all_of_them: Operators, kind: tuple[str, int, Array], op_type: str, *, quantized: bool
) -> None:
    """Of so many values that sums leave 32 bits."""
    inputs = [_data(all_of_them, kind, 2, 900), _weights(all_of_them, kind, 900, 5)]
    inputs += [_bias(all_of_them, 5)] if op_type == "Gemm" else []
    layer = all_of_them.graph.node(op_type, inputs)
    _ended(all_of_them, kind, layer, quantized=quantized)
