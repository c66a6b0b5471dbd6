"""Latency and energy on the command line: intervals, and what a deadline makes of them."""

from __future__ import annotations

import pytest

from tests.support.command import Command

BOARD = "bbc-microbit-v1"


def test_explain_tells_both_intervals_with_what_they_rest_on(digits: Command) -> None:
    """Never a bare number: two ends, an evidence and a source."""
    told = digits("explain", "digits-int8", BOARD, "--quick", "--json").json
    for name in ("latency_ms", "energy_uj"):
        interval = told[name]
        assert 0 < interval["low"] < interval["high"]
        assert interval["evidence"] == "estimate"
        assert "MLPerf Tiny" in interval["source"]
    done = digits("explain", "digits-int8", BOARD, "--quick")
    assert "latency: " in done.out
    assert "energy: " in done.out


@pytest.mark.parametrize(
    ("place", "held"),
    [
        ("above", (True, "likely")),
        ("within", (None, "unknown")),
        ("below", (None, "unknown")),
    ],
)
def test_an_estimate_within_the_deadline_is_likely_at_best(
    digits: Command, place: str, held: tuple[bool | None, str]
) -> None:
    """A pair that fits by memory is likely with a wide deadline, and open with any other."""
    told = digits("explain", "digits-int8", BOARD, "--quick", "--json").json["latency_ms"]
    low, high = told["low"], told["high"]
    deadline = {"above": high * 2, "within": (low + high) / 2, "below": low / 2}[place]
    (found,) = digits(
        "match", "digits-int8", "--board", BOARD, "--deadline-ms", str(deadline), "--json"
    ).json
    (constraint,) = [one for one in found["constraints"] if one["name"] == "deadline"]
    assert constraint["evidence"] == "estimate"
    assert (constraint["satisfied"], found["verdict"]) == held


def test_ranking_by_latency_puts_the_fastest_first(digits: Command) -> None:
    """The upper end counts; what is not known comes last."""
    found = digits("match", "digits-int8", "--only", "fits", "--rank-by", "latency", "--json").json
    boards = [one["board"] for one in (found[0], found[-1])]
    first, last = (
        digits("explain", "digits-int8", board, "--quick", "--json").json["latency_ms"]
        for board in boards
    )
    assert last is None or first["high"] <= last["high"]
