"""Sums whose every rounding is defined: exact integers, or float32 in index order."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.reference.node import Array, Floats, Integers


def exact_products(left: Array, right: Array) -> Integers:
    """``left @ right`` of integers, exactly.

    float64 holds every integer below 2**53, which 2**37 products of two bytes stay under, and
    its matrix product is far faster than numpy's integer one.
    """
    products: Integers = np.matmul(left.astype(np.float64), right.astype(np.float64)).astype(
        np.int64
    )
    return products


def ordered_products(left: Array, right: Array) -> Floats:
    """``left @ right`` in float32: for k = 0, 1, ... total += left[..., k] * right[k, ...].

    Product and sum are rounded each (no fused multiply-add).
    """
    left, right = left.astype(np.float32), right.astype(np.float32)
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    total = np.zeros((*batch, left.shape[-2], right.shape[-1]), dtype=np.float32)
    for k in range(left.shape[-1]):
        total += left[..., :, k, None] * right[..., None, k, :]
    return total


def ordered_sum(values: Array) -> Floats:
    """Float32 sum over the last axis in index order; numpy's own sum adds pairwise."""
    if values.shape[-1] == 0:
        return np.zeros(values.shape[:-1], dtype=np.float32)
    total: Floats = np.add.accumulate(values.astype(np.float32), axis=-1, dtype=np.float32)[..., -1]
    return total
