"""1 / sqrt(x) of a positive integer in TensorFlow Lite's fixed point, in Python integers."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.fixed_point import (
    INT32_MAX,
    doubling_high_mul,
    rounding_shift_right,
    saturate,
)

# Q3.28: one, one and a half; Q0.31: half the root of two.
_ONE, _THREE_HALVES, _HALF_ROOT_OF_2 = 1 << 28, 3 << 27, 1518500250
_NEWTON_STEPS = 5


def inverse_root(x: int) -> tuple[int, int]:
    """Multiplier and shift, 1 / sqrt(x) = multiplier * 2**(shift - 31)."""
    if x <= 1:
        return INT32_MAX, 0
    shift = 11
    while x >= 1 << 29:
        x, shift = x // 4, shift + 1
    pairs = (31 - x.bit_length()) // 2 - 1
    shift -= pairs
    half = rounding_shift_right((x << 2 * pairs) >> 1, 1)
    root = _ONE
    for _ in range(_NEWTON_STEPS):
        cube = saturate(doubling_high_mul(doubling_high_mul(root, root), root) << 6)
        nearer = doubling_high_mul(_THREE_HALVES, root) - doubling_high_mul(half, cube)
        root = saturate(nearer << 3)
    multiplier = doubling_high_mul(root, _HALF_ROOT_OF_2)
    return (multiplier << -shift, 0) if shift < 0 else (multiplier, -shift)
