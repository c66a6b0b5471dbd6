"""A few turns at once, then one now and then."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fitgraph.api.server.pace import Pace


def test_turns_come_at_once_until_the_bucket_is_empty() -> None:
    pace = Pace(3, 2.0)
    assert [pace.take(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 2.0, 4.0]


def test_the_bucket_fills_up_again_and_no_further() -> None:
    pace = Pace(2, 1.0)
    assert [pace.take(0.0), pace.take(0.0)] == [0.0, 0.0]
    assert pace.take(1.0) == 0.0
    assert [pace.take(1000.0) for _ in range(3)] == [0.0, 0.0, 1.0]


@given(
    burst=st.integers(1, 5),
    pauses=st.lists(st.sampled_from([0.0, 0.5, 1.0, 4.0]), min_size=8, max_size=40),
)
def test_no_stretch_of_time_has_more_turns_than_it_may(burst: int, pauses: list[float]) -> None:
    pace, now, turns = Pace(burst, 1.0), 0.0, []
    for pause in pauses:
        now += pause
        now += pace.take(now)
        turns.append(now)
    assert all(before <= after for before, after in pairwise(turns))
    for first, begin in enumerate(turns):
        for last in range(first, len(turns)):
            assert last - first + 1 <= burst + (turns[last] - begin) + 1e-6
