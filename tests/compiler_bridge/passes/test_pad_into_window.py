"""Layers pad their input themselves, and outputs stay what TFLM says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.tflite_graph import lower_tflite
from fitgraph.compiler_bridge.passes.pad_into_window import pad_into_window
from fitgraph.compiler_bridge.program import Program
from fitgraph.compiler_bridge.reference.tflm import run_tflm
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.read_model import read_model
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.tflite_chains import random_chain


def lowered(graph: ModelGraph) -> Program:
    return lower_tflite(graph, ProgramBuilder())


def n_fills(program: Program) -> int:
    return sum(step.kernel == "fill" for step in program.steps)


@pytest.mark.parametrize("seed", range(6))
def test_a_network_with_padded_images_computes_what_tflm_computes(seed: int) -> None:
    """Padded with what is zero or with any other number, by layers that pad on their own or not."""
    network = random_chain(seed, dead_share=0.2, pad_share=0.8)
    graph = read_tflite(network.content(), "chain")
    inputs = list(network.inputs.values())
    (got,) = run_on_host(generate(graph), [inputs], sanitize=("address", "undefined"))
    for ours, theirs in zip(got, run_tflm(network.content(), graph, inputs), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_most_padded_copies_go() -> None:
    """All but those where layer and padding disagree on what lies outside."""
    graphs = [
        read_tflite(random_chain(seed, dead_share=0.0, pad_share=0.8).content(), "chain")
        for seed in range(40)
    ]
    before = [n_fills(lowered(graph)) for graph in graphs]
    after = [n_fills(pad_into_window(lowered(graph))) for graph in graphs]
    assert all(left <= given for left, given in zip(after, before, strict=True))
    assert 0 < sum(after) < 0.5 * sum(before)


def test_a_real_network_keeps_no_padded_copy(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*ae2bf7c4_detection.tflite")
    program = lowered(read_model(path))
    assert n_fills(program) == 5
    assert n_fills(pad_into_window(program)) == 0


def test_a_padded_image_that_is_an_output_stays() -> None:
    """The very same program comes back."""
    program = lowered(read_tflite(random_chain(1, 0.0, pad_share=1.0).content(), "chain"))
    fills = [step for step in program.steps if step.kernel == "fill"]
    assert n_fills(pad_into_window(program)) < len(fills)
    shown = tuple(replace(program.outputs[0], value=step.outputs[0]) for step in fills)
    kept = replace(program, outputs=(*program.outputs, *shown))
    assert pad_into_window(kept) is kept
