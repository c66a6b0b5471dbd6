"""The integer rules, held to exact rational arithmetic."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.reference.affine import (
    Affine,
    Quantized,
    affine_of,
    dequantize,
    quantize,
    requantize,
)
from fitgraph.compiler_bridge.reference.sums import exact_products, ordered_products, ordered_sum
from tests.support.qdq_graphs import OnnxGraph, f32, i8, i32, reference_output

SCALES = st.floats(2.0**-20, 2.0**6, width=32)
INT8 = np.dtype(np.int8)


def to_float32(exact: Fraction) -> Fraction:
    """The float32 nearest to a rational, ties to even; normal numbers only."""
    if exact == 0:
        return exact
    exponent = 0
    while abs(exact) >= Fraction(2) ** (exponent + 1):
        exponent += 1
    while abs(exact) < Fraction(2) ** exponent:
        exponent -= 1
    step = Fraction(2) ** (exponent - 23)
    return round(exact / step) * step


def saturated(steps: int, zero_point: int) -> int:
    return max(-128, min(127, steps + zero_point))


def per_tensor(scale: float, zero_point: int) -> Affine:
    return affine_of(f32([scale]), np.asarray([zero_point], np.int8), np.int8, None)


@given(st.floats(-3e4, 3e4, width=32), SCALES, st.integers(-128, 127))
def test_quantize_divides_in_float32_and_rounds_half_to_even(
    real: float, scale: float, zero_point: int
) -> None:
    exact = to_float32(Fraction(real) / Fraction(scale)) if abs(real) > 1e-20 else Fraction(0)
    expected = saturated(round(exact), zero_point)
    assert quantize(f32([real]), per_tensor(scale, zero_point))[0] == expected


@pytest.mark.parametrize(
    ("real", "expected"),
    [
        (0.5, 0),
        (1.5, 2),
        (2.5, 2),
        (-0.5, 0),
        (-1.5, -2),
        (126.5, 126),
        (127.5, 127),
        (-128.5, -128),
    ],
)
def test_quantize_breaks_ties_towards_the_even_integer(real: float, expected: int) -> None:
    assert quantize(f32([real]), per_tensor(1.0, 0))[0] == expected


@pytest.mark.parametrize("real", [1e30, np.inf])
def test_quantize_saturates_whatever_the_zero_point(real: float) -> None:
    for zero_point in (-128, 0, 127):
        affine = per_tensor(1e-30, zero_point)
        assert quantize(f32([real, -real]), affine).tolist() == [127, -128]


@given(st.integers(-128, 127), SCALES, st.integers(-128, 127))
def test_dequantize_rounds_once(integer: int, scale: float, zero_point: int) -> None:
    quantized = Quantized(np.asarray([integer], np.int8), per_tensor(scale, zero_point))
    expected = to_float32((integer - zero_point) * Fraction(scale))
    assert Fraction(float(dequantize(quantized)[0])) == expected


@given(st.integers(-128, 127), SCALES, st.integers(-128, 127))
def test_dequantize_then_quantize_changes_nothing(
    integer: int, scale: float, zero_point: int
) -> None:
    affine = per_tensor(scale, zero_point)
    quantized = Quantized(np.asarray([integer], np.int8), affine)
    assert quantize(dequantize(quantized), affine)[0] == integer


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.floats(2.0**-40, 1.0, width=32),
    st.integers(-128, 127),
)
def test_requantize_rounds_the_accumulator_the_product_and_the_result(
    accumulator: int, multiplier: float, zero_point: int
) -> None:
    product = to_float32(to_float32(Fraction(accumulator)) * Fraction(multiplier))
    result = requantize(
        np.asarray([accumulator], np.int32), f32([multiplier]), per_tensor(1.0, zero_point)
    )
    assert result[0] == saturated(round(product), zero_point)


@pytest.mark.parametrize("accumulator", [2**24 + 1, 2**24 + 3, -(2**24) - 1, 2**30 + 65])
def test_requantize_rounds_an_accumulator_beyond_float32_integers(accumulator: int) -> None:
    multiplier = f32(2.0**-18)
    product = to_float32(to_float32(Fraction(accumulator)) * Fraction(float(multiplier)))
    found = requantize(np.asarray([accumulator], np.int32), multiplier, per_tensor(1.0, 0))
    assert found[0] == saturated(round(product), 0)


@given(
    st.lists(st.integers(-128, 127), min_size=8, max_size=8),
    st.lists(st.integers(-128, 127), min_size=8, max_size=8),
    SCALES,
    SCALES,
    SCALES,
    st.tuples(*[st.integers(-128, 127)] * 3),
    st.integers(-(2**26), 2**26),
)
def test_a_fully_connected_layer_follows_the_written_formula(
    x: list[int],
    w: list[int],
    x_scale: float,
    w_scale: float,
    y_scale: float,
    zero_points: tuple[int, int, int],
    bias: int,
) -> None:
    x_zero, w_zero, y_zero = zero_points
    graph = OnnxGraph()
    data = graph.dequantized(graph.input(np.asarray([x], np.int8)), x_scale, i8(x_zero))
    weights = graph.dequantized(
        graph.constant(np.asarray(w, np.int8).reshape(8, 1)), w_scale, i8(w_zero)
    )
    bias_scale = f32(x_scale) * f32(w_scale)
    added = graph.dequantized(graph.constant(np.asarray([bias], np.int32)), bias_scale, i32(0))
    gemm = graph.node("Gemm", [data, weights, added])
    found = reference_output(graph, graph.quantized(gemm, y_scale, i8(y_zero)))

    accumulator = bias + sum((a - x_zero) * (b - w_zero) for a, b in zip(x, w, strict=True))
    step = to_float32(Fraction(x_scale) * Fraction(w_scale))
    multiplier = to_float32(step / Fraction(y_scale))
    product = to_float32(to_float32(Fraction(accumulator)) * multiplier)
    assert found.tolist() == [[saturated(round(product), y_zero)]]


@given(
    st.lists(st.integers(-128, 127), min_size=4, max_size=4), SCALES, SCALES, st.integers(-128, 127)
)
def test_an_average_follows_the_written_formula(
    x: list[int], x_scale: float, y_scale: float, zero_point: int
) -> None:
    graph = OnnxGraph()
    values = np.asarray(x, np.int8).reshape(1, 1, 2, 2)
    data = graph.dequantized(graph.input(values), x_scale, i8(zero_point))
    pooled = graph.node("AveragePool", [data], kernel_shape=[2, 2])
    found = reference_output(graph, graph.quantized(pooled, y_scale, i8(3)))

    accumulator = sum(x) - 4 * zero_point
    multiplier = to_float32(Fraction(x_scale) / to_float32(Fraction(y_scale) * 4))
    product = to_float32(to_float32(Fraction(accumulator)) * multiplier)
    assert found.item() == saturated(round(product), 3)


@given(st.lists(st.integers(-(2**15), 2**15), min_size=1, max_size=40), st.randoms())
def test_integer_products_are_exact(values: list[int], random: Random) -> None:
    others = [random.randint(-(2**15), 2**15) for _ in values]
    expected = sum(a * b for a, b in zip(values, others, strict=True))
    left, right = np.asarray([values], np.int64), np.asarray(others, np.int64)[:, None]
    assert exact_products(left, right).item() == expected


@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=50))
def test_float_sums_run_in_index_order(values: list[float]) -> None:
    total = f32(0)
    for value in values:
        total = f32(total + f32(value))
    array = np.asarray(values, np.float32)
    assert ordered_sum(array) == total
    assert ordered_products(array[None], np.ones((array.size, 1), np.float32)).item() == total
