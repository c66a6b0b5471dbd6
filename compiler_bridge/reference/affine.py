"""Between reals and integers: quantize, dequantize and requantize, rounding included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.reference.node import Array, Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """real = scale * (integer - zero_point).

    Attributes:
        scale: float32, shape () per tensor or (n,) along ``axis``.
        zero_point: int64, the scale's shape.
        dtype: of the integers.
        axis: None per tensor.
    """

    scale: Floats
    zero_point: Integers
    dtype: np.dtype[np.integer]
    axis: int | None = None

    @property
    def is_per_tensor(self) -> bool:
        """One scale for all values."""
        return self.axis is None


@dataclass(frozen=True, slots=True, eq=False)
class Quantized:
    """Integer values and what they mean."""

    values: Array
    affine: Affine

    def centred(self) -> Integers:
        """The values less their zero point."""
        return self.values.astype(np.int64) - along(
            self.affine.zero_point, self.affine.axis, self.values.ndim
        )


def affine_of(
    scale: Array, zero_point: Array | None, dtype: npt.DTypeLike, axis: int | None
) -> Affine:
    """Build an `Affine` from operator inputs.

    Args:
        scale: shape (), (1,) or (n,).
        zero_point: of the same shape, or None for 0.
        dtype: of the integers where there is no zero point to say it.
        axis: where the n slices run; ignored when there is but one scale.
    """
    if zero_point is None:
        zero_point = np.zeros(scale.shape, dtype=dtype)
    integers = np.dtype(zero_point.dtype)
    if scale.size == 1:
        one = np.float32(scale.reshape(-1)[0])
        return Affine(np.asarray(one), zero_point.reshape(-1)[0].astype(np.int64), integers)
    offsets = np.broadcast_to(zero_point.astype(np.int64), scale.shape)
    return Affine(scale.astype(np.float32), offsets, integers, axis)


def along(values: Array, axis: int | None, rank: int) -> Array:
    """Shape per-slice values so that they broadcast along ``axis`` of a rank-``rank`` array."""
    if axis is None or values.ndim == 0:
        return values
    shape = [1] * rank
    shape[axis] = values.size
    return values.reshape(shape)


def quantize(reals: Array, affine: Affine) -> Array:
    """saturate(rne(x / s) + zp): one IEEE float32 division, ties to even."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        steps = np.rint(reals.astype(np.float32) / along(affine.scale, affine.axis, reals.ndim))
    return saturate(steps, along(affine.zero_point, affine.axis, reals.ndim), affine.dtype)


def dequantize(quantized: Quantized) -> Floats:
    """(q - zp) * s: the difference exactly, then float32."""
    scale = along(quantized.affine.scale, quantized.affine.axis, quantized.values.ndim)
    return quantized.centred().astype(np.float32) * scale


def requantize(accumulator: Array, multiplier: Array, affine: Affine) -> Array:
    """saturate(rne(float32(acc) * M) + zp); ``multiplier`` broadcasts against ``accumulator``."""
    with np.errstate(over="ignore"):
        steps = np.rint(accumulator.astype(np.float32) * multiplier.astype(np.float32))
    return saturate(steps, affine.zero_point, affine.dtype)


def saturate(steps: Array, zero_point: Array, dtype: np.dtype[np.integer]) -> Array:
    """Add the zero point exactly and clamp to the type's range."""
    # float64 holds every float32 and every int32 exactly, and adds them without rounding
    # wherever the result lies near the type's range.
    limits = np.iinfo(dtype)
    shifted = steps.astype(np.float64) + zero_point
    clamped: Array = np.clip(shifted, limits.min, limits.max).astype(dtype)
    return clamped


def wrap_int32(exact: Array) -> npt.NDArray[np.int32]:
    """Integers modulo 2**32, as an int32 accumulator holds them."""
    return exact.astype(np.int64).astype(np.int32)
