"""What each pass changes is told in figures, of which each begins where the last one ended."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.pass_report import Effect, pass_report
from fitgraph.compiler_bridge.passes.pipeline import PASSES
from fitgraph.compiler_bridge.rooms import Room
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.exactness import subject
from tests.support.example_models import NAMES, float_example
from tests.support.tflite_chains import random_chain

# A real network, a pass, and the figures that it lowers.
LOWERED = (
    ("6131b9a3_micro_kws_m_qdq.onnx", "constants", ("steps", "arena_bytes")),
    ("6131b9a3_micro_kws_m_qdq.onnx", "quantization", ("steps", "arena_bytes")),
    ("6131b9a3_micro_kws_m_qdq.onnx", "tails", ("steps",)),
    ("6131b9a3_micro_kws_m_qdq.onnx", "layout", ("steps",)),
    ("6131b9a3_micro_kws_m_qdq.onnx", "views", ("steps",)),
    ("235f9325_yamnet_256_64x96_tl.onnx", "activation", ("steps", "arena_bytes")),
    ("ae2bf7c4_detection.tflite", "padding", ("steps", "arena_bytes")),
    ("808cfdfc_person_detect.tflite", "in-place", ("arena_bytes",)),
    ("67d996ce_hand_recrop.tflite", "order", ("arena_bytes",)),
)


def report(path: Path, budget: int | None = None) -> Mapping[str, Effect]:
    return {effect.name: effect for effect in pass_report(subject(path).graph, budget)}


@pytest.mark.parametrize(("name", "effect", "figures"), LOWERED)
def test_a_pass_lowers_the_figures_of_a_real_network(
    shared_data: Path, name: str, effect: str, figures: tuple[str, ...]
) -> None:
    (path,) = (shared_data / "models").glob(f"*{name}")
    found = report(path)[effect]
    for figure in figures:
        assert getattr(found.after, figure) < getattr(found.before, figure), figure


def test_a_network_with_variables_is_told_of(shared_data: Path) -> None:
    """What names a variable has no bytes of its own."""
    (path,) = (shared_data / "models").glob("*0689abe1_okay_nabu.tflite")
    assert pass_report(subject(path).graph)[-1].after.arena_bytes > 0


@pytest.mark.parametrize("name", NAMES)
def test_each_pass_begins_where_the_one_before_ended(name: str) -> None:
    effects = pass_report(subject(float_example(name)).graph)
    assert all(first.after == then.before for first, then in pairwise(effects))
    assert [effect.name for effect in effects][-len(PASSES) :] == [one.name for one in PASSES]


@pytest.mark.parametrize("name", NAMES)
def test_the_last_figures_are_those_of_what_is_generated(name: str) -> None:
    graph = subject(float_example(name)).graph
    last = pass_report(graph)[-1].after
    assert last.arena_bytes == generate(graph).arena_bytes
    assert last.steps == len(lower(graph).steps)


def test_operators_that_went_have_no_step_and_all_others_have(shared_data: Path) -> None:
    """By the labels that steps bear."""
    (path,) = (shared_data / "models").glob("*6131b9a3_micro_kws_m_qdq.onnx")
    graph = subject(path).graph
    gone = {name for effect in pass_report(graph) for name in effect.operators}
    labels = {step.label for step in lower(graph).steps}
    everything = {f"{one.op_type} #{at}" for at, one in enumerate(graph.operators)}
    assert gone
    assert gone | (labels & everything) == everything
    assert not gone & labels


def test_dead_channels_are_told_in_multiply_accumulates_and_weights() -> None:
    """Of random networks, of which most of the filters are zeros."""
    graphs = [read_tflite(random_chain(seed, 0.6).content(), "chain") for seed in range(6)]
    found = [one for graph in graphs for one in pass_report(graph) if one.name == "dead-channels"]
    fewer = [one for one in found if one.after.macs < one.before.macs]
    assert len(fewer) > len(graphs) / 2
    assert all(one.after.weights_bytes < one.before.weights_bytes for one in fewer)


def test_batch_norms_go_into_weights() -> None:
    """The float example has one after each convolution."""
    found = {name: report(float_example(name))["batch-norm"] for name in NAMES}
    assert any(one.after.steps < one.before.steps for one in found.values())


def test_patches_are_told_with_what_they_cost(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*808cfdfc_person_detect.tflite")
    patches = report(path, budget=24_000)["patches"]
    assert patches.after.arena_bytes <= 24_000 < patches.before.arena_bytes
    generated = generate(subject(path).graph, arena_budget_bytes=24_000)
    assert patches.after.macs - patches.before.macs == generated.extra_macs > 0


def test_a_last_row_tells_how_an_arena_lies_in_several_rooms(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*ccb47716_image_classification.tflite")
    graph = subject(path).graph
    rooms = [Room("DTCM", 18 * 1024), Room("SRAM", 20 * 1024)]
    regions = pass_report(graph, rooms=[rooms])[-1]
    assert regions.name == "regions"
    parts = generate(graph, rooms=[rooms]).parts
    assert len(parts) == 2
    assert all(f"{part.n_bytes:,} B of {part.room}" in regions.does for part in parts)
    assert regions.after.arena_bytes == sum(part.n_bytes for part in parts)
