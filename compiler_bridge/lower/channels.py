"""What a layer's output channels need after their sums: bias and scale, in the kernels' order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.program import Array, Field

_FIXED = np.dtype([("bias", "<i4"), ("multiplier", "<i4"), ("shift", "<i4")])
_NARROW = np.dtype([("twice_bias", "<i4"), ("multiplier", "<i4"), ("shift", "<i4")])
_FLOAT = np.dtype([("bias", "<i4"), ("scale", "<f4")])


def channel_fields(bias: Array, requant: Mapping[str, Any], flavour: str) -> dict[str, Field]:
    """The fields ``channels`` (an array of ``fg_channel``) and ``range`` (an ``fg_range``).

    Args:
        bias: int32, one for each output channel.
        requant: as the lowering makes it, see ``requantize_fixed.h`` and ``requantize_float.h``.
        flavour: see ``Program.flavour``.
    """
    if flavour == "float":
        channels = np.zeros(bias.size, _FLOAT)
        channels["bias"], channels["scale"] = bias, requant["scale"]
    elif flavour == "fixed":
        channels = np.zeros(bias.size, _FIXED)
        channels["bias"], channels["multiplier"] = bias, requant["multiplier"]
        channels["shift"] = requant["shift"]
    else:
        channels = np.zeros(bias.size, _NARROW)
        channels["twice_bias"], channels["multiplier"] = 2 * bias, requant["multiplier"]
        channels["shift"] = _narrow_shift(requant)
        return {"channels": channels, "range": {"center": 2 * requant["zero_point"] + 1}}
    limits = {name: requant[name] for name in ("zero_point", "low", "high")}
    return {"channels": channels, "range": limits}


def narrow_requant(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields with ``requant``, if they have it, as ``requantize_narrow.h`` wants it."""
    if "requant" not in fields:
        return fields
    requant = fields["requant"]
    narrow = {
        "multiplier": requant["multiplier"],
        "shift": _narrow_shift(requant),
        "step": requant["step"],
        "zero_point": requant["zero_point"],
    }
    return {**fields, "requant": narrow}


def _narrow_shift(requant: Mapping[str, Any]) -> Array:
    """To the right, less one."""
    return np.asarray(-1 - requant["shift"], np.int8)
