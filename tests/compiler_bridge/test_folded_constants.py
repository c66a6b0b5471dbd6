"""Constants computed from constants: how large they get is told before, whatever a file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.lower.folded_size import most_elements
from fitgraph.compiler_bridge.lower.onnx_fold import _KERNELS, FOLDED_OPERATORS
from fitgraph.compiler_bridge.reference.node import Array, Node
from fitgraph.registry.model_graph import Operator
from fitgraph.registry.onnx_reader import read_onnx

LONG = 6000  # its square is beyond what a model may fold


def integers(*values: int) -> Array:
    return np.array(values, np.int64)


def line(n: int, *shape: int) -> Array:
    return np.ones(shape or (n,), np.float32)


def real(value: float) -> Array:
    return np.array(value, np.float32)


COLUMN, ROW = line(0, LONG, 1), line(0, 1, LONG)
LARGE: Mapping[str, tuple[str, tuple[Array, ...], Mapping[str, Any]]] = {
    "product": ("Mul", (COLUMN, ROW), {}),
    "largest": ("Max", (COLUMN, ROW), {}),
    "choice": ("Where", (COLUMN > 0, ROW, line(1)), {}),
    "comparison": ("Less", (COLUMN, ROW), {}),
    "tiles": ("Tile", (ROW, integers(LONG, 1)), {}),
    "expansion": ("Expand", (ROW, integers(LONG, 1)), {}),
    "filled": ("ConstantOfShape", (integers(LONG, LONG),), {}),
    "range": ("Range", (real(0), real(LONG**2), real(1)), {}),
    "range without steps": ("Range", (real(0), real(9), real(0)), {}),
    "range to no number": ("Range", (real(0), real(np.nan), real(1)), {}),
    "margins": ("Pad", (line(1, 1, 1), integers(0, 0, LONG, LONG)), {}),
    "one-hot": ("OneHot", (np.zeros(LONG, np.int64), integers(LONG), line(2)), {}),
    "gathered": ("Gather", (ROW, np.zeros(LONG, np.int64)), {}),
    "gathered rows": ("GatherND", (ROW, np.zeros((LONG, 1), np.int64)), {}),
    "side by side": ("Concat", (ROW,) * LONG, {"axis": 0}),
}


def lying(op_type: str, constants: tuple[Array, ...], attributes: Mapping[str, Any]) -> bytes:
    """A model that adds to its input what it says is a single number."""
    kept = {id(array): f"c{i}" for i, array in enumerate(constants)}
    initializers = {name: array for array, name in ((a, kept[id(a)]) for a in constants)}
    nodes = [
        helper.make_node(op_type, [kept[id(a)] for a in constants], ["c"], **attributes),
        helper.make_node("Cast", ["c"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["x", "f"], ["y"]),
    ]
    x, y, c = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 1]) for n in "xyc")
    given = [numpy_helper.from_array(np.asarray(a), name) for name, a in initializers.items()]
    graph = helper.make_graph(nodes, "lying", [x], [y], given, value_info=[c])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(proto.SerializeToString())


@pytest.mark.parametrize("name", LARGE)
def test_a_constant_that_grows_is_refused_before_it_is_computed(name: str) -> None:
    """Although the file says that it is small."""
    graph = read_onnx(lying(*LARGE[name]), "lying", None)
    with pytest.raises(UnsupportedOperatorError, match="constants of more than 268435456 bytes"):
        generate(graph)


X, Y = line(0, 2, 3, 4), line(0, 3, 1)
SMALL: Mapping[str, tuple[tuple[Array | None, ...], Mapping[str, Any]]] = {
    **{
        name: ((X, Y), {})
        for name in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Pow", "Mod", "PRelu",
                     "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
    },
    **{name: ((X > 0, Y > 0), {}) for name in ("And", "Or", "Xor")},
    "Mod": ((X, Y), {"fmod": 1}),
    "Not": ((X > 0,), {}),
    "Where": ((Y > 0, X, line(1)), {}),
    "Clip": ((X, real(0), None), {}),
    "Cast": ((X,), {"to": TensorProto.INT64}),
    "Concat": ((X, X), {"axis": 1}),
    "Constant": ((), {"value": X}),
    "ConstantOfShape": ((integers(2, 5),), {}),
    "CumSum": ((X, np.array(1)), {}),
    "Expand": ((Y, integers(2, 3, 4)), {}),
    "Gather": ((X, np.zeros((5, 2), np.int64)), {"axis": 1}),
    "GatherElements": ((X, np.zeros((5, 3, 4), np.int64)), {"axis": 0}),
    "GatherND": ((X, np.zeros((5, 2), np.int64)), {}),
    "OneHot": ((np.zeros((2, 3), np.int64), np.array(7), line(2)), {}),
    "Pad": ((X, integers(0, 1, 2, 0, -1, 3)), {}),
    "Range": ((real(1), real(8), real(3)), {}),
    "ReduceMax": ((X,), {"axes": [1]}),
    "ReduceMin": ((X,), {"axes": [1]}),
    "ReduceProd": ((X,), {"axes": [1]}),
    "ReduceSum": ((X, integers(1)), {}),
    "Reshape": ((X, integers(-1, 2)), {}),
    "ScatterND": ((X, np.zeros((1, 1), np.int64), line(0, 1, 3, 4)), {}),
    "Slice": ((X, integers(1), integers(9), integers(2)), {}),
    "Split": ((X,), {"axis": 2}),
    "Squeeze": ((Y,), {}),
    "Tile": ((X, integers(1, 2, 3)), {}),
    "Unsqueeze": ((X, integers(0, 2)), {}),
}  # fmt: skip


@pytest.mark.parametrize("op_type", sorted(FOLDED_OPERATORS - {"Constant"}))
def test_no_result_is_larger_than_what_was_told(op_type: str) -> None:
    """For each operator that is folded."""
    inputs, attributes = SMALL.get(op_type, ((X,), {}))
    outputs = (9, 10) if op_type == "Split" else (9,)
    operator = Operator(op_type, "ai.onnx", 17, tuple(range(len(inputs))), outputs, attributes)
    node = Node(operator, inputs)
    found = _KERNELS[op_type](node)
    results = found if isinstance(found, tuple) else (found,)
    n_elements = sum(np.asarray(result).size for result in results)
    assert n_elements <= most_elements(node) <= 6 * X.size


def test_many_small_constants_count_together() -> None:
    """Each takes 8 MB."""
    n_nodes = 40
    nodes = [helper.make_node("Neg", [f"c{i}"], [f"c{i + 1}"]) for i in range(n_nodes)]
    nodes.append(helper.make_node("Add", ["x", f"c{n_nodes}"], ["y"]))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1])
    given = [numpy_helper.from_array(line(0, 1, 10**6), "c0")]
    graph = helper.make_graph(nodes, "chain", [x], [onnx.ValueInfoProto(name="y")], given)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(UnsupportedOperatorError, match="constants of more than"):
        generate(read_onnx(proto.SerializeToString(), "chain", None))
