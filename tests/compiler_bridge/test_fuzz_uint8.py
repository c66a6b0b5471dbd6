"""Random legacy 8-bit unsigned operators: generated code gives LiteRT's bits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.tflite_batches import compare_batch
from tests.support.tflite_case import Case, Draw
from tests.support.tflite_graph import TfliteGraph
from tests.support.tflite_late_cases import log_softmax_int8
from tests.support.tflite_movement_cases import concatenation, pad, transpose
from tests.support.tflite_unsigned import make_unsigned, move_weights
from tests.support.tflite_value_cases import binary, mean, pool, softmax, unary
from tests.support.tflite_weight_cases import conv_2d, depthwise_conv_2d, fully_connected
from tests.support.tflite_wider_cases import beyond_tflm_function, extreme, int8_function, prelu

N_CASES = 24
FLOAT_TOLERANCE = 1e-6  # of what is drawn on float32; for integers any difference is too much


def extremes_of_rows(case: Case) -> None:
    op_type, shape, scale = case.pick(["REDUCE_MIN", "REDUCE_MAX"]), case.shape(3, 5), case.scale()
    case.label = f"{op_type} {shape}"
    x, y = case.source(shape, scale), case.result(shape[:2], scale)
    inputs, options = [x, case.graph.numbers([2])], {0: np.uint8(0)}
    case.graph.node(op_type, inputs, [y], "ReducerOptions", options, version=2)


DRAWS = (
    *(binary, concatenation, conv_2d, depthwise_conv_2d, fully_connected),
    *(pad, pool, softmax, transpose, unary, mean, extreme, prelu, log_softmax_int8),
    *(extremes_of_rows, beyond_tflm_function, int8_function),
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
    wrong = {label: excess for label, excess in found.excess.items() if excess > FLOAT_TOLERANCE}
    assert not wrong
    assert len(found.excess) >= N_CASES // 6
