"""Rows of int8 weights in the order that ``rows_s8.h`` reads them."""

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


def _parts(rows: Array) -> tuple[Array, Array]:
    """Blocks x 16, the taps of a row side by side, and numbers."""
    n_rows, n_taps = rows.shape
    padded = np.pad(rows, ((0, 0), (0, -n_taps % TAPS)))
    n_packed = n_rows // ROWS * ROWS
    blocks = padded[:n_packed].reshape(-1, ROWS, padded.shape[1] // TAPS, TAPS)
    return blocks.transpose(0, 2, 1, 3).reshape(-1, ROWS * TAPS), padded[n_packed:].reshape(-1)
