"""RequantShift: exact integers, held as float32."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from fitgraph.registry.model_graph import ModelGraph
from tests.support.qdq_graphs import Array, read

SHAPE = (2, 3, 4)


def graph_of(
    multiplier: Array, summand: Array, *, div: float, levels: float = 256, signed: float = 1
) -> ModelGraph:
    """One operator on three channels."""
    attributes = {"div": div, "n_levels_out": levels, "signed": signed}
    node = onnx.helper.make_node("RequantShift", ["x", "m", "a"], ["y"], domain="PACTOps")
    node.attribute.extend(
        onnx.helper.make_attribute(name, onnx.numpy_helper.from_array(np.array([v], np.float32)))
        for name, v in attributes.items()
    )
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, SHAPE) for name in "xy"
    ]
    constants = [
        onnx.numpy_helper.from_array(value.astype(np.float32), name)
        for name, value in (("m", multiplier), ("a", summand))
    ]
    graph = onnx.helper.make_graph([node], "one", ends[:1], ends[1:], constants)
    opsets = [onnx.helper.make_opsetid("", 13), onnx.helper.make_opsetid("PACTOps", 1)]
    model = onnx.helper.make_model(graph, opset_imports=opsets)
    return read(model.SerializeToString())


def by_hand(x: Array, multiplier: Array, summand: Array, div: int, low: int, high: int) -> Array:
    """In Python's integers."""
    wanted = [
        max(low, min(high, (2 * (int(v) * int(m) + int(a)) + div) // (2 * div)))
        for v, m, a in np.nditer([x, multiplier, summand])
    ]
    return np.array(wanted, np.float32).reshape(x.shape)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 20), st.sampled_from([0, 1]))
def test_whole_numbers_are_scaled_exactly(seed: int, shift: int, signed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = (3, 1) if seed % 2 else (1,)
    multiplier = random.integers(-40, 2**10, sizes)
    summand = random.integers(-(2**20), 2**20, sizes)
    x = random.integers(-(2**14), 2**14, SHAPE).astype(np.float32)
    graph = graph_of(multiplier, summand, div=2**shift, signed=signed)
    low = -128 if signed else 0
    wanted = by_hand(x, multiplier, summand, 2**shift, low, low + 255)
    (reference,) = run_qlinear(graph, [x])
    ((got,),) = run_on_host(generate(graph), [[x]])
    assert np.array_equal(reference, wanted)
    assert np.array_equal(got, wanted)


@pytest.mark.parametrize(
    "odd",
    [
        {"div": 3.0},
        {"div": math.nan},
        {"div": 2.0, "levels": math.inf},
        {"div": 2.0, "signed": 7.0},
    ],
)
def test_attributes_without_meaning_are_refused(odd: dict[str, float]) -> None:
    graph = graph_of(np.ones(1), np.zeros(1), **odd)
    with pytest.raises(UnsupportedOperatorError, match="RequantShift"):
        generate(graph)


def test_a_multiplier_that_is_not_whole_is_refused() -> None:
    graph = graph_of(np.full(1, 0.5), np.zeros(1), div=2.0)
    with pytest.raises(UnsupportedOperatorError, match="not whole"):
        generate(graph)
