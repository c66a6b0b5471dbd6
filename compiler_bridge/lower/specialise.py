"""Kernel calls of a lowered program become calls of faster kernels that do the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fitgraph.compiler_bridge.lower.channels import narrow_requant
from fitgraph.compiler_bridge.lower.low_bits import BITS, bits_of
from fitgraph.compiler_bridge.lower.narrow import is_narrow
from fitgraph.compiler_bridge.lower.packed_layers import (
    Packed,
    packed_conv,
    packed_dense,
    packed_depthwise,
)
from fitgraph.compiler_bridge.program import Program, Step, Value
from fitgraph.registry.model_graph import DType

_PACKERS: Mapping[str, Callable[[Mapping[str, Any], str, int], Packed]] = {
    "conv2d_s8": packed_conv,
    "depthwise_s8": packed_depthwise,
    "fully_connected_s8": packed_dense,
}


def specialise(program: Program) -> Program:
    """The program with packed weights and, where it is exact, the shorter requantization."""
    flavour = "fixed_narrow" if is_narrow(program) else program.flavour
    values = list(program.values)
    bits = bits_of(program)
    return replace(
        program,
        flavour=flavour,
        steps=tuple(
            _with_bits(_specialised(step, flavour, values, bits.get(place, BITS)), bits, place)
            for place, step in enumerate(program.steps)
        ),
        reset_steps=tuple(_specialised(step, flavour, values) for step in program.reset_steps),
        values=tuple(values),
    )


def _specialised(step: Step, flavour: str, values: list[Value], bits: int = BITS) -> Step:
    """The step, its fields as the flavour wants them; what it works in is added to the values."""
    packer = _PACKERS.get(step.kernel)
    if packer is None:
        fields = narrow_requant(step.fields) if flavour == "fixed_narrow" else step.fields
        return replace(step, fields=fields)
    packed = packer(step.fields, flavour, bits)
    scratch = step.scratch
    if packed.scratch_bytes:
        values.append(Value(f"{step.label}, inputs", (packed.scratch_bytes,), DType.INT8))
        scratch = (*scratch, len(values) - 1)
    return replace(step, kernel=packed.kernel, fields=packed.fields, scratch=scratch)


def _with_bits(step: Step, bits: Mapping[int, int], place: int) -> Step:
    """The step; its rows say in how many bits their weights are where some have fewer than 8."""
    rows = step.fields.get("rows")
    if not bits or not isinstance(rows, Mapping):
        return step
    return replace(step, fields={**step.fields, "rows": {**rows, "bits": bits.get(place, BITS)}})
