"""TensorFlow Lite's fixed-point arithmetic."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.lower import fixed_point as q

INT32 = st.integers(q.INT32_MIN, q.INT32_MAX)


@given(st.floats(1e-9, 1e6))
def test_a_quantized_multiplier_is_within_half_a_unit_of_the_real_one(real: float) -> None:
    multiplier, shift = q.quantize_multiplier(real)
    assert 2**30 <= multiplier < 2**31
    assert math.isclose(multiplier * 2.0 ** (shift - 31), real, rel_tol=2**-31)


def test_a_multiplier_too_small_to_matter_is_zero() -> None:
    assert q.quantize_multiplier(0.0) == (0, 0)
    assert q.quantize_multiplier(2.0**-40) == (0, 0)


def test_a_multiplier_that_rounds_up_to_one_moves_to_the_next_shift() -> None:
    assert q.quantize_multiplier(1.0 - 2.0**-40) == (2**30, 1)


@given(INT32, st.integers(0, 31))
def test_rounding_shifts_round_halves_away_from_zero(x: int, exponent: int) -> None:
    exact = abs(x) / 2**exponent
    expected = math.floor(exact + 0.5)
    assert q.rounding_shift_right(x, exponent) == (expected if x >= 0 else -expected)


@given(st.integers(-(2**26) * 31, 0))
def test_exponentials_are_close(raw: int) -> None:
    real = math.exp(raw / 2**26)
    assert abs(q.exp_of_negative(raw, 5) / 2**31 - real) < 3e-7


@given(INT32)
def test_logistic_and_tanh_are_close(raw: int) -> None:
    x = raw / 2**27
    assert abs(q.logistic(raw) / 2**31 - 1 / (1 + math.exp(-x))) < 1e-6
    assert abs(q.tanh(raw) / 2**31 - math.tanh(x)) < 1e-6


@given(INT32)
def test_logistic_is_symmetric_and_tanh_odd(raw: int) -> None:
    negative = max(-raw, q.INT32_MIN + 1)
    assert abs(q.logistic(raw) + q.logistic(negative) - 2**31) <= 2
    assert abs(q.tanh(raw) + q.tanh(negative)) <= 1
