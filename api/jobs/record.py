"""What is known of a job: a frozen record, and back and forth to JSON."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

#: What a job tells of itself is numbers and texts.
Told = Mapping[str, Any]


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What a job does."""

    BUILD = "build"
    VARIANT = "variant"
    VERIFICATION = "verification"


#: No job leaves one of these.
ENDED: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes:
        id: begins with the time, so that ids rise.
        model: name of the model that it is about.
        board: id of the board, or the ISA class, or an empty string.
        runtime: that is built for, or an empty string.
        package: kind of package, or an empty string.
        who: name of the token that asked for it.
        stage: what is being done, or was done last.
        stages_done: of ``stages``.
        attempts: how often it was begun.
        artifact_sha256: digest of what was delivered, or an empty string.
        proof: key of the proof in the graph, or an empty string.
        order: all that was asked for, but data.
        cause: what a change to the graph is noted with, besides ``who``.
        result: what came of it, once it is done.
        error: why it failed: a problem document.
    """

    id: str
    kind: Kind
    state: State
    model: str
    board: str = ""
    runtime: str = ""
    package: str = ""
    who: str = ""
    stage: str = ""
    stages_done: int = 0
    stages: int = 0
    queued_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    attempts: int = 0
    artifact_sha256: str = ""
    proof: str = ""
    order: Told = field(default_factory=dict)
    cause: Told = field(default_factory=dict)
    result: Told | None = None
    error: Told | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED


def new_id() -> str:
    """An id that no other job has, larger than all that were given before this millisecond."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}"


def now() -> str:
    """The time in UTC (ISO 8601), to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def to_plain(job: Job) -> dict[str, Any]:
    """A job as JSON has it."""
    return asdict(job)


def from_plain(said: Mapping[str, Any]) -> Job:
    """A job as it was written."""
    return Job(**{**said, "kind": Kind(said["kind"]), "state": State(said["state"])})
