"""Layers that remember: inference after inference they compute what the reference computes."""

from __future__ import annotations

import pytest

from tests.support.exactness import (
    Subject,
    assert_near,
    assert_same_bits,
    computes_in_integers,
    contents,
    input_sets,
)
from tests.support.host_runs import resetting_after, sanitized_outputs
from tests.support.kernel_cover import drawn_layers
from tests.support.tflite_case import Draw
from tests.support.tflite_hybrid_cases import HYBRID_STATE_DRAWS
from tests.support.tflite_recurrent_cases import RECURRENT_DRAWS
from tests.support.tflite_stream_cases import STREAM_DRAWS

FLOAT_TOLERANCE = 1e-6
HALF = 6

DRAWS = (*RECURRENT_DRAWS, *HYBRID_STATE_DRAWS, *STREAM_DRAWS)
every_draw = pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
every_seed = pytest.mark.parametrize("seed", range(8))


def layer(draw: Draw, seed: int) -> Subject:
    return drawn_layers(draw.__name__, [draw], [seed])


@every_draw
@every_seed
def test_a_recurrent_layer_remembers_as_its_reference_and_starts_over(
    draw: Draw, seed: int
) -> None:
    model = layer(draw, seed)
    heard = input_sets(model.graph, n_random=2 * HALF - 2)
    assert model.generated.is_stateful
    got = sanitized_outputs(resetting_after(model.generated, HALF), heard)
    expected = [*model.expected(heard[:HALF]), *model.expected(heard[HALF:])]
    if computes_in_integers(model):
        assert_same_bits(got, expected)
    else:
        assert_near(got, expected, FLOAT_TOLERANCE)


@every_draw
def test_the_recurrent_layers_that_are_tried_have_something_to_forget(draw: Draw) -> None:
    remembering = 0
    for seed in range(3):
        model = layer(draw, seed)
        heard = input_sets(model.graph, n_random=HALF)
        twice = model.expected([*heard, *heard])
        remembering += contents(twice[0]) != contents(twice[len(heard)])
    assert remembering >= 2
