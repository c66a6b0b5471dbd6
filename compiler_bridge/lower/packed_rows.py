"""Rows of int8 weights in the order that ``rows_s8.h`` reads them."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.program import Array

ROWS = 4
TAPS = 4
# Of a block: the inputs that SXTB16 takes out of a word together.
_TAP_PAIRS = ((0, 2), (1, 3))


def pack_rows(rows: Array) -> Array:
    """Blocks of four rows by four taps, then the rows left over; all filled up with zero taps.

    Args:
        rows: int8, outputs x inputs.

    Returns:
        int8, of one axis. In a block, the bytes of even rows are unsigned: weight + 128.
    """
    n_rows, n_taps = rows.shape
    padded = np.pad(rows, ((0, 0), (0, -n_taps % TAPS)))
    n_packed = n_rows // ROWS * ROWS
    blocks = padded[:n_packed].reshape(-1, ROWS, padded.shape[1] // TAPS, TAPS).copy()
    blocks[:, 0::2] ^= np.int8(-128)
    # group, block, pair of taps, pair of rows, tap, row
    pairs = blocks.transpose(0, 2, 3, 1)[:, :, _TAP_PAIRS, :]
    split = pairs.reshape(*pairs.shape[:-1], ROWS // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return np.concatenate([split.reshape(-1), padded[n_packed:].reshape(-1)])
