"""Intervals of latency and energy: two ends that never cross, and grow with work and time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.facts import ModelNeeds, OperatorUse
from fitgraph.matcher.latency.timing import CalibratedTiming
from fitgraph.matcher.latency.work import Work
from fitgraph.matcher.timing import Interval
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.isa import ISA_CLASSES

BOARD = Board("b", "B", "V", "nRF52840", "Cortex-M4F", "armv7e-m+fp", 64_000_000, ())
MODEL = ModelNeeds("m", "0" * 64, (OperatorUse("tflite:CONV_2D", 3, frozenset({"int8"})),))
FLOAT = replace(MODEL, operators=(OperatorUse("onnx:Conv", 11, frozenset({"float32"})),))
KWS = Work(convolution=2_048_000, narrow=320_000, depthwise=288_000, outputs=72_088, operators=13)
RUNTIMES = ("fitgraph-c", "tflm", "tflm+cmsis-nn", "onnx2c", "nobody-knows-it")
WORKS = st.builds(Work, *[st.integers(0, 10**9)] * 7)
BOARDS = st.builds(
    lambda isa, mhz: replace(BOARD, isa_class=isa, cpu_core="", clock_hz=mhz * 1_000_000),
    st.sampled_from([None, *ISA_CLASSES]),
    st.integers(1, 1000),
)
SETTINGS = {
    "board": BOARDS,
    "runtime": st.sampled_from(RUNTIMES),
    "model": st.sampled_from((MODEL, FLOAT)),
}


def latency(
    work: Work = KWS, board: Board = BOARD, runtime: str = "fitgraph-c", model: ModelNeeds = MODEL
) -> Interval:
    """The interval, which is there."""
    found = CalibratedTiming(lambda *_: work).latency_ms(model, board, runtime)
    assert found is not None
    return found


def energy(work: Work, board: Board, runtime: str, model: ModelNeeds = MODEL) -> Interval:
    """The interval, which is there."""
    found = CalibratedTiming(lambda *_: work).energy_uj(model, board, runtime)
    assert found is not None
    return found


@given(WORKS, *SETTINGS.values())
def test_ends_never_cross_and_are_never_more_than_estimates(
    work: Work, board: Board, runtime: str, model: ModelNeeds
) -> None:
    """Whatever the core, the runtime and the number format."""
    for told in (latency(work, board, runtime, model), energy(work, board, runtime, model)):
        assert told.high is not None
        assert 0 <= told.low <= told.high
        assert told.low < told.high or work == Work()
        assert told.evidence is Evidence.ESTIMATE
        assert not told.low_is_bound
        assert told.source


@given(WORKS, WORKS, *SETTINGS.values())
def test_more_work_never_takes_less(
    work: Work, more: Work, board: Board, runtime: str, model: ModelNeeds
) -> None:
    """Of any kind, in time as in energy."""
    for told in (latency, energy):
        few, many = (told(w, board, runtime, model) for w in (work, work.plus(more)))
        assert few.low <= many.low
        assert few.high is not None
        assert many.high is not None
        assert few.high <= many.high


@given(WORKS, st.integers(1, 500), st.integers(1, 500), st.sampled_from(RUNTIMES))
def test_a_faster_clock_never_takes_longer(work: Work, one: int, two: int, runtime: str) -> None:
    """The same core at two clocks."""
    fast, slow = (
        latency(work, replace(BOARD, clock_hz=mhz * 1_000_000), runtime)
        for mhz in sorted((one, two), reverse=True)
    )
    assert fast.low <= slow.low
    assert (fast.high or 0) <= (slow.high or 0)


def reach(told: Interval) -> float:
    """Upper end by lower end."""
    assert told.high is not None
    return told.high / told.low


def test_less_known_is_wider() -> None:
    """A core that nobody published, a runtime of which nothing is known, work of unknown kind."""
    known = reach(latency(runtime="tflm+cmsis-nn"))
    plain = replace(BOARD, isa_class="armv6-m", cpu_core="Cortex-M0+")
    assert reach(latency(board=plain, runtime="tflm+cmsis-nn")) > known
    assert reach(latency(runtime="nobody-knows-it")) > known
    assert reach(latency(Work(other=KWS.macs), runtime="tflm+cmsis-nn")) > known
    published = replace(BOARD, mcu="STM32L4R5ZIT6")
    assert reach(energy(KWS, BOARD, "tflm")) > 2 * reach(energy(KWS, published, "tflm"))


@pytest.mark.parametrize(
    ("board", "runtime"),
    [(replace(BOARD, clock_hz=None), "tflm"), (BOARD, "ethos-u55-vela")],
)
def test_nothing_is_told_of_an_unknown_clock_or_a_neural_processor(
    board: Board, runtime: str
) -> None:
    """None, no guess."""
    assert CalibratedTiming(lambda *_: KWS).latency_ms(MODEL, board, runtime) is None


def test_floats_without_an_fpu_take_much_longer() -> None:
    """Each is a call of a function."""
    soft = replace(BOARD, isa_class="armv7e-m", cpu_core="Cortex-M4")
    assert latency(board=soft, model=FLOAT).low > 5 * latency(model=FLOAT).low
