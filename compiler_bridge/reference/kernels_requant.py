"""RequantShift of the PULP platform's tools: whole numbers, held as float32."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.reference.node import Array, Kernel, Node


def requant_shift(node: Node) -> Array:
    """floor((x * multiplier + summand) / div + 1/2), clipped to so many levels."""
    attributes = node.operator.attributes
    div, signed = (float(np.asarray(attributes[name]).reshape(-1)[0]) for name in ("div", "signed"))
    named = attributes.get("n_levels_out", attributes.get("n_levels"))
    levels = float(np.asarray(named).reshape(-1)[0])
    x, multiplier, summand = (node.value(i).astype(np.float64) for i in range(3))
    # What is not whole goes to the nearest, halves away from zero.
    whole = np.where(x < 0, np.ceil(x - 0.5), np.floor(x + 0.5))
    low = -(levels // 2) if signed else 0.0
    y = np.floor((whole * multiplier + summand) / div + 0.5)
    return np.clip(y, low, low + levels - 1).astype(np.float32)


KERNELS: dict[str, Kernel] = {"RequantShift": requant_shift}
