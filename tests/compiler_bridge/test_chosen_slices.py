"""Inputs that choose rows of a table are drawn from the places that it has."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fitgraph.compiler_bridge.chosen_slices import choices_of_inputs
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.reference.litert import run_litert_many
from fitgraph.registry.onnx_reader import read_onnx
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.tflite_graph import Scale, TfliteGraph

N_ROWS = 7


def embedding() -> bytes:
    """Places are cast, negative ones counted from the end, then looked up, as Keras writes it."""
    graph = TfliteGraph()
    x = graph.input(np.zeros((1, 5), np.float32), None)
    places = graph.tensor((1, 5), "int32")
    graph.node("CAST", [x], [places], "CastOptions", {}, version=1)
    scale = Scale(0.1, 0)
    table = graph.tensor((N_ROWS, 3), scale=scale, value=np.arange(21, dtype=np.int8).reshape(7, 3))
    y = graph.tensor((1, 5, 3), scale=scale)
    graph.node("GATHER", [table, places], [y], "GatherOptions", {0: np.int32(0)}, version=2)
    graph.outputs = [y]
    return graph.content()


def test_random_inputs_keep_within_the_table() -> None:
    """LiteRT refuses a place beyond it, and a random integer is always beyond it."""
    content = embedding()
    graph = read_tflite(content, "embedding")
    assert choices_of_inputs(graph) == {graph.inputs[0]: N_ROWS}
    sets = [sample_inputs(generate(graph), seed) for seed in range(8)]
    drawn = np.concatenate([one.ravel() for (one,) in sets])
    assert set(drawn) <= set(range(N_ROWS))
    assert len(set(drawn)) > N_ROWS // 2
    assert len(run_litert_many(content, graph, sets)) == len(sets)


def test_an_input_that_is_taken_from_chooses_nothing() -> None:
    """Nor does one that is only computed with."""
    node = helper.make_node("Gather", ["x", "places"], ["y"], axis=1)
    graph = helper.make_graph(
        [node],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(np.array([0, 3], np.int64), "places")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    read = read_onnx(bytes(model.SerializeToString()), "model", None)
    assert not choices_of_inputs(read)
    assert generate(read).inputs[0].choices is None


def test_a_tile_of_the_newest_version_is_found_by_litert() -> None:
    """Its list of reference kernels names the first one, its converter writes the third."""
    graph = TfliteGraph()
    scale = Scale(0.5, 3)
    value = np.arange(6, dtype=np.int8).reshape(1, 6)
    x = graph.input(value, scale)
    y = graph.tensor((2, 6), scale=scale)
    graph.node("TILE", [x, graph.numbers([2, 1])], [y], "TileOptions", {}, version=3)
    graph.outputs = [y]
    content = graph.content()
    ((found,),) = run_litert_many(content, read_tflite(content, "tile"), [[value]])
    assert np.array_equal(found, np.tile(value, (2, 1)))
