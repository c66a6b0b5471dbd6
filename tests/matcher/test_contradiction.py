"""Where sources contradict each other on memory, a fit rests on the least that they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fitgraph.matcher.decide import decide
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board
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
