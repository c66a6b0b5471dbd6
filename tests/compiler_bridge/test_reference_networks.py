"""Real quantized networks: layer by layer within one step of onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from fitgraph.registry.model_graph import ModelGraph
from tests.support.qdq_graphs import Array, feeds, read, steps_apart
from tests.support.quantized_layers import (
    integer_tensors,
    layers,
    with_batch_of_one,
    with_integer_outputs,
)

NETWORKS = (
    "emmtrix+emx-onnx-cgen__0cabc11e_micro_kws_m_qoperator_avg_pool.onnx",
    "emmtrix+emx-onnx-cgen__6131b9a3_micro_kws_m_qdq.onnx",
    "emmtrix+emx-onnx-cgen__64f8d27b_micro_kws_m_qoperator_add_shape.onnx",
    "tum-ei-eda+mlonmcu-models__033dc4e1_micro_kws_m_static_quantized_dequant.onnx",
    "tum-ei-eda+mlonmcu-models__222be1e3_micro_kws_m_static_qoperator_emx123.onnx",
    "tum-ei-eda+mlonmcu-models__6de2b973_micro_kws_m_static_qoperator_tvm.onnx",
    "tum-ei-eda+mlonmcu-models__c408fb77_micro_kws_m_static_qoperator_emx.onnx",
)
# Averages between equal scales often lie exactly halfway, where onnxruntime's float sums go
# either way, and a difference early in this network grows; see docs/qlinear-semantics.md.
QDQ_NETWORK = NETWORKS[1]
UNIT_FILES = (
    "kraiskil+onnx2c__0020f4e7_model.onnx",
    "kraiskil+onnx2c__86c99ffb_model.onnx",
    "kraiskil+onnx2c__a2468898_model.onnx",
    "kraiskil+onnx2c__c1dd5148_model.onnx",
)
LEVELS = ("disabled", "all")
N_INPUTS = 20


def inputs_of(graph: ModelGraph, n: int = N_INPUTS) -> list[list[Array]]:
    """Random spectrograms at several loudnesses, so that few values saturate in some."""
    random = np.random.default_rng(7)
    tensor = graph.tensor(graph.inputs[0])
    shape = tuple(1 if isinstance(dim, str) else dim for dim in tensor.shape)
    if tensor.dtype == "int8":
        return [[random.integers(-128, 128, shape).astype(np.int8)] for _ in range(n)]
    loudness = random.choice([1.0, 10.0, 30.0, 60.0], n)
    return [[(random.normal(5.0, 1.0, shape) * level).astype(np.float32)] for level in loudness]


def layer_differences(path: Path, level: str) -> Iterator[tuple[str, Array]]:
    """For each layer, absolute differences over all inputs: both get the reference's integers."""
    model = with_batch_of_one(path)
    whole = read(with_integer_outputs(model).SerializeToString())
    sets = inputs_of(whole)
    input_name = whole.tensor(whole.inputs[0]).name
    names = [whole.tensor(index).name for index in whole.outputs]
    known = [
        {input_name: values[0], **dict(zip(names, run_qlinear(whole, values), strict=True))}
        for values in sets
    ]
    for name, piece in layers(model):
        data = piece.SerializeToString()
        graph = read(data)
        layer_inputs = [feeds(graph, values) for values in known]
        theirs = run_onnxruntime_many(data, graph, layer_inputs, optimization=level)
        yield (
            name,
            np.stack(
                [
                    np.abs(values[name].astype(np.float64) - result[0].astype(np.float64))
                    for values, result in zip(known, theirs, strict=True)
                ]
            ),
        )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_within_one_step_and_nearly_always_equal(
    shared_data: Path, name: str, level: str
) -> None:
    found = dict(layer_differences(shared_data / "models" / name, level))
    assert found
    integers = [d for d in found.values() if float(d.max()).is_integer()]
    assert all(float(d.max()) <= 1 for d in found.values())
    if integers:
        everything = np.concatenate([d.reshape(-1) for d in integers])
        assert np.mean(everything == 0) > 0.999


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", [name for name in NETWORKS if name != QDQ_NETWORK])
def test_the_whole_network_agrees_but_for_the_last_bits_of_a_float_softmax(
    shared_data: Path, name: str, level: str
) -> None:
    data = (shared_data / "models" / name).read_bytes()
    graph = read(data)
    sets = inputs_of(graph)
    theirs = run_onnxruntime_many(data, graph, sets, optimization=level)
    for values, (expected,) in zip(sets, theirs, strict=True):
        (found,) = run_qlinear(graph, values)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(
            found.astype(np.float64), expected.astype(np.float64), rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("level", LEVELS)
def test_ties_that_break_differently_do_not_change_the_class(shared_data: Path, level: str) -> None:
    data = (shared_data / "models" / QDQ_NETWORK).read_bytes()
    graph = read(data)
    sets = inputs_of(graph)
    theirs = run_onnxruntime_many(data, graph, sets, optimization=level)
    for values, (expected,) in zip(sets, theirs, strict=True):
        (found,) = run_qlinear(graph, values)
        assert found.argmax() == expected.argmax()


def test_integers_before_the_softmax_equal_those_of_onnxruntime_when_all_are_kept(
    shared_data: Path,
) -> None:
    model = with_integer_outputs(with_batch_of_one(shared_data / "models" / QDQ_NETWORK))
    data = model.SerializeToString()
    graph = read(data)
    names = [graph.tensor(index).name for index in graph.outputs]
    sets = inputs_of(graph)
    theirs = run_onnxruntime_many(data, graph, sets, optimization="all")
    for values, expected in zip(sets, theirs, strict=True):
        found = dict(zip(names, run_qlinear(graph, values), strict=True))
        kept = dict(zip(names, expected, strict=True))
        for name in integer_tensors(model)[:-1]:
            np.testing.assert_array_equal(found[name], kept[name])


@pytest.mark.parametrize("name", UNIT_FILES)
def test_scales_that_are_graph_inputs_are_read_when_it_runs(shared_data: Path, name: str) -> None:
    data = (shared_data / "models" / name).read_bytes()
    graph = read(data)
    random = np.random.default_rng(3)
    sets = []
    for _ in range(50):
        values: list[Array] = []
        for index in graph.inputs:
            tensor = graph.tensor(index)
            if tensor.dtype == "float32":
                values.append(np.asarray(random.uniform(0.01, 0.4), np.float32))
            else:
                limits = np.iinfo(tensor.dtype.value)
                drawn = random.integers(limits.min, limits.max + 1, tensor.static_shape)
                values.append(np.asarray(drawn, tensor.dtype.value))
        sets.append(values)
    for level in LEVELS:
        theirs = run_onnxruntime_many(data, graph, sets, optimization=level)
        pairs = zip(sets, theirs, strict=True)
        apart = np.stack([steps_apart(run_qlinear(graph, v)[0], r[0]) for v, r in pairs])
        assert apart.max() <= 1
        assert np.mean(apart == 0) > 0.999
