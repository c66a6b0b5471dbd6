"""Random float32 operators of TFLite, and moves: generated code is near TFLM's or LiteRT's."""

from __future__ import annotations

import pytest

from tests.support.tflite_batches import compare_draw
from tests.support.tflite_case import Draw
from tests.support.tflite_float_cases import FLOAT_DRAWS, half_weights
from tests.support.tflite_hybrid_cases import (
    HYBRID_DRAWS,
    HYBRID_STATE_DRAWS,
    hybrid_conv,
    hybrid_dense,
)

N_CASES = 24
DRAWS = (*FLOAT_DRAWS, half_weights, *HYBRID_DRAWS, *HYBRID_STATE_DRAWS)
FLOAT_TOLERANCE = 1e-6


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
def test_random_float_operators_compute_what_the_reference_computes(draw: Draw) -> None:
    found = compare_draw(draw, N_CASES)
    wrong = {label: excess for label, excess in found.excess.items() if excess > FLOAT_TOLERANCE}
    assert not wrong
    assert len(found.excess) >= N_CASES // 2


@pytest.mark.parametrize("draw", [hybrid_conv, hybrid_dense], ids=lambda draw: draw.__name__)
def test_hybrid_layers_round_as_litert_does(draw: Draw) -> None:
    """To the bit, for the next layer may take a value half a unit apart for another integer."""
    found = compare_draw(draw, 2 * N_CASES)
    assert not {label: excess for label, excess in found.excess.items() if excess > 0}
