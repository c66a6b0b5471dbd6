"""Steps that make rows of an image out of rows of another, so that they can be run by parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fitgraph.compiler_bridge.passes.step_macs import PIXELWISE, macs_per_output
from fitgraph.compiler_bridge.program import Program, Step
from fitgraph.registry.model_graph import ITEM_BYTES

# Kernels that slide a window over an image; their fields say how.
WINDOWS = frozenset(
    {
        "conv2d_s8",
        "conv2d_s16",
        "conv2d_u8",
        "conv2d_f32",
        "conv2d_s8_f32",
        "depthwise_s8",
        "max_pool_s8",
        "average_divide_s8",
        "average_half_up_s8",
        "average_requant_s8",
        "pool_f32",
        "pool_s16",
    }
)
# Kernels that make each output of the input at its place.
ELEMENTWISE = frozenset(
    {
        "dequantize_s8",
        "flip_sign",
        "lookup_s8",
        "quantize_half_away",
        "quantize_half_even",
        "requantize_values",
        "unary_f32",
    }
)

# Rows from the first to the last, the latter excluded.
Rows = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class RowStep:
    """A step of one input and one output image, each of so many rows.

    Attributes:
        place: of the step in its program.
        in_row_bytes: of a row of the input.
        macs: of a row of the output.
    """

    place: int
    step: Step
    source: int
    target: int
    in_rows: int
    out_rows: int
    in_row_bytes: int
    out_row_bytes: int
    macs: int

    def needed(self, rows: Rows) -> Rows:
        """Rows of the input that those of the output are made of."""
        if self.step.kernel not in WINDOWS:
            return rows
        first, last = self._reach(rows)
        return max(0, first), min(self.in_rows, last)

    def part(self, rows: Rows) -> Mapping[str, Any]:
        """Fields of the call that makes those rows, of the rows that they need."""
        fields, n_rows = self.step.fields, rows[1] - rows[0]
        if self.step.kernel in PIXELWISE:
            return {**fields, "batch": fields["batch"] // self.out_rows * n_rows}  # type: ignore[operator]
        if self.step.kernel in ELEMENTWISE:
            return {**fields, "n": fields["n"] // self.out_rows * n_rows}  # type: ignore[operator]
        first, last = self.needed(rows)
        above = first - self._reach(rows)[0]
        return {**fields, "in_h": last - first, "out_h": n_rows, "pad_h": above}

    def _reach(self, rows: Rows) -> Rows:
        """Rows of the input under the windows, beyond its ends where there is padding."""
        fields: Mapping[str, Any] = self.step.fields
        stride, pad = fields["stride_h"], fields["pad_h"]
        taps = (fields["kernel_h"] - 1) * fields.get("dilation_h", 1) + 1
        return rows[0] * stride - pad, (rows[1] - 1) * stride - pad + taps


def row_step(program: Program, place: int, n_rows: int | None) -> RowStep | None:
    """The step there as one that makes rows out of rows; None if it is no such step.

    Args:
        n_rows: of its input, where another step tells; a window's own fields do.
    """
    step = program.steps[place]
    values = step.value_inputs
    if len(step.inputs) != 1 or len(values) != 1 or len(step.outputs) != 1:
        return None
    fields: Mapping[str, Any] = step.fields
    if step.kernel in WINDOWS:
        rows = (fields["in_h"], fields["out_h"]) if fields["batch"] == 1 else None
    elif step.kernel in PIXELWISE:
        rows = _same(n_rows, fields["batch"])
    else:
        rows = _same(n_rows, fields["n"]) if step.kernel in ELEMENTWISE else None
    return None if rows is None else _row_step(program, place, *rows)


def _same(n_rows: int | None, n: int) -> Rows | None:
    return None if n_rows is None or n % n_rows else (n_rows, n_rows)


def _row_step(program: Program, place: int, in_rows: int, out_rows: int) -> RowStep | None:
    step = program.steps[place]
    (source,), (target,) = step.value_inputs, step.outputs
    sizes = [program.values[value].n_bytes for value in (source, target)]
    if sizes[0] % in_rows or sizes[1] % out_rows:
        return None
    n_outputs = sizes[1] // ITEM_BYTES[program.values[target].dtype] // out_rows
    return RowStep(
        place=place,
        step=replace(step, clearance_bytes=None),
        source=source,
        target=target,
        in_rows=in_rows,
        out_rows=out_rows,
        in_row_bytes=sizes[0] // in_rows,
        out_row_bytes=sizes[1] // out_rows,
        macs=n_outputs * macs_per_output(step),
    )
