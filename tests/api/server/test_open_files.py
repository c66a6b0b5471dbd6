"""Open files of the server's process, of which streams of events leave some to everybody else."""

from __future__ import annotations

import pytest

from fitgraph.api.server.open_files import streams_within


@pytest.mark.parametrize(
    ("wanted", "soft", "hard", "found"),
    [
        (1_000, 1_024, 20_000, (2_024, 1_000)),
        (1_000, 20_000, 20_000, (20_000, 1_000)),
        (10_000, 1_024, 1_048_576, (11_024, 10_000)),
        (10_000, 1_024, -1, (11_024, 10_000)),
        (10_000, -1, -1, (-1, 10_000)),
        (10_000, 4_096, 4_096, (4_096, 3_072)),
        (1_000, 1_024, 1_024, (1_024, 256)),
        (1_000, 256, 256, (256, 64)),
        (8, 1_024, 1_024, (1_024, 8)),
    ],
)
def test_streams_leave_files_for_everything_else(
    wanted: int, soft: int, hard: int, found: tuple[int, int]
) -> None:
    assert streams_within(wanted, soft, hard) == found
