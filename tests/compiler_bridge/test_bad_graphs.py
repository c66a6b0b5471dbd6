"""TFLite graphs built to break a compiler, and more operators than any core has flash for."""

from __future__ import annotations

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.tflite_writer import flatbuffer, model, operator, operator_code, subgraph, tensor

MILLION = 10**6


def relus(
    shape: list[int],
    *,
    scale: float = 0.1,
    zero_point: int = 0,
    inputs: tuple[int, ...] = (0,),
    outputs: tuple[int, ...] = (1,),
) -> bytes:
    """An int8 RELU from tensor 0 to tensor 1; tensor 2 is there for nothing."""
    q = {2: np.array([scale], np.float32), 3: np.array([zero_point], np.int64)}
    tensors = [tensor(name, shape, quantization=q) for name in ("x", "y", "z")]
    part = subgraph(tensors, [operator([0], [1])], list(inputs), list(outputs))
    return flatbuffer(model([part], [operator_code("RELU")]))


BAD = {
    "zero-size dimension": relus([1, 0, 4]),
    "negative dimension": relus([1, -4]),
    "overflowing shape": relus([2**16, 2**16, 2**16]),
    "shape of as many bytes as 32 bits count": relus([2**16, 2**16]),
    "NaN scale": relus([1, 4], scale=float("nan")),
    "infinite scale": relus([1, 4], scale=float("inf")),
    "zero scale": relus([1, 4], scale=0.0),
    "negative scale": relus([1, 4], scale=-1.0),
    "zero point out of range": relus([1, 4], zero_point=1000),
    "zero point beyond 32 bits": relus([1, 4], zero_point=2**40),
    "no output": relus([1, 4], outputs=()),
    "output that nobody writes": relus([1, 4], outputs=(2,)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_graph_built_to_break_a_compiler_is_refused(name: str) -> None:
    """With a sentence and a hint, by the reader or by the compiler."""
    with pytest.raises((InvalidModelError, BridgeError)) as caught:
        generate(read_tflite(BAD[name], "bad"))
    assert caught.value.message
    assert caught.value.hint


ODD = {
    "output that is an input": relus([1, 4], outputs=(1, 0)),
    "output twice": relus([1, 4], outputs=(1, 1)),
    "input that nobody reads": relus([1, 4], inputs=(0, 2)),
    "output that is an input that nobody reads": relus([1, 4], inputs=(0, 2), outputs=(1, 2)),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_graph_computes_what_it_says(name: str) -> None:
    graph = read_tflite(ODD[name], "odd")
    given = [np.array([[-5, -1, 3, 90 + at]], np.int8) for at, _ in enumerate(graph.inputs)]
    held = dict(zip(graph.inputs, given, strict=True))
    held[1] = np.maximum(given[0], 0)
    (got,) = run_on_host(generate(graph), [given], sanitize=("address", "undefined"))
    for found, index in zip(got, graph.outputs, strict=True):
        np.testing.assert_array_equal(found, held[index])


def test_a_million_tiny_operators_are_refused_before_any_is_looked_at() -> None:
    """They would fill megabytes of flash with calls."""
    relu = Operator("Relu", "ai.onnx", 17, (0,), (1,))
    ends = tuple(Tensor(name, (1, 2), DType.FLOAT32) for name in ("x", "y"))
    graph = ModelGraph("many", "onnx", "0" * 64, 9, ends, (relu,) * MILLION, (0,), (1,))
    with pytest.raises(BridgeError, match="1,000,000 operators; at most 100,000"):
        generate(graph)
