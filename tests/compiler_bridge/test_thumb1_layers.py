"""Layers on cores of eight low registers: rows by eight, by four, alone; lines and patches."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tflite.Padding import Padding

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import Subject, assert_same_bits, input_sets
from tests.support.tflite_case import fields, out_size
from tests.support.tflite_graph import Scale, TfliteGraph

CLASSES = ("armv6-m", "armv8-m.base")
# RELU6 narrows the range of the output, for which there is another requantization.
ACTIVATION_OF = {"fixed_narrow": np.int8(0), "fixed": np.int8(3)}
# Kernel, channels, stride, dilation. Lines of a window are 8, 12, 4, 4, 12, 8 and 9 inputs.
WINDOWS = (
    ((10, 8), 1, (2, 2), (1, 1)),
    ((3, 3), 4, (1, 1), (1, 1)),
    ((3, 1), 4, (2, 1), (2, 1)),
    ((1, 4), 1, (1, 2), (1, 1)),
    ((2, 1), 12, (1, 1), (3, 1)),
    ((3, 2), 4, (1, 1), (1, 2)),
    ((3, 3), 3, (1, 1), (1, 1)),
)


def weights_of(
    graph: TfliteGraph, random: np.random.Generator, shape: tuple[int, ...]
) -> tuple[int, int]:
    """Weights and bias, with a scale for each output."""
    scales = random.uniform(0.002, 0.02, shape[0]).astype(np.float32)
    value = random.integers(-128, 128, shape).astype(np.int8)
    bias = random.integers(-9000, 9000, shape[0]).astype(np.int32)
    w = graph.tensor(shape, value=value, scales=scales, axis=0)
    return w, graph.tensor((shape[0],), "int32", value=bias, scales=np.float32(0.05) * scales)


def source(graph: TfliteGraph, random: np.random.Generator, shape: tuple[int, ...]) -> int:
    return graph.input(random.integers(-128, 128, shape).astype(np.int8), Scale(0.05, 3))


def result(graph: TfliteGraph, shape: tuple[int, ...], terms: int) -> int:
    graph.outputs.append(graph.tensor(shape, "int8", Scale(0.04 * terms**0.5, -7)))
    return graph.outputs[-1]


def model(graph: TfliteGraph) -> Subject:
    content = graph.content()
    return Subject(read_tflite(content, "layers"), content)


def assert_as_on_the_host(graph: TfliteGraph, isa_class: str, flavour: str) -> None:
    ours = model(graph)
    assert lower(ours.graph).flavour == flavour
    sets = input_sets(ours.graph, n_random=2)
    on_host = run_on_host(ours.generated, sets, sanitize=("address", "undefined"))
    assert_same_bits(emulated_outputs(ours.generated, isa_class, sets), on_host)


@pytest.mark.parametrize("flavour", ACTIVATION_OF)
@pytest.mark.parametrize("isa_class", CLASSES)
def test_dense_layers_of_any_size_are_right(isa_class: str, flavour: str) -> None:
    """Odd and even numbers of blocks, inputs left over, outputs by eight, four and one."""
    graph, random = TfliteGraph(), np.random.default_rng(0)
    for in_n, out_n in product((1, 4, 7, 8, 12, 13), (1, 3, 4, 7, 8, 9, 12, 16, 21)):
        x = source(graph, random, (2, in_n))
        w, bias = weights_of(graph, random, (out_n, in_n))
        y = result(graph, (2, out_n), in_n)
        options = fields((ACTIVATION_OF[flavour], np.int8(0), np.uint8(0)))
        graph.node(
            "FULLY_CONNECTED", [x, w, bias], [y], "FullyConnectedOptions", options, version=4
        )
    assert_as_on_the_host(graph, isa_class, flavour)


@pytest.mark.parametrize("flavour", ACTIVATION_OF)
@pytest.mark.parametrize("isa_class", CLASSES)
def test_windows_are_read_where_they_are_or_copied(isa_class: str, flavour: str) -> None:
    """Eight rows read whole windows in place, line by line; the padded, and other rows, a copy."""
    graph, random = TfliteGraph(), np.random.default_rng(1)
    for window, out_c, pads in product(WINDOWS, (5, 8, 16), (Padding.SAME, Padding.VALID)):
        (kernel_h, kernel_w), depth, (stride_h, stride_w), (dilation_h, dilation_w) = window
        x = source(graph, random, (2, 12, 11, depth))
        w, bias = weights_of(graph, random, (out_c, kernel_h, kernel_w, depth))
        out_h = out_size(12, kernel_h, stride_h, dilation_h, np.int8(pads))
        out_w = out_size(11, kernel_w, stride_w, dilation_w, np.int8(pads))
        y = result(graph, (2, out_h, out_w, out_c), depth * kernel_h * kernel_w)
        options = fields(
            (np.int8(pads), stride_w, stride_h, ACTIVATION_OF[flavour], dilation_w, dilation_h)
        )
        graph.node("CONV_2D", [x, w, bias], [y], "Conv2DOptions", options, version=3)
    assert_as_on_the_host(graph, isa_class, flavour)
