"""Requantization as ONNX says it: a float32 multiplier, rounded half to even."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_views import OutputScale
from fitgraph.compiler_bridge.program import Array


def requantization(multipliers: Array, out: OutputScale) -> Mapping[str, Any]:
    """The ``fg_requant`` fields for float32 multipliers."""
    single = np.atleast_1d(multipliers).astype(np.float32)
    if single.size > 1 and (single == single[0]).all():
        single = single[:1]
    return {
        "scale": single,
        "step": 0 if single.size == 1 else 1,
        "zero_point": out.zero_point,
        "low": out.low,
        "high": out.high,
    }


def layer_multipliers(source: float, weights: Array, out: float) -> Array:
    """float32(float32(source * weights) / out)."""
    product = np.float32(source) * weights.astype(np.float32)
    return np.asarray(product / np.float32(out), np.float32)
