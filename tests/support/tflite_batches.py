"""Many random operators in one TFLite file: one C compilation and one interpreter run them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.errors import EmulationError, UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, Draw
from tests.support.tflite_graph import TfliteGraph

SANITIZERS = ("address", "undefined")
# Draws the case of a seed into a graph.
AddCase = Callable[[TfliteGraph, int], Case]
Outputs = dict[int, tuple[Array, ...]]


@dataclass(frozen=True)
class Compared:
    """What came of a batch.

    Attributes:
        compiled: seeds of the cases that the compiler takes.
        excess: for each case that the reference takes, too, its label and its worst difference
            relative to the largest value, or to 1; for integers any difference is infinite.
    """

    compiled: list[int]
    excess: dict[str, float]


def compare_draw(draw: Draw, n_cases: int) -> Compared:
    """Runs so many cases of one kind."""

    def add_case(graph: TfliteGraph, seed: int) -> Case:
        case = Case(graph, np.random.default_rng(seed))
        draw(case)
        return case

    return compare_batch(add_case, list(range(n_cases)))


def one_of_each(draws: Sequence[Draw]) -> AddCase:
    """One kind after the other."""

    def add_case(graph: TfliteGraph, seed: int) -> Case:
        case = Case(graph, np.random.default_rng(seed))
        draws[seed % len(draws)](case)
        return case

    return add_case


def compare_batch(add_case: AddCase, seeds: Sequence[int]) -> Compared:
    """Runs the cases on the host under sanitizers and in their reference."""
    compiled = [seed for seed in seeds if _is_compiled(add_case, seed)]
    wanted = _expected(add_case, compiled)
    graph, cases = _drawn(add_case, list(wanted))
    inputs = list(graph.inputs.values())
    generated = generate(read_tflite(graph.content(), "cases"))
    (outputs,) = run_on_host(generated, [inputs], sanitize=SANITIZERS)
    got = dict(zip(graph.outputs, outputs, strict=True))
    excess = {
        f"{seed} {case.label}": max(
            _excess(got[index], value) for index, value in zip(case.outputs, values, strict=True)
        )
        for (seed, values), case in zip(wanted.items(), cases, strict=True)
    }
    return Compared(compiled, excess)


def _drawn(add_case: AddCase, seeds: Sequence[int]) -> tuple[TfliteGraph, list[Case]]:
    graph = TfliteGraph()
    return graph, [add_case(graph, seed) for seed in seeds]


def _is_compiled(add_case: AddCase, seed: int) -> bool:
    graph, _ = _drawn(add_case, [seed])
    try:
        lower(read_tflite(graph.content(), "case"))
    except UnsupportedOperatorError as error:
        refused = error
    else:
        return True
    assert "malformed" not in refused.message, refused.message
    assert refused.hint
    return False


def _expected(add_case: AddCase, seeds: Sequence[int]) -> Outputs:
    """Outputs of each case; those that the reference refuses or crashes on are left out."""
    graph, cases = _drawn(add_case, seeds)
    content = graph.content()
    reference = reference_for(read_tflite(content, "cases"), content)
    try:
        found = reference.run(list(graph.inputs.values()))
    except EmulationError:
        if len(seeds) == 1:
            return {}
        half = len(seeds) // 2
        return _expected(add_case, seeds[:half]) | _expected(add_case, seeds[half:])
    values = dict(zip(graph.outputs, found, strict=True))
    return {
        seed: tuple(values[output] for output in case.outputs)
        for seed, case in zip(seeds, cases, strict=True)
    }


def _excess(got: Array, want: Array) -> float:
    if got.shape != want.shape or got.dtype != want.dtype:
        return float("inf")
    if want.dtype.kind != "f":
        return 0.0 if np.array_equal(got, want) else float("inf")
    if np.array_equal(got, want, equal_nan=True):
        return 0.0
    scale = max(1.0, float(np.abs(want[np.isfinite(want)]).max(initial=0.0)))
    with np.errstate(invalid="ignore"):
        worst = float(np.abs(got - want).max()) / scale
    return worst if np.isfinite(worst) else float("inf")
