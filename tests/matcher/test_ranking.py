"""The Pareto front holds what nothing beats, whatever the order of input."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.columns import price_classes
from fitgraph.matcher.ranking import Axis, Ranked, in_rank_order, pareto_front, ranked
from fitgraph.matcher.timing import Interval
from fitgraph.matcher.verdict import Constraint, Match, Verdict
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.footprint import Evidence

figures = st.dictionaries(st.sampled_from(list(Axis)), st.integers(0, 3), max_size=4)
verdicts = st.sampled_from(list(Verdict))


@st.composite
def candidates(draw: st.DrawFn) -> list[Ranked]:
    return [
        Ranked(Match(f"m{number}", "board", "fitgraph-c", draw(verdicts), ()), draw(figures))
        for number in range(draw(st.integers(0, 8)))
    ]


def beats(one: Ranked, other: Ranked) -> bool:
    """As the definition has it, axis by axis."""
    if set(one.figures) != set(other.figures):
        return False
    order = list(Verdict)
    pairs: list[tuple[float, float]] = [
        (order.index(one.match.verdict), order.index(other.match.verdict))
    ]
    for axis in one.figures:
        sign = -1 if axis is Axis.ACCURACY else 1
        pairs.append((sign * one.figures[axis], sign * other.figures[axis]))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


@given(candidates())
def test_the_front_holds_exactly_what_nothing_beats(found: list[Ranked]) -> None:
    front = pareto_front(found)
    for one in found:
        assert (one in front) is not any(beats(other, one) for other in found)


@given(candidates(), st.integers(), st.lists(st.sampled_from(list(Axis)), max_size=3))
def test_the_order_of_input_never_counts(found: list[Ranked], seed: int, by: list[Axis]) -> None:
    shuffled = random.Random(seed).sample(found, len(found))
    assert pareto_front(shuffled) == pareto_front(found)
    assert in_rank_order(shuffled, by) == in_rank_order(found, by)


def test_what_is_not_known_comes_last_and_is_never_passed_over() -> None:
    match = Match("a", "board", "fitgraph-c", Verdict.FITS, ())
    known, silent = Ranked(match, {Axis.PRICE: 3}), Ranked(match, {})
    assert in_rank_order([silent, known], [Axis.PRICE]) == (known, silent)
    assert set(map(id, pareto_front([silent, known]))) == {id(known), id(silent)}


def test_figures_come_from_constraints_and_the_upper_ends_of_intervals() -> None:
    sram = Constraint(
        "sram", 4096, 8192, 4096, "B", Evidence.MEASURED, satisfied=True, sources=(), message=""
    )
    match = Match("a", "board", "fitgraph-c", Verdict.FITS, (sram,))
    open_ended = Interval(1.0, None, Evidence.BOUND, "proof", low_is_bound=True)
    found = ranked(match, 0.97, Interval(2.0, 3.0, Evidence.ESTIMATE, "model"), open_ended, 2)
    assert found.figures == {
        Axis.ACCURACY: 0.97, Axis.SRAM: 4096, Axis.LATENCY: 3.0, Axis.PRICE: 2,
    }  # fmt: skip


def test_price_classes_are_those_that_board_files_tell_with_their_source(tmp_path: Path) -> None:
    with open_registry(tmp_path / "registry") as registry:
        registry.add_boards(builtin_boards())
        found = price_classes(registry.store)
    assert found["raspberry-pi-pico"] == 1
    assert "nrf52840-dk" not in found
