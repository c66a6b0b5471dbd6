"""Random quantized ONNX graphs: generated code gives the reference's bits, or refuses."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.errors import UnboundedShapeError, UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.errors import InvalidModelError
from tests.support.damage import damage_onnx, is_readable
from tests.support.onnx_case import OPSETS, Case, Expected
from tests.support.onnx_cases import add_case, model_bytes
from tests.support.qdq_graphs import Array, OnnxGraph, read

SANITIZERS = ("address", "undefined")
SEEDS = st.integers(0, 2**32 - 1)
# A batch is compiled at once: its cases are many, and shrinking would compile each batch anew.
BATCH_SETTINGS = partial(
    settings,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)


def drawn(seeds: Sequence[int], opset: int) -> tuple[OnnxGraph, list[Case]]:
    graph = OnnxGraph(opset=opset)
    return graph, [add_case(graph, seed) for seed in seeds]


def names(cases: Sequence[Case]) -> list[str]:
    return list(dict.fromkeys(output.name for case in cases for output in case.outputs))


def is_compiled(seed: int, opset: int) -> bool:
    """Whether a case is compiled; the few that are refused are refused with a reason."""
    graph, cases = drawn([seed], opset)
    try:
        lower(read(model_bytes(graph, names(cases))))
    except (UnsupportedOperatorError, UnboundedShapeError) as error:
        refused = error
    else:
        return True
    assert "malformed" not in refused.message
    assert refused.hint
    return False


def difference(expected: Expected, got: Array, wanted: Array) -> float:
    """How far beyond its tolerance an output is; 0 is within."""
    assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
    apart = np.abs(got.astype(np.float64) - wanted.astype(np.float64))
    if expected.relative and got.dtype == np.float32:
        # One step of a quantized tensor behind a float32 sum may differ.
        return float(np.max(apart - expected.relative / 20, initial=0.0))
    return float(np.max(apart - expected.steps, initial=0.0))


@BATCH_SETTINGS(max_examples=7)
@given(st.lists(SEEDS, min_size=20, max_size=40, unique=True), st.sampled_from(OPSETS))
def test_random_graphs_compute_what_the_reference_computes(seeds: list[int], opset: int) -> None:
    compiled = [seed for seed in seeds if is_compiled(seed, opset)]
    assert len(compiled) > 0.8 * len(seeds)
    graph, cases = drawn(compiled, opset)
    model, inputs = read(model_bytes(graph, names(cases))), list(graph.inputs.values())
    (outputs,) = run_on_host(generate(model), [inputs], sanitize=SANITIZERS)
    got = dict(zip(names(cases), outputs, strict=True))
    wanted = dict(zip(names(cases), run_qlinear(model, inputs), strict=True))
    wrong = {
        seed: (opset, case.label)
        for seed, case in zip(compiled, cases, strict=True)
        for output in case.outputs
        if difference(output, got[output.name], wanted[output.name])
    }
    assert not wrong


@BATCH_SETTINGS(max_examples=250)
@given(SEEDS, st.sampled_from(OPSETS))
@example(102518, 18)
def test_a_damaged_graph_is_compiled_or_refused_with_a_reason(seed: int, opset: int) -> None:
    content, _ = damaged(seed, opset)
    assume(is_readable(content))
    try:
        generate(read(content))
    except FitgraphError as error:
        refused = error
    else:
        return
    assert refused.message
    assert refused.hint


@BATCH_SETTINGS(max_examples=60)
@given(SEEDS, st.sampled_from(OPSETS))
def test_what_is_compiled_of_a_damaged_graph_stays_within_its_memory(seed: int, opset: int) -> None:
    content, how = damaged(seed, opset)
    assume(is_readable(content))
    try:
        model = read(content)
        generated = generate(model)
    except FitgraphError:
        return
    if generated.arena_bytes > 1 << 24:
        return
    inputs = sample_inputs(generated, seed)
    (outputs,) = run_on_host(generated, [inputs], sanitize=SANITIZERS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = run_qlinear(model, inputs)
    except FitgraphError:
        return
    for got, expected in zip(outputs, wanted, strict=True):
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype), how


def damaged(seed: int, opset: int) -> tuple[bytes, str]:
    graph, cases = drawn([seed], opset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that do not fit where they are put
        how = damage_onnx(graph, np.random.default_rng(seed))
    return model_bytes(graph, names(cases)), how


def test_a_file_that_is_no_model_is_refused_by_the_reader() -> None:
    with pytest.raises(InvalidModelError):
        read(b"\x08\x08")
