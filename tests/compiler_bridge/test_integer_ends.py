"""Models whose inputs and outputs are integers: places in tables, 16 bits, truths."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from tests.support.exactness import Subject, assert_near, assert_same_bits
from tests.support.host_runs import sanitized_outputs
from tests.support.onnx_cases import model_bytes
from tests.support.qdq_graphs import OnnxGraph, f32, read

WORDS, LENGTH, WIDTH = 30, 9, 6


def _subject(graph: OnnxGraph, *outputs: str) -> Subject:
    content = model_bytes(graph, outputs)
    return Subject(read(content), content)


@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_words_choose_their_rows_of_an_embedding(dtype: type[np.integer]) -> None:
    """Negative places count from the end; random inputs keep within the table."""
    graph, random = OnnxGraph(opset=17), np.random.default_rng(3)
    words = graph.input(np.zeros((1, LENGTH), dtype))
    table = graph.constant(random.normal(size=(WORDS, WIDTH)), np.float32)
    rows = graph.node("Gather", [table, words])
    mean = graph.node("ReduceMean", [rows], axes=[1], keepdims=0)
    weights = graph.constant(random.normal(size=(WIDTH, 3)), np.float32)
    model = _subject(graph, graph.node("MatMul", [mean, weights]))
    assert model.generated.inputs[0].choices == WORDS
    sets = [list(sample_inputs(model.generated, seed)) for seed in range(16)]
    sets.append([-np.arange(1, LENGTH + 1, dtype=dtype)[None]])
    assert_near(sanitized_outputs(model.generated, sets), model.expected(sets), 1e-6)


def test_a_mask_of_words_is_computed_in_whole_numbers() -> None:
    """Words that are 0 stand for none: they are counted and left out, as text models do."""
    graph, random = OnnxGraph(opset=17), np.random.default_rng(4)
    words = graph.input(np.zeros((1, LENGTH), np.int64))
    table = graph.constant(random.normal(size=(WORDS, WIDTH)), np.float32)
    is_none = graph.node("Equal", [words, graph.constant(0, np.int64)])
    counts = graph.node("Cast", [graph.node("Not", [is_none])], to=TensorProto.FLOAT)
    column = graph.node("Unsqueeze", [counts, graph.constant([2], np.int64)])
    rows = graph.node("Mul", [graph.node("Gather", [table, words]), column])
    sums = graph.node("ReduceSum", [rows, graph.constant([1], np.int64)], keepdims=0)
    total = graph.node("ReduceSum", [counts, graph.constant([1], np.int64)])
    mean = graph.node("Div", [sums, graph.node("Max", [total, graph.constant(f32(1))])])
    model = _subject(graph, mean, is_none)
    sets = [[random.integers(0, 4, (1, LENGTH))] for _ in range(16)]
    assert_near(sanitized_outputs(model.generated, sets), model.expected(sets), 1e-6)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
def test_integers_of_16_bits_may_be_ends(dtype: type[np.integer]) -> None:
    """Of layers between DequantizeLinear and QuantizeLinear, or of what moves them."""
    graph, random = OnnxGraph(opset=21), np.random.default_rng(5)
    x = graph.input(np.zeros((1, 2, 5, 5), dtype))
    zero_point = np.asarray(300 if dtype is np.uint16 else 0, dtype)
    weights = graph.constant(random.integers(-127, 128, (3, 2, 3, 3)), np.int8)
    weights = graph.dequantized(weights, 0.01, np.asarray(0, np.int8))
    y = graph.node("Conv", [graph.dequantized(x, 0.002, zero_point), weights])
    flat = graph.node("Reshape", [x, graph.constant([1, 50], np.int64)])
    model = _subject(graph, graph.quantized(y, 0.004, zero_point), flat)
    sets = [list(sample_inputs(model.generated, seed)) for seed in range(16)]
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))


def test_truths_and_whole_numbers_pass_in_and_out() -> None:
    graph = OnnxGraph(opset=17)
    truths, numbers = graph.input(np.zeros((2, 3), bool)), graph.input(np.zeros((3,), np.int32))
    chosen = graph.node("Where", [truths, numbers, graph.constant(-7, np.int32)])
    turned = graph.node("Not", [truths])
    product = graph.node("Mul", [numbers, numbers])
    model = _subject(graph, chosen, turned, product)
    sets = [list(sample_inputs(model.generated, seed)) for seed in range(16)]
    got = sanitized_outputs(model.generated, sets)
    assert_same_bits(got, run_onnxruntime_many(model.content, model.graph, sets))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("goes_first", [True, False])
def test_an_embedding_may_be_of_8_bits(dtype: type[np.integer], *, goes_first: bool) -> None:
    """Quantizers dequantize the table, or the rows that were taken from it."""
    graph, random = OnnxGraph(opset=17), np.random.default_rng(6)
    words = graph.input(np.zeros((1, LENGTH), np.int64))
    limits = np.iinfo(dtype)
    table = graph.constant(random.integers(limits.min, limits.max, (WORDS, WIDTH)), dtype)
    zero_point = np.asarray(limits.max // 2, dtype)
    if goes_first:
        rows = graph.node("Gather", [graph.dequantized(table, 0.02, zero_point), words])
    else:
        rows = graph.dequantized(graph.node("Gather", [table, words]), 0.02, zero_point)
    weights = graph.constant(random.integers(-127, 128, (WIDTH, 4)), np.int8)
    weights = graph.dequantized(weights, 0.01, np.asarray(0, np.int8))
    y = graph.quantized(graph.node("MatMul", [rows, weights]), 0.05, np.asarray(3, np.int8))
    model = _subject(graph, y)
    sets = [list(sample_inputs(model.generated, seed)) for seed in range(16)]
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))
    assert "gather" in {step.kernel for step in lower(model.graph).steps}
