"""`fits` rests on sourced facts of a board; what is guessed or unchecked suggests at best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.decide import decide
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board, McuLink
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.runtime import Runtime
from tests.matcher.test_decide import (
    BOARD,
    MEASURED,
    MODEL,
    RUNTIME,
    answers,
    boards,
    known,
    models,
    runtimes,
)

Change = Callable[[Board], Board]


def with_regions(**changes: object) -> Change:
    return lambda board: replace(
        board,
        regions=tuple(replace(region, **changes) for region in board.regions),  # type: ignore[arg-type]
    )


DOUBTS: dict[str, Change] = {
    "no address is known": with_regions(base_address=None),
    "sizes are derived": with_regions(status=ClaimStatus.DERIVED),
    "sizes are unchecked": with_regions(status=ClaimStatus.UNCHECKED),
    "the part is a guess": lambda b: replace(b, mcu_link=McuLink("nrf52840", is_exact=False)),
    "the core is derived": lambda b: replace(b, isa_status=ClaimStatus.DERIVED),
}


def test_the_board_that_doubts_are_cast_on_fits() -> None:
    assert decide(MODEL, BOARD, RUNTIME, [MEASURED], None).verdict is Verdict.FITS


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubt_leaves_a_likely_fit_and_says_why(doubt: str) -> None:
    match = decide(MODEL, DOUBTS[doubt](BOARD), RUNTIME, [MEASURED], None)
    assert match.verdict is Verdict.LIKELY
    assert any(
        word in constraint.message
        for constraint in match.constraints
        for word in ("not known", "derived", "not checked", "guess")
    )


def test_a_board_whose_core_is_not_known_gives_unknown() -> None:
    match = decide(MODEL, replace(BOARD, isa_class=None), RUNTIME, [MEASURED], None)
    assert match.verdict is Verdict.UNKNOWN


@given(models, boards, runtimes, known, answers, st.sampled_from(sorted(DOUBTS)))
def test_nothing_fits_a_board_in_doubt(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    found: list[Footprint],
    answer: CompilerAnswer | None,
    doubt: str,
) -> None:
    match = decide(model, DOUBTS[doubt](board), runtime, found, answer)
    assert match.verdict is not Verdict.FITS
