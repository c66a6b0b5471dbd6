"""Random TFLite operators: a seed gives one operator, or a few in a row.

Many cases share one file, so that one interpreter and one C compilation run them all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.tflite_case import Case, Draw
from tests.support.tflite_graph import TfliteGraph
from tests.support.tflite_movement_cases import (
    concatenation,
    pack,
    pad,
    reshape,
    slice_,
    split,
    strided_slice,
    transpose,
)
from tests.support.tflite_value_cases import (
    binary,
    mean,
    pool,
    quantize,
    resize_nearest,
    softmax,
    unary,
)
from tests.support.tflite_weight_cases import conv_2d, depthwise_conv_2d, fully_connected

DRAWS: Sequence[Draw] = (
    conv_2d,
    conv_2d,
    depthwise_conv_2d,
    depthwise_conv_2d,
    fully_connected,
    binary,
    binary,
    pool,
    mean,
    softmax,
    unary,
    unary,
    pad,
    concatenation,
    strided_slice,
    slice_,
    transpose,
    split,
    pack,
    resize_nearest,
    quantize,
    reshape,
)


def add_case(graph: TfliteGraph, seed: int) -> Case:
    """Draws the case of that seed into the graph."""
    case = Case(graph, np.random.default_rng(seed))
    case.pick(DRAWS)(case)
    return case
