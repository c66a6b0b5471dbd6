"""Layers of all widths on a core with vectors: whole vectors, tails, channels left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from tflite.Padding import Padding

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import Subject, assert_same_bits, input_sets
from tests.support.tflite_case import Case, fields
from tests.support.tflite_graph import Scale, TfliteGraph
from tests.support.tflite_movement_cases import concatenation, pad, strided_slice, transpose
from tests.support.tflite_unsigned import make_unsigned
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

HELIUM = "armv8.1-m.main+mve"
WIDEST = 40
LAYERS = (
    *(conv_2d, depthwise_conv_2d, fully_connected, binary, pool, mean, quantize, softmax),
    *(unary, resize_nearest, transpose, concatenation, strided_slice, pad),
)
N_LAYERS = 56
# Series that each run of the slow tests has; of the others it has some.
ALWAYS = (1000, 4000, 7000)
MANY_AND_SLOW = (pytest.mark.many, pytest.mark.slow)

pytestmark = pytest.mark.usefixtures("qemu_system_arm")


def drawn(draws: list[tuple[Callable[[Case], None], int]]) -> Subject:
    graph = TfliteGraph()
    for draw, seed in draws:
        draw(Case(graph, np.random.default_rng(seed), widest=WIDEST))
    return subject_of(graph)


def subject_of(graph: TfliteGraph) -> Subject:
    content = graph.content()
    return Subject(read_tflite(content, "layers"), content)


def layers(flavour: str, first_seed: int) -> Iterator[tuple[Callable[[Case], None], int]]:
    """Kinds of layers in turn with seeds that give one that is requantized in that way."""
    for seed in range(first_seed, first_seed + 1000):
        draw = LAYERS[seed % len(LAYERS)]
        try:
            if lower(drawn([(draw, seed)]).graph).flavour == flavour:
                yield draw, seed
        except UnsupportedOperatorError:
            continue


@pytest.mark.parametrize(
    "first_seed",
    [
        0,
        *(pytest.param(n, marks=pytest.mark.slow) for n in ALWAYS),
        *(pytest.param(n, marks=MANY_AND_SLOW) for n in range(2000, 9000, 1000) if n not in ALWAYS),
    ],
)
@pytest.mark.parametrize("flavour", ["fixed", "fixed_narrow"])
def test_layers_of_any_width_are_right_on_a_helium_core(flavour: str, first_seed: int) -> None:
    """To the bit what the host computes, whose code is held to the reference elsewhere."""
    found = layers(flavour, first_seed)
    model = drawn([next(found) for _ in range(N_LAYERS)])
    assert lower(model.graph).flavour == flavour
    sets = input_sets(model.graph, n_random=1)
    on_host = run_on_host(model.generated, sets, sanitize=("address", "undefined"))
    assert_same_bits(emulated_outputs(model.generated, HELIUM, sets), on_host)


def test_averages_of_legacy_images_are_right_on_a_helium_core() -> None:
    """Of one window of 4 x 4 and 256 channels clang once made a loop without an end."""
    graph = TfliteGraph()
    scale = Scale(0.05, 3)
    image = np.random.default_rng(0).integers(-128, 128, (1, 4, 4, 256)).astype(np.int8)
    graph.outputs.append(graph.tensor((1, 1, 1, 256), "int8", scale))
    options = fields((np.int8(Padding.VALID), 2, 2, 4, 4, np.int8(0)))
    inputs, name = [graph.input(image, scale)], "AVERAGE_POOL_2D"
    graph.node(name, inputs, graph.outputs[:1], "Pool2DOptions", options, version=1)
    make_unsigned(graph)
    model = subject_of(graph)
    assert [step.kernel for step in lower(model.graph).steps].count("average_half_up_s8") == 1
    sets = input_sets(model.graph, n_random=2)
    on_host = run_on_host(model.generated, sets, sanitize=("address", "undefined"))
    assert_same_bits(emulated_outputs(model.generated, HELIUM, sets), on_host)


def test_conversions_by_powers_of_two_are_right_on_a_helium_core() -> None:
    """Clang makes one instruction of such a product, and may count its bits by another constant."""
    graph = TfliteGraph()
    random = np.random.default_rng(0)
    for exponent in range(1, 17):
        scale = Scale(2.0**-exponent, -128)
        integers = graph.input(random.integers(-128, 128, 64).astype(np.int8), scale)
        reals = graph.input(random.normal(0, 90 * scale.scale, 64).astype(np.float32), None)
        graph.outputs += [graph.tensor((64,), "float32"), graph.tensor((64,), "int8", scale)]
        graph.node("DEQUANTIZE", [integers], [graph.outputs[-2]], version=2)
        graph.node("QUANTIZE", [reals], [graph.outputs[-1]], version=1)
    model = subject_of(graph)
    sets = [list(graph.inputs.values())]
    on_host = run_on_host(model.generated, sets, sanitize=("address", "undefined"))
    assert_same_bits(emulated_outputs(model.generated, HELIUM, sets), on_host)
