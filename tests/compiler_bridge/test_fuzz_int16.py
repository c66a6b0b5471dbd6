"""Random operators on int16 activations: generated code gives TFLM's bits."""

from __future__ import annotations

import pytest

from tests.support.tflite_batches import compare_draw
from tests.support.tflite_case import Draw
from tests.support.tflite_int16_cases import INT16_DRAWS

N_CASES = 32
FLOAT_TOLERANCE = 1e-6  # of transposed convolutions in float32; for integers anything is too much


@pytest.mark.parametrize("draw", INT16_DRAWS, ids=lambda draw: draw.__name__)
def test_random_int16_operators_compute_what_tflm_computes(draw: Draw) -> None:
    found = compare_draw(draw, N_CASES)
    wrong = {label: excess for label, excess in found.excess.items() if excess > FLOAT_TOLERANCE}
    assert not wrong
    assert len(found.excess) >= N_CASES // 2
