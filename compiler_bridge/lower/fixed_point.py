"""TensorFlow Lite's fixed-point arithmetic, in Python integers.

A real multiplier is held as ``multiplier * 2**(shift - 31)`` with a 31-bit multiplier. Functions
on Q-numbers take and return raw 32-bit integers. Names and constants: gemmlowp's
``fixedpoint.h`` and TensorFlow Lite's ``quantization_util.cc`` describe this arithmetic.
"""

from __future__ import annotations

import math

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)
LARGEST_SHIFT = 30


def round_half_away(x: float) -> int:
    """``std::round``."""
    return math.floor(x + 0.5) if x >= 0 else math.ceil(x - 0.5)


def quantize_multiplier(real: float, largest_shift: int = LARGEST_SHIFT) -> tuple[int, int]:
    """Fixed-point form ``(multiplier, shift)`` of a non-negative real number.

    Raises:
        OverflowError: it is 2**largest_shift or more, or no number.
    """
    if not 0.0 <= real < 2.0**largest_shift:
        raise OverflowError(f"a multiplier of {real:g} does not fit 32 bits")
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = round_half_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier, shift = 2**30, shift + 1
    if shift < -31:
        return 0, 0
    return multiplier, shift


def saturate(x: int) -> int:
    """The nearest 32-bit integer."""
    return max(INT32_MIN, min(INT32_MAX, x))


def doubling_high_mul(a: int, b: int) -> int:
    """Round a * b / 2**31, halves upwards."""
    return saturate((a * b + (1 << 30)) >> 31)


def rounding_shift_right(x: int, exponent: int) -> int:
    """Divide by 2**exponent, halves away from zero."""
    half = (1 << exponent) >> 1
    return (x + half - (1 if x < 0 and exponent else 0)) >> exponent


def multiply(x: int, multiplier: int, shift: int) -> int:
    """Multiply by the real multiplier, rounded twice as TensorFlow Lite does."""
    left, right = max(shift, 0), max(-shift, 0)
    shifted = ((x << left) - INT32_MIN) % 2**32 + INT32_MIN  # as the C code wraps
    return rounding_shift_right(doubling_high_mul(shifted, multiplier), right)


def exp_of_negative(a: int, integer_bits: int) -> int:
    """e**a as Q0.31 for a <= 0 in Q(integer_bits).(31 - integer_bits)."""
    if a == 0:
        return INT32_MAX
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    rest = (a & (quarter - 1)) - quarter
    result = _exp_near_minus_an_eighth(saturate(rest << integer_bits))
    remainder = rest - a
    # e**-(2**k) in Q0.31 for k = -2..4
    factors = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
    for k, factor in enumerate(factors, start=-2):
        if integer_bits > k and remainder & (1 << (fraction_bits + k)):
            result = doubling_high_mul(result, factor)
    return result


def _exp_near_minus_an_eighth(a: int) -> int:
    """e**a as Q0.31 for a in [-1/4, 0): a Taylor polynomial around -1/8."""
    x = a + (1 << 28)
    x2 = doubling_high_mul(x, x)
    x3 = doubling_high_mul(x2, x)
    x4 = doubling_high_mul(x2, x2)
    third = 715827883
    higher = doubling_high_mul(rounding_shift_right(x4, 2) + x3, third) + x2
    exp_minus_an_eighth = 1895147668
    series = x + rounding_shift_right(higher, 1)
    return exp_minus_an_eighth + doubling_high_mul(exp_minus_an_eighth, series)


def _newton_reciprocal(x: int) -> int:
    """2 / (1 + x) as Q2.29 for x in [0, 1) as Q0.31."""
    half_denominator = (x + INT32_MAX + 1) // 2
    y = 1515870810 + doubling_high_mul(half_denominator, -1010580540)
    for _ in range(3):
        error = (1 << 29) - doubling_high_mul(half_denominator, y)
        y += saturate(doubling_high_mul(y, error) << 2)
    return y


def one_over_one_plus(x: int) -> int:
    """1 / (1 + x) as Q0.31 for x in [0, 1) as Q0.31."""
    return saturate(_newton_reciprocal(x) << 1)


def logistic(a: int, integer_bits: int = 4) -> int:
    """1 / (1 + e**-a) as Q0.31."""
    if a == 0:
        return 1 << 30
    positive = one_over_one_plus(exp_of_negative(-abs(a), integer_bits))
    return positive if a > 0 else INT32_MAX - positive


def tanh(a: int, integer_bits: int = 4) -> int:
    """Hyperbolic tangent as Q0.31."""
    if a == 0:
        return 0
    # doubling a by moving the binary point
    e = exp_of_negative(-abs(a), integer_bits + 1)
    negative = saturate((_newton_reciprocal(e) - (1 << 29)) << 2)
    return negative if a > 0 else -negative


def input_radius(integer_bits: int, left_shift: int, total_bits: int = 31) -> int:
    """Largest input that still fits Q(integer_bits) after the left shift."""
    largest = (2**integer_bits - 1) * 2 ** (total_bits - integer_bits)
    return int(largest // 2**left_shift)
