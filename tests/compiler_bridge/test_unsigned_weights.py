"""Integer layers reach onnxruntime with weights that every processor multiplies exactly."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from fitgraph.compiler_bridge.reference.unsigned_weights import with_unsigned_weights
from tests.support.qdq_graphs import Array, OnnxGraph, i8, read

# Pairs of products beyond 16 bits, of either sign.
DATA = np.array([[255, 255, 255, 255], [0, 1, 254, 255]], np.uint8)
WEIGHTS = i8([[127, -128, 1], [127, -128, -1], [126, -127, 127], [127, -128, 0]])


@pytest.mark.parametrize("zero_point", [None, i8(0), i8(-5), i8([3, -128, 127])], ids=str)
def test_weights_become_unsigned_and_sums_stay(zero_point: Array | None) -> None:
    graph = OnnxGraph()
    names = [graph.input(DATA), graph.constant(WEIGHTS)]
    if zero_point is not None:
        names += [graph.constant(np.uint8(7)), graph.constant(zero_point)]
    content = graph.model(graph.node("MatMulInteger", names))
    changed = with_unsigned_weights(onnx.load_model_from_string(content))
    (node,) = changed.graph.node
    kinds = {one.name: one.data_type for one in changed.graph.initializer}
    assert kinds[node.input[1]] == kinds[node.input[3]] == onnx.TensorProto.UINT8
    ((got,),) = run_onnxruntime_many(content, read(content), [[DATA]])
    data = DATA.astype(np.int32) - (0 if zero_point is None else 7)
    weights = WEIGHTS.astype(np.int32) - (0 if zero_point is None else zero_point.astype(np.int32))
    np.testing.assert_array_equal(got, data @ weights)


def test_weights_that_another_node_reads_stay_for_it() -> None:
    graph = OnnxGraph()
    weights = graph.constant(WEIGHTS)
    graph.node("MatMulInteger", [graph.input(DATA), weights])
    other = graph.node("Identity", [weights])
    changed = with_unsigned_weights(onnx.load_model_from_string(graph.model(other)))
    assert changed.graph.node[1].input == [weights]
    assert weights in {one.name for one in changed.graph.initializer}
