"""Tables of the bilinear kernel: between which two elements each output lies, and how near."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.program import Array, Field


def blend_fields(axis: str, positions: Array, size: int) -> dict[str, Field]:
    """Fields for one axis.

    Args:
        axis: ``row`` or ``column``, which starts the fields' names.
        positions: of the outputs, in elements of the input, float32.
        size: of the input.
    """
    first = np.clip(np.floor(positions), 0, size - 1)
    last = np.clip(np.ceil(positions), 0, size - 1)
    share = (positions - first.astype(np.float32)).astype(np.float32)
    return {
        f"{axis}_first": first.astype(np.int16),
        f"{axis}_last": last.astype(np.int16),
        f"{axis}_share": share,
    }
