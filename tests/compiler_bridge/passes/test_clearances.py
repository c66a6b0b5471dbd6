"""Outputs that share memory with their inputs are those of outputs that lie apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fitgraph.compiler_bridge.emit import emit
from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.passes.clearances import clearance_bytes
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Program
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.tflite_chains import random_chain


def generated(program: Program) -> GeneratedCode:
    return emit(program, plan_memory(program), "chain")


def test_a_pixelwise_layer_needs_one_pixel_between() -> None:
    """It reads a pixel's channels again for each output of that pixel."""
    assert clearance_bytes(np.arange(100) * 8, n_written=8) == 8


def test_a_layer_that_shrinks_its_input_needs_one_pixel_between() -> None:
    assert clearance_bytes(np.arange(100) * 8, n_written=2) == 2


def test_a_layer_that_grows_its_input_needs_room_for_all_that_it_writes_early() -> None:
    """While the last pixel is read, nearly all outputs are there."""
    assert clearance_bytes(np.arange(100) * 2, n_written=8) == 100 * 8 - 99 * 2


@pytest.mark.parametrize("seed", range(8))
def test_layers_that_share_memory_compute_what_layers_apart_compute(seed: int) -> None:
    """With each output as near below its input as the pass allows."""
    network = random_chain(seed, dead_share=0.0)
    shared = lower(read_tflite(network.content(), "chain"))
    apart = replace(
        shared, steps=tuple(replace(step, clearance_bytes=None) for step in shared.steps)
    )
    inputs = [list(network.inputs.values())]
    outputs = [run_on_host(generated(program), inputs)[0] for program in (shared, apart)]
    for together, alone in zip(*outputs, strict=True):
        np.testing.assert_array_equal(together, alone)
    assert plan_memory(shared).arena_bytes <= plan_memory(apart).arena_bytes
