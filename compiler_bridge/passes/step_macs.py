"""Multiply-accumulates of a kernel call, told by its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fitgraph.compiler_bridge.program import Step

# Kernels that make each output pixel of the input pixel at its place.
PIXELWISE = frozenset({"fully_connected_s8", "fully_connected_f32", "fully_connected_s8_f32"})


def macs_per_output(step: Step) -> int:
    """Of one output; 0 for kernels that take no sums, or whose fields do not tell."""
    fields: Mapping[str, Any] = step.fields
    if step.kernel in PIXELWISE:
        return int(fields["in_n"])
    if step.kernel == "depthwise_s8":
        return int(fields["kernel_h"] * fields["kernel_w"])
    if step.kernel.startswith("conv2d"):
        groups = fields.get("groups", 1)
        return int(fields["kernel_h"] * fields["kernel_w"] * fields["in_c"] // groups)
    return 0


def step_macs(step: Step) -> int:
    """Of the call; 0 for kernels that take no sums, or whose fields do not tell."""
    fields: Mapping[str, Any] = step.fields
    each = macs_per_output(step)
    if not each:
        return 0
    if step.kernel in PIXELWISE:
        n = fields["out_n"] if "out_n" in fields else fields["rows"]["out_n"]
        return int(each * n * fields["batch"])
    return int(each * fields["batch"] * fields["out_h"] * fields["out_w"] * fields["out_c"])
