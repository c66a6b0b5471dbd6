"""Weights, biases and zero points of int8 layers as the kernels want them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.program import Array

INT32 = np.iinfo(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class FoldedBias:
    """An int32 bias and the offset that is left to add to each input."""

    bias: Array
    offset: int


def fold_zero_point(weights: Array, bias: Array, zero_point: int, *, padded: bool) -> FoldedBias:
    """Moves the input's zero point into the bias where every tap always lies inside the input.

    Args:
        weights: int8, output channels first.
        bias: one integer for each output channel.

    Raises:
        OverflowError: an accumulator could leave 32 bits.
    """
    rows = weights.reshape(weights.shape[0], -1).astype(np.int64)
    offset = -zero_point
    wide = bias.astype(np.int64)
    if not padded:
        wide = wide - zero_point * rows.sum(axis=1)
        offset = 0
    reach = np.abs(rows).sum(axis=1) * (128 + abs(offset)) + np.abs(wide)
    if reach.size and int(reach.max()) > INT32.max:
        raise OverflowError
    return FoldedBias(wide.astype(np.int32), offset)
