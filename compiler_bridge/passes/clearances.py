"""How far below its input a layer's output may start, so that both share memory.

The kernels named here go over the output pixel by pixel, first to last. At each they read the
inputs of its window, and nothing before it ever again; so an output that is written behind all
that is still to be read destroys nothing. A 3 x 3 convolution of as many channels as it reads
needs little more than one line of pixels beside its input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.passes.row_steps import WINDOWS
from fitgraph.compiler_bridge.program import Array, Program, Step
from fitgraph.registry.model_graph import ITEM_BYTES

_ROWS = frozenset({"fully_connected_s8", "fully_connected_f32", "fully_connected_s8_f32"})


def with_clearances(program: Program) -> Program:
    """The program with the promises of its kernels."""
    return replace(program, steps=tuple(_promising(program, step) for step in program.steps))


def _promising(program: Program, step: Step) -> Step:
    if step.kernel in WINDOWS:
        first_read, n_written = _of_windows(step.fields), _channels_out(step.fields)
    elif step.kernel in _ROWS:
        first_read, n_written = _of_rows(step.fields), _outputs_of_a_row(step.fields)
    else:
        return step
    (source, *_), (target,) = step.inputs, step.outputs
    if not isinstance(source, int):
        return step
    in_bytes, out_bytes = (ITEM_BYTES[program.values[v].dtype] for v in (source, target))
    return replace(
        step, clearance_bytes=clearance_bytes(first_read * in_bytes, n_written * out_bytes)
    )


def clearance_bytes(first_read: Array, n_written: int) -> int:
    """By how much the output must start below the input.

    Args:
        first_read: for each output pixel the first byte of the input that it reads.
        n_written: bytes of an output pixel.
    """
    still_read = np.minimum.accumulate(first_read[::-1])[::-1]
    written = np.arange(1, first_read.size + 1) * n_written
    return max(0, int((written - still_read).max(initial=0)))


def _of_windows(fields: Mapping[str, Any]) -> Array:
    """For each output pixel the first element that its window may cover."""
    y, x = (
        np.clip(np.arange(fields[f"out_{side}"]) * fields[f"stride_{side}"] - pad, 0, None)
        for side, pad in (("h", fields["pad_h"]), ("w", fields["pad_w"]))
    )
    channels = fields.get("in_c", fields.get("channels"))
    image = (y[:, None] * fields["in_w"] + x[None, :]).reshape(-1) * channels
    size = fields["in_h"] * fields["in_w"] * channels
    batches = np.arange(fields["batch"])[:, None] * size
    return np.asarray((batches + image[None, :]).reshape(-1))


def _channels_out(fields: Mapping[str, Any]) -> int:
    return int(fields.get("out_c", fields.get("channels")))


def _of_rows(fields: Mapping[str, Any]) -> Array:
    """For each row its first element."""
    return np.asarray(np.arange(fields["batch"]) * fields["in_n"])


def _outputs_of_a_row(fields: Mapping[str, Any]) -> int:
    return int(fields["out_n"] if "out_n" in fields else fields["rows"]["out_n"])
