"""Kernel calls of a lowered program become calls of faster kernels that do the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.packed_rows import pack_rows
from fitgraph.compiler_bridge.program import Field, Program, Step

# With a bias below 2^28 and as many inputs of 128 * 128 at most, a sum stays below 2^29.
_LARGEST_BIAS = 2**28
_MOST_INPUTS = 2**14

_POINTWISE: Mapping[str, int] = {
    **dict.fromkeys(("kernel_h", "kernel_w", "stride_h", "stride_w", "groups"), 1),
    **dict.fromkeys(("pad_h", "pad_w", "offset"), 0),
}


def specialise(program: Program) -> Program:
    """The program with packed weights and, where it is exact, the shorter requantization."""
    faster = replace(
        program,
        steps=tuple(map(_specialised, program.steps)),
        reset_steps=tuple(map(_specialised, program.reset_steps)),
    )
    return _narrow(faster) if _is_narrow(program) else faster


def _specialised(step: Step) -> Step:
    if step.kernel == "conv2d_s8" and _is_pointwise(step.fields):
        return _fully_connected(step, _as_dense(step.fields))
    return _fully_connected(step, step.fields) if step.kernel == "fully_connected_s8" else step


def _is_pointwise(fields: Mapping[str, Any]) -> bool:
    """Whether each output pixel sees one input pixel, the one at its place."""
    same_place = fields["in_h"] == fields["out_h"] and fields["in_w"] == fields["out_w"]
    return same_place and all(fields[name] == value for name, value in _POINTWISE.items())


def _as_dense(fields: Mapping[str, Any]) -> dict[str, Field]:
    """A 1 x 1 convolution as a fully connected layer, each pixel a batch."""
    return {
        "weights": fields["weights"].reshape(fields["out_c"], fields["in_c"]),
        "bias": fields["bias"],
        "requant": fields["requant"],
        "batch": fields["batch"] * fields["out_h"] * fields["out_w"],
        "in_n": fields["in_c"],
        "out_n": fields["out_c"],
    }


def _fully_connected(step: Step, fields: Mapping[str, Any]) -> Step:
    rows = {
        "weights": pack_rows(fields["weights"]),
        "bias": fields["bias"],
        "requant": fields["requant"],
        "out_n": fields["out_n"],
    }
    packed = {"rows": rows, "batch": fields["batch"], "in_n": fields["in_n"]}
    return replace(step, kernel="fully_connected_s8", fields=packed)


def _is_narrow(program: Program) -> bool:
    return program.flavour == "fixed" and all(
        _has_narrow_requant(step.fields) for step in program.steps
    )


def _has_narrow_requant(fields: Mapping[str, Any]) -> bool:
    """Whether ``requantize_narrow.h`` gives the same as ``requantize_fixed.h``."""
    requant = fields.get("requant")
    if requant is None:
        return True
    shifts = requant["shift"]
    whole_range = (requant["low"], requant["high"]) == (-128, 127)
    return whole_range and bool(((shifts < 0) & (shifts >= -31)).all()) and _has_small_sums(fields)


def _has_small_sums(fields: Mapping[str, Any]) -> bool:
    if "bias" not in fields:  # a sum over a window
        return bool(fields["kernel_h"] * fields["kernel_w"] <= _MOST_INPUTS)
    bias, weights = fields["bias"].astype(np.int64), fields["weights"]
    # An offset doubles what an input may be.
    n_inputs = weights.size // bias.size * (2 if fields.get("offset") else 1)
    return bool(np.abs(bias).max() < _LARGEST_BIAS) and n_inputs <= _MOST_INPUTS


def _narrow(program: Program) -> Program:
    steps = tuple(replace(step, fields=_narrowed(step.fields)) for step in program.steps)
    return replace(program, flavour="fixed_narrow", steps=steps)


def _narrowed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with ``requant``, wherever it stands, as ``requantize_narrow.h`` wants it."""
    changed = dict(fields)
    if isinstance(changed.get("rows"), Mapping):
        changed["rows"] = _narrowed(changed["rows"])
    if "requant" in changed:
        requant = changed["requant"]
        changed["requant"] = {
            "multiplier": requant["multiplier"],
            "shift": (-1 - requant["shift"]).astype(np.int8),
            "step": requant["step"],
            "zero_point": requant["zero_point"],
        }
    return changed
