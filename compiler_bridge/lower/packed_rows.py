"""Rows of weights in the order that ``rows_s8.h`` and ``rows_low.h`` read them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fitgraph.compiler_bridge.program import Array, Blocks

ROWS = 4
TAPS = 4


def pack_rows(groups: Iterable[Array]) -> Blocks:
    """Of each group blocks of four rows by four taps, then the rows left over.

    All are filled up with zero taps.

    Args:
        groups: int8, each of outputs x inputs.
    """
    return Blocks(tuple(part for rows in groups for part in _parts(rows)))


def pack_low(groups: Iterable[Array], bits: int) -> Array:
    """The same in 4 or 2 bits, in the order that ``rows_low.h`` tells; rows are filled up, too.

    Args:
        groups: integers from -2^(bits - 1) on that fit, each of outputs x inputs.
    """
    return np.concatenate([_low(rows, bits) for rows in groups])


def _low(rows: Array, bits: int) -> Array:
    """int8: words of four bytes, in each of which fields of so many bits are side by side."""
    n_rows, n_taps = rows.shape
    padded = np.pad(rows, ((0, -n_rows % ROWS), (0, -n_taps % TAPS))).astype(np.int16)
    unsigned = (padded + 2 ** (bits - 1)).astype(np.uint8)
    # Axes: block of rows, rows 0 1 or 2 3, of these which, block of taps, tap 0 1 or 2 3, which.
    split = unsigned.reshape(-1, 2, 2, padded.shape[1] // TAPS, 2, 2)
    fields = split.transpose(0, 3, 5, 1, 4, 2).reshape(-1, 8 // bits, ROWS)
    places = np.arange(0, 8, bits, dtype=np.uint8)[:, np.newaxis]
    packed: Array = np.bitwise_or.reduce(fields << places, axis=1)
    return packed.reshape(-1).view(np.int8)


def _parts(rows: Array) -> tuple[Array, Array]:
    """Blocks x 16, the taps of a row side by side, and numbers."""
    n_rows, n_taps = rows.shape
    padded = np.pad(rows, ((0, 0), (0, -n_taps % TAPS)))
    n_packed = n_rows // ROWS * ROWS
    blocks = padded[:n_packed].reshape(-1, ROWS, padded.shape[1] // TAPS, TAPS)
    return blocks.transpose(0, 2, 1, 3).reshape(-1, ROWS * TAPS), padded[n_packed:].reshape(-1)
