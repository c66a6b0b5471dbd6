"""Where ``requantize_narrow.h`` gives the same as ``requantize_fixed.h``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.program import Program

# With a bias below 2^28 and as many inputs of 128 * 128 at most, a sum stays below 2^29.
_LARGEST_BIAS = 2**28
_MOST_INPUTS = 2**14


def is_narrow(program: Program) -> bool:
    """Whether all requantizations of a TFLite program have small sums and multipliers."""
    return program.flavour == "fixed" and all(
        _has_narrow_requant(step.fields) for step in program.steps
    )


def _has_narrow_requant(fields: Mapping[str, Any]) -> bool:
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
