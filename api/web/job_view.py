"""Jobs as pages show them: stages, log, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fitgraph.api.jobs.record import Job
from fitgraph.api.server.jobs import address, line


@dataclass(frozen=True, slots=True)
class JobView:
    """One job.

    Attributes:
        address: where it is.
        stages: names of those that have begun, in their order.
        lines: of its log.
        options: what was asked for besides model and board.
        seconds: that it took, or None.
    """

    job: Job
    address: str
    stages: tuple[str, ...]
    lines: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    seconds: float | None


def view_of(job: Job, events: list[dict[str, Any]] | None = None) -> JobView:
    """A job with what has happened to it."""
    told = events or []
    begun = [one["stage"] for one in told if one["event"] == "stage"]
    return JobView(
        job,
        address(job),
        tuple(dict.fromkeys(one for one in begun if one != "done")),
        tuple(map(line, told)),
        tuple(
            (name.replace("_", " "), str(value))
            for name, value in job.order.items()
            if name not in {"model", "board", "isa"}
        ),
        _seconds(job),
    )


def _seconds(job: Job) -> float | None:
    if not (job.started_at and job.ended_at):
        return None
    begun, ended = map(datetime.fromisoformat, (job.started_at, job.ended_at))
    return (ended - begun).total_seconds()
