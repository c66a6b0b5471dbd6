"""Outputs of compiled code against those of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.errors import ProofError
from fitgraph.compiler_bridge.program import Array

# Two float32 implementations add up in different orders. Relative to the largest value of an
# output, or to 1 where all are smaller.
FLOAT_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far outputs lie from the reference.

    Attributes:
        n_values: output values compared.
        worst_difference: largest absolute difference; LSB for integer outputs.
        worst_excess: largest difference in multiples of what is tolerated; at most 1 is a pass.
    """

    n_values: int
    worst_difference: float
    worst_excess: float


def compare(
    outputs: Sequence[Sequence[Array]], expected: Sequence[Sequence[Array]], *, exact: bool
) -> Comparison:
    """Compares all outputs of all inferences.

    Args:
        exact: whether floats, too, must be equal to the bit (they come out of integers).
    """
    pairs = [
        (got, want)
        for got_set, want_set in zip(outputs, expected, strict=True)
        for got, want in zip(got_set, want_set, strict=True)
    ]
    differences = [_difference(got, want) for got, want in pairs]
    excesses = [
        difference / _tolerance(want, exact=exact) if difference else 0.0
        for difference, (_, want) in zip(differences, pairs, strict=True)
    ]
    return Comparison(
        n_values=sum(got.size for got, _ in pairs),
        worst_difference=max(differences, default=0.0),
        worst_excess=max(excesses, default=0.0),
    )


def require_equal(comparison: Comparison, reference: str) -> None:
    """Passes or raises.

    Raises:
        ProofError: an output differs by more than is tolerated.
    """
    if not comparison.worst_excess <= 1.0:
        raise ProofError(
            f"the firmware's outputs differ from {reference} by up to "
            f"{comparison.worst_difference:.6g} over {comparison.n_values} values",
            hint="this is a defect of the compiler; please report it with the model file",
        )


def _difference(got: Array, want: Array) -> float:
    """Largest absolute difference; infinity where shapes or NaNs disagree."""
    if got.size != want.size or got.dtype != want.dtype:
        return float("inf")
    a = got.reshape(-1).astype(np.float64)
    b = want.reshape(-1).astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    difference = np.abs(a[~same] - b[~same]).max()
    return float("inf") if np.isnan(difference) else float(difference)


def _tolerance(want: Array, *, exact: bool) -> float:
    """Largest difference that passes; the smallest positive number means equality."""
    if exact or want.dtype.kind != "f":
        return float(np.finfo(np.float64).tiny)
    finite = want[np.isfinite(want)]
    return FLOAT_TOLERANCE * max(1.0, float(np.abs(finite).max(initial=0.0)))
