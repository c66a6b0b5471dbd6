"""Random TFLite operators of every other kind: generated code gives the reference's bits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pytest

from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.damage import damage_tflite
from tests.support.tflite_batches import compare_batch, one_of_each
from tests.support.tflite_case import Draw, fields
from tests.support.tflite_choice_cases import CHOICE_DRAWS, beyond_tflm
from tests.support.tflite_detection_cases import DETECTION_DRAWS
from tests.support.tflite_graph import TfliteGraph
from tests.support.tflite_late_cases import LATE_DRAWS
from tests.support.tflite_signal_cases import SIGNAL_DRAWS
from tests.support.tflite_wider_cases import (
    WIDER_DRAWS,
    beyond_tflm_function,
    mediapipe_transpose_conv,
    tabulated,
    whole_numbers,
)

BEYOND = (
    beyond_tflm,
    beyond_tflm_function,
    mediapipe_transpose_conv,
    tabulated,
    whole_numbers,
)
DRAWS = (*WIDER_DRAWS, *CHOICE_DRAWS, *SIGNAL_DRAWS, *DETECTION_DRAWS, *BEYOND, *LATE_DRAWS)
N_ROUNDS = 20
FLOAT_TOLERANCE = 1e-6  # for integers any difference is too much


@pytest.mark.parametrize(
    "draws",
    [WIDER_DRAWS, CHOICE_DRAWS, SIGNAL_DRAWS, DETECTION_DRAWS, BEYOND, LATE_DRAWS],
    ids=["values", "choices", "signals", "detections", "beyond", "late"],
)
def test_random_operators_compute_what_the_reference_computes(draws: Sequence[Draw]) -> None:
    n_cases = max(N_ROUNDS * len(draws), 60)
    found = compare_batch(one_of_each(draws), range(n_cases))
    wrong = {label: excess for label, excess in found.excess.items() if excess > FLOAT_TOLERANCE}
    assert not wrong
    assert len(found.excess) > 0.9 * n_cases


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_file_is_compiled_or_refused_with_a_reason(seed: int) -> None:
    graph = TfliteGraph()
    one_of_each(DRAWS)(graph, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that do not fit where they are put
        damage_tflite(graph, np.random.default_rng(seed))
    try:
        generate(read_tflite(graph.content(), "damaged"))
    except FitgraphError as error:
        refused = error
    else:
        return
    assert refused.message
    assert refused.hint


def test_sequences_are_turned_around_within_their_ends_whatever_their_lengths_say() -> None:
    graph = TfliteGraph()
    values = np.arange(6, dtype=np.int32).reshape(2, 3)
    inputs = [graph.input(values, None), graph.input(np.array([2**31 - 1, -5], np.int32), None)]
    graph.outputs.append(graph.tensor((2, 3), "int32"))
    graph.node("REVERSE_SEQUENCE", inputs, graph.outputs, "ReverseSequenceOptions", fields((1, 0)))
    generated = generate(read_tflite(graph.content(), "sequences"))
    given = list(graph.inputs.values())
    ((turned,),) = run_on_host(generated, [given], sanitize=("address", "undefined"))
    assert turned.tolist() == [[2, 1, 0], [3, 4, 5]]
