"""Loops and branches of TFLite compute what the interpreters compute, and take what they show."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import BridgeError, UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.plan import check_plan, plan_memory
from fitgraph.compiler_bridge.reference.tflm import run_tflm_many
from fitgraph.compiler_bridge.tflm.arena_bound import PORTABLE, arena_bound
from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import (
    Subject,
    assert_near,
    assert_same_bits,
    computes_in_integers,
    input_sets,
)
from tests.support.host_runs import sanitized_outputs
from tests.support.tflite_graph import TfliteGraph
from tests.support.tflite_loop_cases import HEARD, LOOPS, STEPS, UNITS
from tests.support.tflite_parts import (
    COUNTER,
    TRUTH,
    Kind,
    Parts,
    Writing,
    below,
    computed,
    one_more,
)

FLOAT_TOLERANCE = 1e-6
NAMES = [one.__name__ for one in LOOPS]
# TFLM's interpreter gives no tensor another size when it runs, so that it never ends on lists.
LISTS = ("recurrent_float", "recurrent_hybrid", "recurrent_int8")

every_loop = pytest.mark.parametrize("name", NAMES)


@cache
def loop(name: str) -> Subject:
    draw = LOOPS[NAMES.index(name)]
    content = draw(np.random.default_rng(7)).content()
    return Subject(read_tflite(content, name), content)


def of(parts: Parts) -> Subject:
    content = parts.content()
    return Subject(read_tflite(content, "loop"), content)


def assert_right(model: Subject, got: object, expected: object) -> None:
    if computes_in_integers(model):
        assert_same_bits(got, expected)  # type: ignore[arg-type]
    else:
        assert_near(got, expected, FLOAT_TOLERANCE)  # type: ignore[arg-type]


@every_loop
def test_a_loop_computes_what_litert_or_tflm_computes(name: str) -> None:
    """On the host under the sanitizers; what is remembered is kept from one to the next."""
    model = loop(name)
    sets = input_sets(model.graph)
    assert_right(model, sanitized_outputs(model.generated, sets), model.expected(sets))


@pytest.mark.parametrize("name", [one for one in NAMES if one not in LISTS])
def test_a_loop_computes_what_tflm_computes(name: str) -> None:
    model = loop(name)
    sets = input_sets(model.graph)
    stateful = model.generated.is_stateful
    expected = run_tflm_many(model.content, model.graph, sets, keep_state=stateful)
    assert_right(model, sanitized_outputs(model.generated, sets), expected)


@every_loop
def test_tflm_has_no_bound_for_loops_that_fill_lists(name: str) -> None:
    """It takes them, and computes something else or never ends."""
    run = Measurement("0" * 64, PORTABLE, "x86-64", "test", 65_536)
    bound, reason = arena_bound(loop(name).graph, run, PORTABLE, "armv7e-m+fp")
    assert (bound is None) == (name in LISTS)
    assert ("changing sizes" in reason) == (name in LISTS)


@pytest.mark.parametrize("isa_class", ["armv6-m", "armv7e-m+fp", "rv32imc"])
@every_loop
def test_a_loop_computes_the_same_on_cores(name: str, isa_class: str) -> None:
    model = loop(name)
    sets = input_sets(model.graph, n_random=2)
    assert_right(model, emulated_outputs(model.generated, isa_class, sets), model.expected(sets))


def test_a_loop_that_constants_count_stays_a_loop_however_often_it_runs() -> None:
    """The steps of its body are there once; nothing of them depends on the number of rounds."""
    short, long = (lower(of(counting(n)).graph) for n in (3, 3000))
    assert len(short.steps) == len(long.steps)
    assert [region.trips for region in (*short.regions, *long.regions)] == [3, 3000]


def test_the_multiply_accumulates_of_a_loop_count_as_often_as_it_runs() -> None:
    facts = model_facts(loop("recurrent_float").graph)
    assert facts.macs == STEPS * UNITS * (HEARD + UNITS)
    assert model_facts(loop("until_small").graph).macs_unknown_for == ("tflite:WHILE",)


def test_a_list_that_a_loop_fills_lies_in_memory_once() -> None:
    """The arena is less than the input and two lists: no round copies the list."""
    model = loop("recurrent_float")
    plan = plan_memory(lower(model.graph))
    assert plan.arena_bytes < 4 * (STEPS * HEARD + 2 * STEPS * UNITS)


def test_the_check_sees_what_the_next_round_would_read() -> None:
    """The sequence is read once a round; what is written behind that must not lie over it."""
    program = lower(loop("recurrent_float").graph)
    plan = plan_memory(program)
    heard = program.inputs[0].value
    reads = max(at for at, step in enumerate(program.steps) if heard in step.value_inputs)
    (later,) = program.steps[reads + 1].outputs[:1]
    assert all(later not in step.outputs for step in program.steps[: reads + 1])
    moved = replace(plan, offsets={**plan.offsets, later: plan.offsets[heard]})
    with pytest.raises(BridgeError, match="memory plan lays"):
        check_plan(program, moved)


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_a_counter_ends_at_its_limit(n: int) -> None:
    model = of(counting(n))
    sets = input_sets(model.graph, n_random=1)
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))


def counting(limit: int) -> Parts:
    """An integer that grows in each of so many rounds."""
    parts = Parts()
    kinds = [COUNTER, COUNTER]

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        total = computed(graph, "MAXIMUM", [inputs[1], inputs[0]], COUNTER)
        return [one_more(graph, inputs[0]), total]

    numbers = (parts.part(kinds, below(limit)), parts.part(kinds, body))
    zero = parts.main.tensor((), "int32", value=np.array(0, np.int32))
    given = parts.main.input(np.array(0, np.int32), None)
    parts.main.outputs = parts.loop(parts.main, [zero, given], numbers)
    return parts


def broken(what: str) -> Parts:
    """A loop with one thing wrong."""
    parts = Parts()
    wide: Kind = ([2], "int32", None)
    kinds = [COUNTER, COUNTER]

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, other = inputs
        if what == "shape":
            return [one_more(graph, count), computed(graph, "ADD", [other, other], wide)]
        if what == "type":
            return [one_more(graph, count), computed(graph, "LESS", inputs, TRUTH)]
        if what == "outputs":
            return [one_more(graph, count)]
        if what == "endless":
            return [count, one_more(graph, other)]
        return [one_more(graph, count), other]

    def condition(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        if what == "truth":
            return [one_more(graph, inputs[0])]
        truths = below(4)(graph, inputs)
        return truths * 2 if what == "truths" else truths

    numbers = (parts.part(kinds, condition), parts.part(kinds, body))
    zero = parts.main.tensor((), "int32", value=np.array(0, np.int32))
    given = parts.main.input(np.array(0, np.int32), None)
    inputs = [zero] if what == "inputs" else [zero, given]
    options = {"itself": (0, 2), "missing": (1, 9)}.get(what, numbers)
    parts.main.outputs = [
        parts.main.tensor(*kind) for kind in (kinds[:1] if what == "inputs" else kinds)
    ]
    fields = {0: np.int32(options[0]), 1: np.int32(options[1])}
    parts.main.node("WHILE", inputs, parts.main.outputs, "WhileOptions", fields)
    return parts


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("shape", "sizes that data tell are not compiled"),
        ("type", "where its input 1 is int32"),
        ("outputs", "it has 2 inputs, but 1 body's outputs"),
        ("inputs", "it has 1 inputs, but 2 condition's inputs"),
        ("truth", "its condition is int32"),
        ("truths", "its condition has 2 outputs"),
        ("endless", "it never ends"),
    ],
)
def test_a_loop_that_contradicts_itself_is_refused(what: str, message: str) -> None:
    with pytest.raises(UnsupportedOperatorError, match=message):
        generate(of(broken(what)).graph)


@pytest.mark.parametrize(
    ("what", "message"), [("itself", "runs itself"), ("missing", "cond|body.* subgraph")]
)
def test_subgraphs_that_cannot_be_run_are_refused_as_they_are_read(what: str, message: str) -> None:
    with pytest.raises(InvalidModelError, match=message):
        of(broken(what))


def test_subgraphs_that_run_each_other_many_times_are_refused_at_once() -> None:
    """Each of ten subgraphs runs the next one twice, in both branches of a condition."""
    parts = Parts()
    kinds = [TRUTH]
    number = parts.part(kinds, lambda _, inputs: inputs)
    for _ in range(7):
        number = parts.part(kinds, choosing(parts, number))
    given = parts.main.input(np.array(False), None)  # noqa: FBT003 a scalar
    parts.main.outputs = choosing(parts, number)(parts.main, [given])
    with pytest.raises(InvalidModelError, match="loops and conditions"):
        of(parts)


def choosing(parts: Parts, number: int) -> Writing:
    """A subgraph of one condition, both of whose branches are another subgraph."""

    def write(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        return parts.choice(graph, [inputs[0], inputs[0]], (number, number), [TRUTH])

    return write
