"""Plans for fleets: as many devices as can be reached, and a reason for each that is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.matcher.demand import Demand, Reserves, Sensor
from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.fleet.images import Image, slots
from fitgraph.matcher.fleet.plan import plan, waves
from fitgraph.matcher.fleet.records import Assignment, DeviceGroup, Fleet, FleetDemand
from fitgraph.matcher.placement import Need, usable
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import MemoryRegion, RegionKind
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.facts import OperatorUse
from fitgraph.registry.iris import model_iri, operator_iri, variant_iri
from fitgraph.registry.model_graph import DType
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.model import model_to_triples
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.variant import variant_to_triples
from fitgraph.registry.variant import Variant
from tests.support.made_up_graph import KIB, VISION, WAKE, WAKE_LARGE, fill
from tests.support.made_up_graph import board as made_up_board

LISTEN = FleetDemand("listen", "keyword spotting", ("wake-large",), minimum_accuracy=0.8)
LOOK = FleetDemand("look", "visual wake words", ("vision",))
SMALL = DeviceGroup("yard", "small", 100, "plant-1")
LARGE = DeviceGroup("hall", "large", 1_000, "plant-1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """``wake`` was made from ``wake-large``, and is less accurate."""
    lineage = Variant(WAKE.sha256, WAKE_LARGE.sha256, "pruned", None, "top-1", 0.95, 0.9)
    with EmbeddedStore.open(tmp_path_factory.mktemp("plan") / "graph") as opened:
        fill(opened)
        opened.write({variant_iri(WAKE.sha256): variant_to_triples(lineage)})
        yield opened


def test_each_group_gets_the_most_accurate_variant_that_fits(store: EmbeddedStore) -> None:
    found = plan(store, Fleet("pumps", (SMALL, LARGE), (LISTEN,)))
    assert [(one.group, one.model, one.n_devices) for one in found.assignments] == [
        ("yard", "wake", 100),
        ("hall", "wake-large", 1_000),
    ]
    assert (found.gap, found.is_best, found.exclusions) == (0, True, ())


def test_models_that_do_not_fit_together_share_the_devices(store: EmbeddedStore) -> None:
    """large has 512 KiB of flash: vision takes 400, wake 60, wake-large 200."""
    found = plan(store, Fleet("pumps", (LARGE,), (LISTEN, LOOK)))
    assert {(one.demand, one.model) for one in found.assignments} == {
        ("listen", "wake"),
        ("look", "vision"),
    }
    accurate = replace(LISTEN, minimum_accuracy=0.92)
    found = plan(store, Fleet("pumps", (LARGE,), (accurate, LOOK)))
    (left,) = found.exclusions
    assert sum(one.reached for one in found.coverage) == 1_000
    assert "not beside what else is demanded" in left.reason
    assert left.would_help


def test_sram_adds_up_unless_it_is_shared(store: EmbeddedStore) -> None:
    """large has 128 KiB: vision takes 100, wake-large 40."""
    reserve = Reserves(by_region={"RAM": 20 * KIB})
    shared = replace(LARGE, reserves=reserve)
    separate = replace(shared, shares_sram=False)
    for group, n_reached in ((shared, 2_000), (separate, 1_000)):
        found = plan(store, Fleet("pumps", (group,), (LISTEN, LOOK)))
        assert sum(one.reached for one in found.coverage) == n_reached


@pytest.mark.parametrize(("operator", "n_reached"), [("SVDF", 1_000), ("CONV_2D", 2_000)])
def test_an_arena_that_keeps_a_state_is_shared_with_none(
    operator: str, n_reached: int, tmp_path: Path
) -> None:
    """What wake remembers between inferences would be lost in vision's arena."""
    uses = (OperatorUse(f"tflite:{operator}", 1, (DType.INT8,), (), 1),)
    changed = replace(WAKE, facts=replace(WAKE.facts, operators=uses))
    group = replace(LARGE, reserves=Reserves(by_region={"RAM": 20 * KIB}))
    listen = replace(LISTEN, models=("wake",), minimum_accuracy=None)
    with EmbeddedStore.open(tmp_path / "graph") as own:
        fill(own)
        own.write(
            {
                model_iri(WAKE.sha256): model_to_triples(changed),
                operator_iri(f"tflite:{operator}"): operator_to_triples(f"tflite:{operator}"),
            }
        )
        found = plan(own, Fleet("pumps", (group,), (listen, LOOK)))
    assert sum(one.reached for one in found.coverage) == n_reached


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(
            Image,
            need=st.builds(
                Need,
                flash_bytes=st.integers(0, 40).map(lambda n: n * 1_008),
                arena_bytes=st.integers(0, 20).map(lambda n: n * 1_008),
                rest_bytes=st.integers(0, 5).map(lambda n: n * 1_008),
            ),
            has_own_ram=st.booleans(),
        ),
        max_size=4,
    ),
    st.integers(1, 128),
    st.lists(st.integers(1, 64), min_size=1, max_size=3),
)
def test_images_of_one_board_lie_side_by_side(
    images: list[Image], flash_kib: int, ram_kib: list[int]
) -> None:
    """Nothing that follows overlaps an image; what fits the largest regions together has slots."""
    flash = MemoryRegion("FLASH", RegionKind.FLASH, 0, flash_kib * KIB)
    ram = (
        MemoryRegion(f"R{n}", RegionKind.SRAM, 0x2000_0000 + (n << 20), size * KIB)
        for n, size in enumerate(ram_kib)
    )
    board = replace(made_up_board("b", "armv6-m", 1, 1), regions=(flash, *ram))
    placed = slots(board, images)
    steps = [-(-one.need.flash_bytes // KIB) * KIB for one in images]
    own = [-(-one.need.together_bytes // KIB) * KIB if one.has_own_ram else 0 for one in images]
    running = max([one.need.together_bytes for one in images if not one.has_own_ram], default=0)
    if sum(steps) <= flash_kib * KIB and sum(own) + running <= max(ram_kib) * KIB:
        assert len(placed) == len(images)
    taken = [
        (usable(region)[0], usable(region)[0] + slot.most_bytes[region.name])
        for slot in placed
        for region in slot.board.regions
        if slot.most_bytes.get(region.name)
    ]
    for (_, end), (start, _) in pairwise(sorted(taken)):
        assert end <= start


def test_models_of_one_board_are_images_that_are_proven_behind_each_other(
    store: EmbeddedStore,
) -> None:
    """What was linked for the whole board is the artifact of the first alone."""
    listen = replace(LISTEN, models=("wake",))
    found = plan(store, Fleet("pumps", (LARGE,), (LOOK, listen)))
    assert {one.model: one.reserves for one in found.assignments} == {
        "wake": (),
        "vision": (("FLASH", 60 * KIB),),
    }
    assert {one.build for one in found.assignments} == {
        "fitgraph build wake --board large",
        f"fitgraph build vision --board large --reserve FLASH={60 * KIB}",
    }


def test_accuracies_of_other_metrics_are_not_compared(tmp_path: Path) -> None:
    """wake-large has a figure of top-1 alone, wake of both."""
    made = Variant(WAKE.sha256, WAKE_LARGE.sha256, "pruned", None, "top-1, 10 words", 0.95, 0.9)
    judged = Variant(VISION.sha256, WAKE.sha256, "tuned", None, "F1", 0.99, 0.98)
    with EmbeddedStore.open(tmp_path / "graph") as own:
        fill(own)
        own.write(
            {variant_iri(one.model_sha256): variant_to_triples(one) for one in (made, judged)}
        )
        for metric, model, words in (
            ("top-1", "wake-large", "accuracies of F1 are not compared with top-1, 10 words"),
            ("F1", "wake", "accuracies of top-1, 10 words are not compared with F1"),
            ("", None, "they are of F1 and top-1, 10 words"),
            ("ROC AUC", None, "F1 and top-1, 10 words, not of ROC AUC"),
        ):
            demand = replace(LISTEN, metric=metric)
            found = plan(own, Fleet("pumps", (LARGE,), (demand,)))
            assert [one.model for one in found.assignments] == ([model] if model else [])
            said = [*found.notes, *(one.reason for one in found.exclusions)]
            assert any(words in one for one in said), said
            assert {one.metric for one in found.assignments} <= {"F1", "top-1, 10 words"}


def test_no_more_devices_are_reached_than_are_wanted(store: EmbeddedStore) -> None:
    found = plan(store, Fleet("pumps", (SMALL, LARGE), (replace(LISTEN, share=0.1),)))
    (coverage,) = found.coverage
    assert (coverage.n_devices, coverage.wanted, coverage.reached) == (1_100, 110, 110)
    elsewhere = replace(LISTEN, where="plant-2")
    assert plan(store, Fleet("pumps", (LARGE,), (elsewhere,))).assignments == ()


@pytest.mark.parametrize(
    ("group", "demand", "words", "helps"),
    [
        (SMALL, LOOK, "vision is the nearest: unknown", "footprint"),
        (
            replace(LARGE, reserves=Reserves(by_region={"FLASH": 200 * KIB})),
            LOOK,
            "90,112 B short",
            "90,112 B more flash FLASH",
        ),
        (LARGE, replace(LISTEN, minimum_accuracy=0.99), "the best has 0.95", "--test"),
        (LARGE, replace(LOOK, models=(), task="smell"), "no model does the task", "name models"),
        (
            LARGE,
            replace(LOOK, asked=Demand(sensors=(Sensor("camera"),))),
            "camera wanted",
            "--mounted camera",
        ),
        (LARGE, replace(LOOK, asked=Demand(deadline_ms=5)), "5 ms allowed", "measure it"),
    ],
)
def test_devices_that_are_left_out_have_a_reason_and_what_would_help(
    store: EmbeddedStore, group: DeviceGroup, demand: FleetDemand, words: str, helps: str
) -> None:
    found = plan(store, Fleet("pumps", (group,), (demand,)))
    (left,) = found.exclusions
    assert found.assignments == ()
    assert left.n_devices == group.count
    assert words in left.reason
    assert helps in left.would_help


def test_what_is_mounted_counts(store: EmbeddedStore) -> None:
    group = replace(LARGE, mounted=(Sensor("camera"),))
    demand = replace(LOOK, asked=Demand(sensors=(Sensor("camera"),)))
    assert plan(store, Fleet("pumps", (group,), (demand,))).exclusions == ()


def test_likely_is_planned_only_if_it_is_accepted(store: EmbeddedStore) -> None:
    fleet = Fleet("pumps", (replace(SMALL, board="large"),), (LOOK,))
    assert [one.verdict for one in plan(store, fleet).assignments] == [Verdict.FITS]
    guess = replace(fleet, runtime="fitgraph-c", accept=Verdict.LIKELY)
    assert [one.verdict for one in plan(store, guess).assignments] == [Verdict.FITS]


def test_an_unknown_board_model_or_region_is_named(store: EmbeddedStore) -> None:
    for group, demand in (
        (replace(LARGE, board="larg"), LISTEN),
        (LARGE, replace(LISTEN, models=("wak",))),
    ):
        with pytest.raises(NotFoundError) as caught:
            plan(store, Fleet("pumps", (group,), (demand,)))
        assert caught.value.hint
    reserve = Reserves(by_region={"RAMM": 1})
    with pytest.raises(InvalidDemandError, match="no memory region 'RAMM'"):
        plan(store, Fleet("pumps", (replace(LARGE, reserves=reserve),), (LISTEN,)))


def test_the_order_of_groups_and_demands_changes_no_count(store: EmbeddedStore) -> None:
    fleet = Fleet("pumps", (SMALL, LARGE), (LISTEN, LOOK))
    turned = replace(fleet, groups=fleet.groups[::-1], demands=fleet.demands[::-1])
    one, other = plan(store, fleet), plan(store, turned)
    assert set(one.coverage) == set(other.coverage)
    assert set(one.assignments) == set(other.assignments)


@settings(max_examples=100)
@given(
    st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
    st.lists(st.floats(0.001, 0.999), max_size=4, unique=True),
)
def test_waves_reach_every_device_once_and_begin_with_the_smallest_step(
    counts: list[int], shares: list[float]
) -> None:
    assignments = [
        Assignment(f"g{n}", "d", "b", count, "m", "a" * 64, "r", Verdict.FITS, None, 0, 0, None, "")
        for n, count in enumerate(counts)
    ]
    found = waves(assignments, (*sorted(shares), 1.0))
    assert [one.number for one in found] == list(range(len(found)))
    assert sum(one.n_devices for one in found) == sum(counts)
    assert [one.is_canary for one in found][1:] == [False] * (len(found) - 1)
    assert all(part.n_devices > 0 for one in found for part in one.parts)
