"""Which layers have weights that go into fewer than 8 bits, and whether that pays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fitgraph.compiler_bridge.lower.packed_rows import ROWS
from fitgraph.compiler_bridge.program import Array, Program, Step
from fitgraph.registry.model_graph import DType, ModelGraph

# Of a weight, unless it is packed into fewer; then from the fewest on.
BITS = 8
LOW_BITS = (2, 4)
# Flash that the loop over packed weights takes beside that over int8, where it takes most.
CODE_BYTES = 1024
# Layers that are sums over rows of weights.
_BY_ROWS = ("conv2d_s8", "fully_connected_s8")


def asks_for_low_bits(graph: ModelGraph) -> bool:
    """Whether the model file has weights of 4 bits: small is what it is meant to be."""
    return any(tensor.dtype is DType.INT4 and tensor.is_constant for tensor in graph.tensors)


def fewest_bits(weights: Array) -> int:
    """2, 4 or 8: so many hold every weight."""
    low, high = int(weights.min(initial=0)), int(weights.max(initial=0))
    fits = (bits for bits in LOW_BITS if low >= -(2 ** (bits - 1)) and high < 2 ** (bits - 1))
    return next(fits, BITS)


def bits_of(program: Program) -> Mapping[int, int]:
    """By place in the program, the bits of each layer that is packed into fewer than 8.

    Empty where the program does not ask for that, or the layers together save less flash than the
    code to unpack them takes.
    """
    if not program.packs_weights:
        return {}
    found = {
        place: bits
        for place, step in enumerate(program.steps)
        if step.kernel in _BY_ROWS and (bits := fewest_bits(_weights(step))) < BITS
    }
    saved = {place: _saved_bytes(program.steps[place], bits) for place, bits in found.items()}
    gains = {place: n_bytes for place, n_bytes in saved.items() if n_bytes > 0}
    return {place: found[place] for place in gains} if sum(gains.values()) > CODE_BYTES else {}


def _weights(step: Step) -> Array:
    fields: Mapping[str, Any] = step.fields
    weights: Array = fields["weights"]
    return weights


def _saved_bytes(step: Step, bits: int) -> int:
    """Rows in few bits are filled up to whole blocks, those in 8 are not."""
    fields: Mapping[str, Any] = step.fields
    n_rows = fields["out_n"] if "out_n" in fields else fields["out_c"]
    groups = fields.get("groups", 1)
    n_taps = _weights(step).size // n_rows
    filled_up = -(-n_rows // groups // ROWS) * ROWS * groups
    return int(n_taps * (n_rows * BITS - filled_up * bits) // 8)


def widths(steps: Iterable[Step]) -> frozenset[int]:
    """Bits that the weights of rows have."""
    return frozenset(
        rows.get("bits", BITS)
        for step in steps
        if isinstance(rows := step.fields.get("rows"), Mapping)
    )
