"""What shapes follow from small values that a file computes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.onnx_reader import read_onnx


def _read(
    nodes: Sequence[NodeProto], shape: Sequence[int], values: Mapping[str, Sequence[int]]
) -> ModelGraph:
    """A graph of one float input ``x``, integer constants and an output ``y`` of no given type."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(np.array(v, np.int64), name) for name, v in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return read_onnx(bytes(model.SerializeToString()), "model", None)


def test_shapes_that_follow_from_arithmetic_on_constants_are_told() -> None:
    """PyTorch's TorchScript exporter writes padding and starts of slices as chains of operators."""
    zero = numpy_helper.from_array(np.array([0], np.int64))
    nodes = [
        helper.make_node("ConstantOfShape", ["left"], ["zeros"], value=zero),
        helper.make_node("Concat", ["given", "zeros"], ["all"], axis=0),
        helper.make_node("Reshape", ["all", "pairs"], ["rows"]),
        helper.make_node("Slice", ["rows", "last", "first", "axis", "back"], ["turned"]),
        helper.make_node("Transpose", ["turned"], ["columns"], perm=[1, 0]),
        helper.make_node("Reshape", ["columns", "flat"], ["pads"]),
        helper.make_node("Pad", ["x", "pads"], ["padded"]),
        helper.make_node("Shape", ["padded"], ["shape"]),
        helper.make_node("Gather", ["shape", "one"], ["width"]),
        helper.make_node("Div", ["width", "two"], ["half"]),
        helper.make_node("Slice", ["padded", "axis", "half", "one"], ["y"]),
    ]
    values = {
        "left": [2], "given": [3, 0], "pairs": [-1, 2], "last": [-1], "first": [-(2**62)],
        "axis": [0], "back": [-1], "flat": [-1], "one": [1], "two": [2],
    }  # fmt: skip
    graph = _read(nodes, [1, 4], values)
    shapes = {tensor.name: tensor.shape for tensor in graph.tensors}
    assert shapes["padded"] == (1, 7)
    assert shapes["y"] == (1, 3)


@pytest.mark.parametrize("size", [2**40, -1])
def test_arithmetic_on_constants_is_not_followed_to_what_is_large(size: int) -> None:
    """A few bytes of a file must not become gigabytes when it is read."""
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
        helper.make_node("Expand", ["zeros", "size"], ["more"]),
        helper.make_node("Reshape", ["x", "more"], ["y"]),
    ]
    graph = _read(nodes, [1, 4], {"size": [size]})
    assert [operator.op_type for operator in graph.operators][-1] == "Reshape"


def test_a_dimension_of_minus_one_is_not_known() -> None:
    """What Paddle's exporter writes for the batch."""
    graph = _read([helper.make_node("Relu", ["x"], ["y"])], [-1, 4], {})
    assert graph.tensor(graph.inputs[0]).shape == ("?", 4)
    assert graph.tensor(graph.outputs[0]).shape == ("?", 4)
