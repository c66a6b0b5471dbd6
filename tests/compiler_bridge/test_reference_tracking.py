"""Integers stay integers through operators that only move values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.support.qdq_graphs import Array, OnnxGraph, f32, i8, i64, reference_output

SCALE, ZERO_POINT = 0.0371, i8(-11)
Move = Callable[[OnnxGraph, str, Array], str]

MOVES: dict[str, Move] = {
    "Identity": lambda g, x, _: g.node("Identity", [x]),
    "Reshape": lambda g, x, _: g.node("Reshape", [x, g.constant(i64([1, 4, 6, 5]))]),
    "Transpose": lambda g, x, _: g.node("Transpose", [x], perm=[0, 1, 3, 2]),
    "Slice": lambda g, x, _: g.node(
        "Slice", [x, g.constant(i64([1])), g.constant(i64([5])), g.constant(i64([3]))]
    ),
    "Squeeze": lambda g, x, _: g.node("Squeeze", [g.node("Unsqueeze", [x, axis(g)]), axis(g)]),
    "MaxPool": lambda g, x, _: g.node("MaxPool", [x], kernel_shape=[2, 2], pads=[1, 0, 0, 0]),
    "Pad": lambda g, x, zero: g.node(
        "Pad", [x, g.constant(i64([0, 0, 1, 0, 0, 0, 2, 1])), g.constant(zero)]
    ),
    "Concat": lambda g, x, _: g.node("Concat", [x, x], axis=2),
}


def axis(graph: OnnxGraph) -> str:
    return graph.constant(i64([0]))


def draw(*shape: int) -> Array:
    return i8(np.random.default_rng(11).integers(-128, 128, shape))


def convolved(graph: OnnxGraph, x: str) -> Array:
    """A real output, so that each bit of the accumulator and of the scale shows."""
    weights = graph.dequantized(graph.constant(draw(3, 4, 3, 3)), 0.0213, i8(0))
    return reference_output(graph, graph.node("Conv", [x, weights], pads=[1, 1, 1, 1]))


@pytest.mark.parametrize("name", MOVES)
def test_moving_before_or_after_dequantizing_gives_the_same_bits(name: str) -> None:
    move, values = MOVES[name], draw(1, 4, 5, 6)
    before, after = OnnxGraph(), OnnxGraph()
    moved = move(before, before.input(values), ZERO_POINT)
    expected = convolved(before, before.dequantized(moved, SCALE, ZERO_POINT))
    reals = after.dequantized(after.input(values), SCALE, ZERO_POINT)
    np.testing.assert_array_equal(convolved(after, move(after, reals, f32(0))), expected)


def test_transposed_weights_keep_their_scales_by_channel() -> None:
    x, w, scales = draw(2, 6), draw(3, 6), f32([0.01, 0.02, 0.05])
    plain, turned = OnnxGraph(), OnnxGraph()
    outputs = []
    for graph, weights, axis_of_scales in ((plain, w.T, 1), (turned, w, 0)):
        data = graph.dequantized(graph.input(x), SCALE, ZERO_POINT)
        matrix = graph.dequantized(
            graph.constant(np.ascontiguousarray(weights)), scales, i8([0, 0, 0]), axis_of_scales
        )
        if graph is turned:
            matrix = graph.node("Transpose", [matrix])
        outputs.append(reference_output(graph, graph.node("MatMul", [data, matrix])))
    np.testing.assert_array_equal(outputs[0], outputs[1])


def test_bytes_cast_to_float_are_integers_of_scale_one() -> None:
    values = draw(1, 4, 5, 6)
    cast, dequantized = OnnxGraph(), OnnxGraph()
    reals = cast.node("Cast", [cast.input(values)], to=1)
    expected = dequantized.dequantized(dequantized.input(values), 1.0, i8(0))
    np.testing.assert_array_equal(convolved(cast, reals), convolved(dequantized, expected))


@pytest.mark.parametrize("name", ["Pad", "Concat"])
def test_values_of_another_scale_make_it_a_tensor_of_reals(name: str) -> None:
    graph = OnnxGraph()
    x = graph.dequantized(graph.input(draw(1, 4, 5, 6)), SCALE, ZERO_POINT)
    if name == "Pad":
        moved = MOVES[name](graph, x, f32(0.123))
    else:
        other = graph.dequantized(graph.input(draw(1, 4, 5, 6)), 0.5, ZERO_POINT)
        moved = graph.node("Concat", [x, other], axis=2)
    weights = graph.dequantized(graph.constant(draw(3, 4, 3, 3)), 0.0213, i8(0))
    found = reference_output(graph, graph.node("Conv", [moved, weights]))

    dense = OnnxGraph(opset=15)
    reals = dense.input(reference_output(graph, moved))
    filters = dense.constant(reference_output(graph, weights))
    np.testing.assert_array_equal(
        found, reference_output(dense, dense.node("Conv", [reals, filters]))
    )


def test_an_average_behind_a_relu_is_clamped_at_the_zero_point() -> None:
    graph = OnnxGraph()
    x = graph.dequantized(graph.input(draw(1, 2, 4, 4)), SCALE, ZERO_POINT)
    pooled = graph.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
    plain = reference_output(graph, graph.quantized(pooled, 0.02, i8(5)))
    clamped = OnnxGraph()
    x = clamped.dequantized(clamped.input(draw(1, 2, 4, 4)), SCALE, ZERO_POINT)
    pooled = clamped.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
    rectified = clamped.node("Relu", [pooled])
    found = reference_output(clamped, clamped.quantized(rectified, 0.02, i8(5)))
    assert (plain < 5).any()
    np.testing.assert_array_equal(found, np.maximum(plain, 5))
