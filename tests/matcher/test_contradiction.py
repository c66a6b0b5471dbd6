"""Where sources contradict each other, a fit rests on the least, and a time on all clocks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.matcher import columns
from fitgraph.matcher.contradiction import clocks_hz
from fitgraph.matcher.decide import decide
from fitgraph.matcher.demand import Demand
from fitgraph.matcher.demanded import demanded
from fitgraph.matcher.facts import InstructionCount, ModelNeeds
from fitgraph.matcher.latency.timing import CalibratedTiming
from fitgraph.matcher.latency.work import Work
from fitgraph.matcher.verdict import Constraint, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.claim import Claim, ClaimStatus
from tests.support.made_up_boards import KIB, board, flash, sram
from tests.support.made_up_graph import FOOTPRINTS, ISA, RUNTIME, WAKE_LARGE

MODEL = ModelNeeds("wake-large", WAKE_LARGE.sha256)
TAKES = [one for one in FOOTPRINTS if one.model_sha256 == WAKE_LARGE.sha256]
BOARD = board(ISA, flash(512 * KIB), sram(128 * KIB))


def says(of: Board, name: str, n_bytes: int) -> Board:
    """The board with one more source."""
    claim = Claim(name, n_bytes, ClaimStatus.SOURCED, ("another",))
    return replace(of, claims=(*of.claims, claim))


@pytest.mark.parametrize(
    ("name", "n_bytes", "verdict"),
    [
        ("sramBytes", 128 * KIB, Verdict.FITS),
        ("sramBytes", 40 * KIB, Verdict.FITS),
        ("sramBytes", 40 * KIB - 1, Verdict.LIKELY),
        ("flashBytes", 200 * KIB, Verdict.FITS),
        ("flashBytes", 199 * KIB, Verdict.LIKELY),
        ("clockHz", 1, Verdict.FITS),
    ],
)
def test_nothing_fits_by_the_larger_of_two_figures(
    name: str, n_bytes: int, verdict: Verdict
) -> None:
    """wake-large takes 40 KiB of RAM and 200 KiB of flash."""
    found = decide(MODEL, says(BOARD, name, n_bytes), RUNTIME, TAKES)
    assert found.verdict is verdict
    said = "; ".join(one.message for one in found.constraints)
    is_disputed = name != "clockHz" and n_bytes != 128 * KIB
    assert ("sources contradict each other" in said) is is_disputed
    assert (f"{n_bytes:,} B by another" in said) is is_disputed


def test_regions_that_are_more_than_all_are_not_used_together() -> None:
    """Arena and rest would fit two regions, which together are more than a source says."""
    one, other = (
        sram(40 * KIB - 512),
        replace(sram(16 * KIB), name="RAM2", base_address=0x3000_0000),
    )
    split = replace(BOARD, regions=(flash(512 * KIB), one, other))
    assert decide(MODEL, split, RUNTIME, TAKES).verdict is Verdict.FITS
    disputed = says(split, "sramBytes", 48 * KIB)
    assert decide(MODEL, disputed, RUNTIME, TAKES).verdict is Verdict.LIKELY


def timed(of: Board, deadline_ms: float) -> Constraint:
    """The deadline of a model of 2 million instructions, two of which a core may end in a cycle."""
    counts = [InstructionCount(ISA, 2_000_000, "urn:proof")]
    (found,) = demanded(MODEL, of, "fitgraph-c", Demand(deadline_ms=deadline_ms), counts)
    return found


def test_a_deadline_is_missed_only_by_the_fastest_clock_that_a_source_tells() -> None:
    """10 ms at 100 MHz, 5 ms at 200 MHz."""
    slow = replace(BOARD, clock_hz=100_000_000)
    assert timed(slow, 7).satisfied is False
    disputed = says(slow, "clockHz", 200_000_000)
    found = timed(disputed, 7)
    assert found.satisfied is None
    assert "sources contradict each other: 100 MHz, 200 MHz by another" in found.message
    assert timed(disputed, 4).satisfied is False
    assert "contradict" not in timed(slow, 4).message


def test_an_estimate_spans_the_clocks_of_all_sources() -> None:
    slow, fast = (replace(BOARD, clock_hz=hz) for hz in (100_000_000, 200_000_000))
    timing = CalibratedTiming(lambda _model, _runtime: Work(other=1_000_000))
    told = [timing.latency_ms(MODEL, one, "tflm") for one in (slow, fast)]
    both = timing.latency_ms(MODEL, says(slow, "clockHz", 200_000_000), "tflm")
    assert both is not None
    assert told[0] is not None
    assert told[1] is not None
    assert (both.low, both.high) == (told[1].low, told[0].high)


def test_other_clocks_of_a_board_are_read_with_it(tmp_path: Path) -> None:
    said = (
        Claim("clockHz", 64_000_000, ClaimStatus.SOURCED, ("a",)),
        Claim("clockHz", 80_000_000, ClaimStatus.DERIVED, ("b",)),
    )
    disputed = replace(BOARD, clock_hz=64_000_000, claims=said)
    with open_registry(tmp_path / "registry") as registry:
        registry.add_board(disputed)
        (found,) = columns.boards(registry.store)
    assert clocks_hz(found) == (64_000_000, 80_000_000)
    assert found.claims == said[1:]
