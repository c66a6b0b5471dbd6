"""Random legacy 8-bit unsigned operators: generated code gives LiteRT's bits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.tflite_batches import compare_batch
from tests.support.tflite_case import Case, Draw
from tests.support.tflite_graph import TfliteGraph
from tests.support.tflite_movement_cases import concatenation, pad, transpose
from tests.support.tflite_unsigned import make_unsigned, move_weights
from tests.support.tflite_value_cases import binary, pool, softmax, unary
from tests.support.tflite_weight_cases import conv_2d, depthwise_conv_2d, fully_connected

N_CASES = 24
DRAWS = (
    *(binary, concatenation, conv_2d, depthwise_conv_2d, fully_connected),
    *(pad, pool, softmax, transpose, unary),
)


def one_scale(draw: Draw, seed: int) -> list[int]:
    """The random state that gives a case of one scale; scales by channel are no legacy form."""
    for attempt in range(100):
        case = Case(TfliteGraph(), np.random.default_rng([seed, attempt]))
        draw(case)
        if "per channel" not in case.label:
            break
    return [seed, attempt]


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
def test_random_unsigned_operators_compute_what_litert_computes(draw: Draw) -> None:
    def add_case(graph: TfliteGraph, seed: int) -> Case:
        random = np.random.default_rng(one_scale(draw, seed))
        first_tensor, first_operator = len(graph.tensors), len(graph.operators)
        case = Case(graph, random)
        draw(case)
        make_unsigned(graph, first_tensor)
        if draw in (conv_2d, depthwise_conv_2d, fully_connected):
            move_weights(graph, random, first_operator)
        return case

    seeds = list(range(N_CASES))
    found = compare_batch(add_case, seeds)
    wrong = {label: excess for label, excess in found.excess.items() if excess}
    assert not wrong
    assert len(found.excess) >= N_CASES // 4
