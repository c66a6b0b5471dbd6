"""Operators on reals, in the forms that opsets gave them: close to onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import BridgeError, UnsupportedOperatorError
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from tests.support.qdq_graphs import OnnxGraph, both_outputs, f32, i64, read, reference_output

X = (np.arange(120, dtype=np.float32).reshape(2, 3, 4, 5) * f32(0.37) - 20) % 7 - 3

# op_type, opset, further constants, attributes
CASES: list[tuple[str, int, list[Any], dict[str, Any]]] = [
    ("Softmax", 12, [], {}),
    ("Softmax", 12, [], {"axis": 2}),
    ("Softmax", 13, [], {}),
    ("Softmax", 13, [], {"axis": 1}),
    ("Squeeze", 11, [], {}),
    ("Squeeze", 13, [], {}),
    ("Unsqueeze", 11, [], {"axes": [0, 5]}),
    ("Unsqueeze", 13, [i64([1, -1])], {}),
    ("Clip", 10, [], {"min": -1.0}),
    ("Clip", 10, [], {"max": 1.5}),
    ("Clip", 13, [f32(-1), f32(2)], {}),
    ("Pad", 10, [], {"pads": [0, 0, 1, 2, 0, 0, 0, -1], "value": 2.5}),
    ("Pad", 10, [], {"pads": [0, 0, 1, 2, 0, 0, 0, 1], "mode": "reflect"}),
    ("Pad", 13, [i64([0, 0, 1, 2, 0, 0, 0, 1]), f32(1.5)], {}),
    ("Pad", 18, [i64([1, 2, 0, 1]), f32(1.5), i64([2, -1])], {}),
    ("Pad", 13, [i64([0, 0, 1, 2, 0, 0, 0, 1])], {"mode": "edge"}),
    ("ReduceMean", 13, [], {"axes": [1, -1]}),
    ("ReduceMean", 13, [], {"keepdims": 0}),
    ("ReduceMean", 18, [i64([2, 3])], {"keepdims": 0}),
    ("ReduceMean", 18, [], {"noop_with_empty_axes": 1}),
    ("ReduceSum", 13, [i64([1])], {}),
    ("ReduceMax", 13, [], {"axes": [3]}),
    ("Slice", 9, [], {"starts": [1], "ends": [-1], "axes": [3]}),
    ("Slice", 13, [i64([3]), i64([-100]), i64([2]), i64([-1])], {}),
    ("MaxPool", 12, [], {"kernel_shape": [2, 2]}),
    ("MaxPool", 12, [], {"kernel_shape": [2, 2], "strides": [2, 3], "ceil_mode": 1}),
    ("MaxPool", 12, [], {"kernel_shape": [2, 2], "dilations": [2, 1], "pads": [1, 0, 0, 1]}),
    ("MaxPool", 12, [], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_LOWER"}),
    ("AveragePool", 11, [], {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER"}),
    ("AveragePool", 11, [], {"kernel_shape": [3, 2], "pads": [1, 1, 1, 1]}),
    (
        "AveragePool",
        11,
        [],
        {"kernel_shape": [3, 2], "pads": [1, 1, 1, 1], "count_include_pad": 1},
    ),
    (
        "AveragePool",
        19,
        [],
        {
            "kernel_shape": [3, 3],
            "strides": [2, 2],
            "pads": [1, 1, 0, 0],
            "ceil_mode": 1,
            "count_include_pad": 1,
        },
    ),
    ("GlobalAveragePool", 12, [], {}),
    ("GlobalMaxPool", 12, [], {}),
    ("Flatten", 13, [], {"axis": -1}),
    ("Flatten", 13, [], {"axis": 0}),
    ("Reshape", 14, [i64([0, -1, 5])], {}),
    ("Transpose", 13, [], {}),
    ("PRelu", 13, [f32([0.1, 0.2, 0.3]).reshape(3, 1, 1)], {}),
    ("LeakyRelu", 13, [], {"alpha": 0.3}),
    ("Sigmoid", 13, [], {}),
    ("HardSigmoid", 13, [], {}),
    ("HardSwish", 14, [], {}),
    ("Elu", 13, [], {}),
    ("Erf", 13, [], {}),
    ("Gelu", 20, [], {}),
    ("Softplus", 13, [], {}),
    ("Pow", 13, [f32(2)], {}),
    ("Div", 13, [f32(3)], {}),
    ("Min", 13, [f32(1), f32(0.5)], {}),
    ("ArgMax", 13, [], {"axis": 1, "keepdims": 0}),
    ("Gather", 13, [i64([0, -1])], {"axis": 2}),
    ("Expand", 13, [i64([2, 3, 4, 5])], {}),
    ("Cast", 13, [], {"to": 6}),
    ("Shape", 15, [], {"start": 1}),
    ("Conv", 13, [np.linspace(-1, 1, 54, dtype=np.float32).reshape(6, 1, 3, 3)], {"group": 3}),
    (
        "Conv",
        13,
        [
            np.linspace(-1, 1, 36, dtype=np.float32).reshape(2, 3, 2, 3),
            f32([0.5, -0.25]),
        ],
        {"dilations": [1, 2], "strides": [2, 1], "pads": [1, 0, 0, 2]},
    ),
    ("MatMul", 13, [np.linspace(-1, 1, 10, dtype=np.float32).reshape(5, 2)], {}),
    ("MatMul", 13, [np.linspace(-1, 1, 5, dtype=np.float32)], {}),
    (
        "BatchNormalization",
        13,
        [f32(v) for v in ([1, 2, 0.5], [0, 1, -1], [0.1, 0.2, 0.3], [1, 2, 3])],
        {"epsilon": 1e-3},
    ),
]


@pytest.mark.parametrize(
    ("op_type", "opset", "constants", "attributes"),
    CASES,
    ids=[f"{case[0]}-{case[1]}-{i}" for i, case in enumerate(CASES)],
)
def test_an_operator_on_reals_is_close_to_onnxruntime(
    op_type: str, opset: int, constants: list[Any], attributes: dict[str, Any]
) -> None:
    graph = OnnxGraph(opset=opset)
    x = X[:, :1] if op_type == "Squeeze" else X
    inputs = [graph.input(x), *(graph.constant(value) for value in constants)]
    ours, theirs = both_outputs(graph, graph.node(op_type, inputs, **attributes), "disabled")
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6)


def test_a_one_dimensional_convolution_is_close_to_onnxruntime() -> None:
    graph = OnnxGraph()
    x = graph.input(X.reshape(2, 6, 10))
    w = graph.constant(np.linspace(-1, 1, 54, dtype=np.float32).reshape(3, 6, 3))
    ours, theirs = both_outputs(
        graph, graph.node("Conv", [x, w], pads=[2, 0], strides=[2]), "disabled"
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_gemm_honours_its_attributes() -> None:
    graph = OnnxGraph()
    a, b = graph.input(X.reshape(6, 20)[:, :4]), graph.constant(X.reshape(20, 6)[:5])
    c = graph.constant(f32([[1], [2], [3], [4]]))
    y = graph.node("Gemm", [a, b, c], transA=1, transB=1, alpha=0.5, beta=2.0)
    ours, theirs = both_outputs(graph, y, "disabled")
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_a_split_gives_its_parts_in_order() -> None:
    graph = OnnxGraph(opset=13)
    x = graph.input(X)
    graph.node("Split", [x, graph.constant(i64([1, 4]))], axis=3)
    graph.nodes[-1].output.append("rest")
    np.testing.assert_array_equal(reference_output(graph, "rest"), X[..., 1:])


def test_an_unknown_operator_is_named_with_domain_and_version() -> None:
    graph = OnnxGraph()
    y = graph.node("Hardmax", [graph.input(X)])
    with pytest.raises(UnsupportedOperatorError, match=r"Hardmax \(domain ai\.onnx, version 15\)"):
        reference_output(graph, y)


def test_an_unsupported_form_says_which_it_is() -> None:
    graph = OnnxGraph()
    y = graph.node("ArgMax", [graph.input(X)], select_last_index=1)
    with pytest.raises(UnsupportedOperatorError, match="select_last_index"):
        reference_output(graph, y)


@pytest.mark.parametrize(
    "inputs",
    [[], [X, X], [X.astype(np.float64)], [X[:1]], [X[0]]],
    ids=["none", "too many", "type", "size", "rank"],
)
def test_inputs_that_do_not_suit_the_graph_are_refused(inputs: list[Any]) -> None:
    graph = OnnxGraph()
    model = read(graph.model(graph.node("Relu", [graph.input(X)])))
    with pytest.raises(BridgeError):
        run_qlinear(model, inputs)


def test_shapes_that_contradict_each_other_are_a_bridge_error() -> None:
    graph = OnnxGraph()
    x, shape = graph.input(X), graph.input(i64([7, 7]))
    with pytest.raises(BridgeError, match="Reshape"):
        reference_output(graph, graph.node("Reshape", [x, shape]))
