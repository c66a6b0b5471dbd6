"""Channels that are constant or unread are gone, and outputs stay what TFLM says."""

from __future__ import annotations

import numpy as np
import pytest

from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.tflite_graph import lower_tflite
from fitgraph.compiler_bridge.passes.dead_channels import drop_dead_channels
from fitgraph.compiler_bridge.program import Program
from fitgraph.compiler_bridge.reference.tflm import run_tflm
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.tflite_chains import random_chain


def before_and_after(graph: ModelGraph) -> tuple[Program, Program]:
    program = lower_tflite(graph, ProgramBuilder())
    return program, drop_dead_channels(program)


def n_weights(program: Program) -> int:
    weights = (step.fields.get("weights") for step in program.steps)
    return sum(field.size for field in weights if isinstance(field, np.ndarray))


@pytest.mark.parametrize("seed", range(12))
def test_a_network_with_dead_filters_computes_what_tflm_computes(seed: int) -> None:
    """Whatever lies between two dead channels: padding, offsets, activations, pools."""
    network = random_chain(seed, dead_share=0.6)
    graph = read_tflite(network.content(), "chain")
    inputs = list(network.inputs.values())
    (got,) = run_on_host(generate(graph), [inputs], sanitize=("address", "undefined"))
    for ours, theirs in zip(got, run_tflm(network.content(), graph, inputs), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_dead_filters_make_weights_and_memory_smaller() -> None:
    """Over many networks most weights of dead channels go."""
    graphs = [read_tflite(random_chain(s, dead_share=0.6).content(), "chain") for s in range(40)]
    pairs = [before_and_after(graph) for graph in graphs]
    smaller = [after for before, after in pairs if n_weights(after) < n_weights(before)]
    assert len(smaller) > len(pairs) / 2
    assert sum(n_weights(after) for _, after in pairs) < 0.6 * sum(
        n_weights(before) for before, _ in pairs
    )


def test_a_network_without_dead_filters_stays_as_it_is() -> None:
    """The very same program comes back."""
    graph = read_tflite(random_chain(3, dead_share=0.0).content(), "chain")
    before, after = before_and_after(graph)
    assert after is before
    assert lower(graph).steps
