"""What is asked besides that a model runs: a demand is a constraint, and a bad one is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.decide import decide
from fitgraph.matcher.demand import Demand, Reserves, Sensor, check_regions, with_reserves
from fitgraph.matcher.demanded import demanded, narrowed
from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.facts import InstructionCount, ModelNeeds, OperatorUse
from fitgraph.matcher.number_format import computes_floats, number_format
from fitgraph.matcher.timing import Interval, deadline, energy, latency_of_instructions
from fitgraph.matcher.verdict import PROVEN, Constraint, Verdict
from fitgraph.registry.board import Board, McuLink, MemoryRegion, RegionKind
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.model_graph import DType
from fitgraph.registry.runtime import OperatorSupport, Runtime

KIB = 1024
BOARD = Board(
    "nano", "Nano", "V", "nRF52840", "Cortex-M4F", "armv7e-m+fp", 64_000_000,
    (
        MemoryRegion("FLASH", RegionKind.FLASH, 0, 1024 * KIB, 152 * KIB, "SoftDevice"),
        MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 256 * KIB),
        MemoryRegion("RAM2", RegionKind.SRAM, 0x3000_0000, 16 * KIB),
    ),
    sensors=("microphone", "accelerometer"),
)  # fmt: skip
PLAIN = replace(BOARD, isa_class="armv6-m", cpu_core="Cortex-M0+")
USE = OperatorUse("tflite:CONV_2D", 3, frozenset({"int8", "int32"}))
MODEL = ModelNeeds("wake", "0" * 64, (USE,), 1960, "", input_elements=1960, macs=1_000_000)
FLOAT = replace(MODEL, operators=(replace(USE, dtypes=frozenset({"float32"})),))
RUNTIME = Runtime(
    "fitgraph-c", "fitgraph C", (OperatorSupport("tflite:CONV_2D", (DType.INT8, DType.INT32)),),
    ("armv7e-m+fp",), Evidence.MEASURED, "", "Apache-2.0",
)  # fmt: skip
MEASURED = Footprint(
    "0" * 64, "fitgraph-c", "armv7e-m+fp", "zig", 22_912, 1_024, 2_048, 60_000, 40_000, 20_000,
    Evidence.MEASURED, "build 1",
)  # fmt: skip
figures = st.floats(0.001, 1e6)


def only(demand: Demand, board: Board = BOARD, model: ModelNeeds = MODEL) -> Constraint:
    (found,) = demanded(model, board, "fitgraph-c", demand)
    return found


def test_reserves_of_a_user_take_the_place_of_the_profiles() -> None:
    reserved = with_reserves(BOARD, Reserves(sram_bytes=5000, flash_bytes=0, by_region={"RAM2": 7}))
    assert {region.name: region.reserve_bytes for region in reserved.regions} == {
        "FLASH": 0, "RAM": 5000, "RAM2": 7,
    }  # fmt: skip
    assert with_reserves(BOARD, Reserves()) is BOARD


def test_a_reserve_larger_than_a_region_leaves_nothing_of_it() -> None:
    reserved = with_reserves(BOARD, Reserves(sram_bytes=1 << 30))
    assert [r.free_bytes for r in reserved.regions_of(RegionKind.SRAM)] == [0, 0]
    assert decide(MODEL, reserved, RUNTIME, [MEASURED]).verdict is Verdict.NO


@given(st.integers(0, 300 * KIB), st.integers(0, 300 * KIB))
def test_a_larger_reserve_never_adds_a_fit(one: int, other: int) -> None:
    small, large = sorted((one, other))
    boards = [with_reserves(BOARD, Reserves(sram_bytes=n)) for n in (small, large)]
    fits = [decide(MODEL, board, RUNTIME, [MEASURED]).verdict is Verdict.FITS for board in boards]
    assert fits[0] or not fits[1]


@pytest.mark.parametrize(("sram", "flash"), [(-1, None), (None, -5)])
def test_a_negative_reserve_is_refused(sram: int | None, flash: int | None) -> None:
    with pytest.raises(InvalidDemandError, match="negative") as caught:
        Reserves(sram, flash)
    assert "0 B or more" in caught.value.hint


def test_a_reserve_of_a_region_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidDemandError, match="'SRAM9'") as caught:
        check_regions(BOARD, Reserves(by_region={"SRAM9": 1}))
    assert "FLASH, RAM, RAM2" in caught.value.hint


@pytest.mark.parametrize(
    "bad",
    [
        {"deadline_ms": 0.0},
        {"energy_uj": -1.0},
        {"deadline_ms": float("inf")},
        {"deadline_ms": float("nan")},
        {"sensors": (Sensor("camera", rate_hz=0.0),)},
        {"mounted": (Sensor("camera", channels=-3),)},
    ],
)
def test_limits_and_rates_are_above_zero(bad: dict[str, float]) -> None:
    with pytest.raises(InvalidDemandError, match="above 0"):
        Demand(**bad)  # type: ignore[arg-type]


def test_a_sensor_of_the_profile_meets_a_demand_and_one_that_is_not_there_does_not() -> None:
    there = only(Demand(sensors=(Sensor("microphone"),)))
    assert (there.satisfied, there.evidence in PROVEN, there.margin) == (True, True, 0)
    lacking = only(Demand(sensors=(Sensor("microphone"), Sensor("camera"))))
    assert (lacking.satisfied, lacking.required, lacking.available) == (False, 2, 1)
    assert "no camera" in lacking.message
    assert "--mounted camera" in lacking.hint


def test_what_is_mounted_counts_and_a_board_without_a_list_is_unknown() -> None:
    camera = (Sensor("camera"),)
    assert only(Demand(sensors=camera, mounted=camera)).satisfied
    silent = only(Demand(sensors=camera), replace(BOARD, sensors=()))
    assert silent.satisfied is None
    assert silent.evidence is Evidence.MISSING


def test_a_sensor_of_a_profile_in_doubt_shows_nothing() -> None:
    region = replace(BOARD.regions[0], status=ClaimStatus.UNCHECKED)
    for doubtful in (
        replace(BOARD, mcu_link=McuLink("nrf52840", is_exact=False, reason="by name")),
        replace(BOARD, isa_status=ClaimStatus.DERIVED),
        replace(BOARD, regions=(region, *BOARD.regions[1:])),
    ):
        found = only(Demand(sensors=(Sensor("microphone"),)), doubtful)
        assert found.evidence is Evidence.ESTIMATE
        lacking = only(Demand(sensors=(Sensor("camera"),)), doubtful)
        assert (lacking.satisfied, lacking.evidence) == (None, Evidence.MISSING)


@pytest.mark.parametrize(
    ("wanted", "mounted", "satisfied"),
    [
        (Sensor("microphone", 16_000), (), None),
        (Sensor("microphone", 16_000), (Sensor("microphone", 16_000),), True),
        (Sensor("microphone", 16_000), (Sensor("microphone", 8_000),), False),
        (Sensor("microphone", 16_000), (Sensor("camera", 30),), None),
        (Sensor("microphone", None, 10), (Sensor("microphone", None, 10),), True),
        (Sensor("microphone", None, 10), (Sensor("microphone", None, 2),), False),
        (Sensor("microphone", None, 3), (), False),
        (
            Sensor("microphone", 16_000, 2),
            (Sensor("microphone", 16_000, 1), Sensor("microphone", 8_000, 2)),
            False,
        ),
        (
            Sensor("microphone", 16_000, 2),
            (Sensor("microphone", 16_000), Sensor("microphone", 8_000, 2)),
            None,
        ),
    ],
)
def test_rate_and_channels_of_an_input(
    wanted: Sensor,
    mounted: tuple[Sensor, ...],
    satisfied: bool | None,  # noqa: FBT001
) -> None:
    """One sensor has both. 1,960 values are no whole number of samples of three channels."""
    demand = Demand(sensors=(wanted,), mounted=mounted)
    found = {c.name: c for c in demanded(MODEL, BOARD, "fitgraph-c", demand)}
    assert found["input"].satisfied is satisfied


def test_instructions_are_a_lower_bound_of_the_time_and_never_show_a_fit() -> None:
    """64 MHz, at most two instructions a cycle: 6.4 million take 50 ms at least."""
    counts = [InstructionCount("armv7e-m+fp", 6_400_000, "proof")]
    found = {
        limit: next(demanded(MODEL, BOARD, "fitgraph-c", Demand(deadline_ms=limit), counts))
        for limit in (49.0, 51.0)
    }
    assert (found[49.0].satisfied, found[49.0].evidence) == (False, Evidence.BOUND)
    assert found[49.0].margin == pytest.approx(-1)
    assert found[51.0].satisfied is None
    assert found[51.0].hint


def test_without_a_figure_time_and_energy_are_unknown() -> None:
    for demand in (Demand(deadline_ms=10), Demand(energy_uj=10)):
        found = only(demand)
        assert (found.satisfied, found.required, found.evidence) == (None, None, Evidence.MISSING)
    assert latency_of_instructions(1, replace(BOARD, clock_hz=None), "") is None


@given(figures, figures, figures)
def test_an_interval_is_within_a_limit_only_as_a_whole(
    limit: float, one: float, two: float
) -> None:
    low, high = sorted((one, two))
    for constraint in (
        deadline(limit, Interval(low, high, Evidence.ESTIMATE, "model")),
        energy(limit, Interval(low, high, Evidence.ESTIMATE, "model")),
    ):
        assert constraint.satisfied is (True if high <= limit else None)
        assert not constraint.is_proven
    shown = deadline(limit, Interval(low, high, Evidence.MEASURED, "device"))
    assert shown.satisfied is (True if high <= limit else False if low > limit else None)


@given(figures, figures, figures)
def test_instructions_raise_what_a_model_estimates(one: float, two: float, bound: float) -> None:
    low, high = sorted((one, two))
    told = Interval(low, high, Evidence.ESTIMATE, "model")
    both = narrowed(told, Interval(bound, None, Evidence.BOUND, "proof", low_is_bound=True))
    assert both is not None
    assert both.low == max(low, bound)
    assert both.high == (high if bound <= high else None)


def test_floats_on_a_core_without_fpu_are_a_warning_with_a_cost() -> None:
    found = number_format(FLOAT, PLAIN)
    assert found is not None
    assert (found.satisfied, found.available, found.margin) == (True, 0, -1)
    assert "138 instructions for each multiply-accumulate, 138.0 million in all" in found.message
    own = replace(MEASURED, isa_class="armv6-m")
    runtime = replace(RUNTIME, isa_classes=("armv6-m",))
    assert decide(FLOAT, PLAIN, runtime, [own]).verdict is Verdict.FITS
    assert number_format(MODEL, PLAIN) is None
    with_fpu = number_format(FLOAT, BOARD)
    assert with_fpu is not None
    assert with_fpu.margin == 0


def test_floats_of_a_qdq_graph_stand_for_integers() -> None:
    names = ("onnx:QuantizeLinear", "onnx:Conv", "onnx:DequantizeLinear")
    uses = tuple(OperatorUse(name, 13, frozenset({"float32"})) for name in names)
    assert not computes_floats(replace(MODEL, operators=uses))
    assert computes_floats(replace(MODEL, operators=uses[1:2]))


def test_a_count_says_nothing_of_time_where_data_end_loops() -> None:
    """On other data such a model may take fewer instructions, unless its work is known."""
    counts = (InstructionCount("armv7e-m+fp", 10**9, "proof 1"),)
    looping = replace(MODEL, operators=(OperatorUse("tflite:WHILE", 1),), macs=None)
    demand = Demand(deadline_ms=1)
    (unknown,) = demanded(looping, BOARD, "fitgraph-c", demand, counts)
    (missed,) = demanded(replace(looping, macs=9), BOARD, "fitgraph-c", demand, counts)
    assert unknown.satisfied is None
    assert missed.satisfied is False
