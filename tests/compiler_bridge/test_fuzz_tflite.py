"""Random TFLite operators: generated code gives TFLM's bits, or refuses."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.errors import EmulationError, UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.reference.tflm import run_tflm
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.damage import damage_tflite
from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case
from tests.support.tflite_cases import add_case
from tests.support.tflite_graph import TfliteGraph

SANITIZERS = ("address", "undefined")
SEEDS = st.integers(0, 2**32 - 1)
BATCH_SETTINGS = partial(
    settings,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)


def drawn(seeds: Sequence[int]) -> tuple[TfliteGraph, list[Case]]:
    graph = TfliteGraph()
    return graph, [add_case(graph, seed) for seed in seeds]


def is_compiled(seed: int) -> bool:
    graph, _ = drawn([seed])
    try:
        lower(read_tflite(graph.content(), "case"))
    except UnsupportedOperatorError as error:
        refused = error
    else:
        return True
    assert "malformed" not in refused.message
    assert refused.hint
    return False


def by_tflm(seeds: Sequence[int]) -> dict[int, tuple[Array, ...]]:
    """Outputs of each case; those that TFLM itself refuses or crashes on are left out."""
    graph, cases = drawn(seeds)
    content = graph.content()
    try:
        found = run_tflm(content, read_tflite(content, "cases"), list(graph.inputs.values()))
    except EmulationError:
        if len(seeds) == 1:
            return {}
        half = len(seeds) // 2
        return by_tflm(seeds[:half]) | by_tflm(seeds[half:])
    values = dict(zip(graph.outputs, found, strict=True))
    return {
        seed: tuple(values[output] for output in case.outputs)
        for seed, case in zip(seeds, cases, strict=True)
    }


@BATCH_SETTINGS(max_examples=5)
@given(st.lists(SEEDS, min_size=30, max_size=60, unique=True))
def test_random_operators_compute_what_tflm_computes(seeds: list[int]) -> None:
    compiled = [seed for seed in seeds if is_compiled(seed)]
    assert len(compiled) > 0.8 * len(seeds)
    wanted = by_tflm(compiled)
    graph, cases = drawn(list(wanted))
    model = read_tflite(graph.content(), "cases")
    inputs = list(graph.inputs.values())
    (outputs,) = run_on_host(generate(model), [inputs], sanitize=SANITIZERS)
    got = dict(zip(graph.outputs, outputs, strict=True))
    wrong = {
        seed: case.label
        for (seed, expected), case in zip(wanted.items(), cases, strict=True)
        if any(
            not np.array_equal(got[index], value)
            for index, value in zip(case.outputs, expected, strict=True)
        )
    }
    assert not wrong


@BATCH_SETTINGS(max_examples=400)
@given(SEEDS)
def test_a_damaged_file_is_compiled_or_refused_with_a_reason(seed: int) -> None:
    content, _ = damaged(seed)
    try:
        generate(read_tflite(content, "damaged"))
    except FitgraphError as error:
        refused = error
    else:
        return
    assert refused.message
    assert refused.hint


@BATCH_SETTINGS(max_examples=40)
@given(SEEDS)
def test_what_is_compiled_of_a_damaged_file_means_what_tflm_means(seed: int) -> None:
    content, how = damaged(seed)
    try:
        model = read_tflite(content, "damaged")
        generated = generate(model)
    except FitgraphError:
        return
    if generated.arena_bytes > 1 << 24:
        return
    inputs = sample_inputs(generated, seed)
    (outputs,) = run_on_host(generated, [inputs], sanitize=SANITIZERS)
    try:
        wanted = run_tflm(content, model, inputs)
    except EmulationError:
        return
    for got, expected in zip(outputs, wanted, strict=True):
        assert np.array_equal(got, expected, equal_nan=got.dtype == np.float32), how


def damaged(seed: int) -> tuple[bytes, str]:
    graph, _ = drawn([seed])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that do not fit where they are put
        how = damage_tflite(graph, np.random.default_rng(seed))
    return graph.content(), how
