"""Why a model does not run on a board, in numbers, and what would make it run: frozen results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fitgraph.matcher.verdict import Match


class RemedyKind(StrEnum):
    """What a remedy changes; the names of the vocabulary."""

    SMALLER_RESERVE = "smaller reserve"
    QUANTIZATION = "quantization"
    PACKED_WEIGHTS = "packed weights"
    PATCH_EXECUTION = "patch-wise execution"
    PRUNING = "pruning"
    EXTERNAL_WEIGHTS = "weights in external flash"
    ANOTHER_RUNTIME = "another runtime"
    ANOTHER_BOARD = "another board"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A constraint that is violated, or would be by the figure that is known.

    Attributes:
        constraint: its name.
        short: how much is lacking, in ``unit``.
        region: memory region, or an empty string.
        is_shown: whether a fact shows it; False where an estimate does.
        message: one sentence with these figures.
    """

    constraint: str
    short: float
    unit: str
    region: str
    is_shown: bool
    message: str


@dataclass(frozen=True, slots=True)
class LiveTensor:
    """A value that is alive where memory peaks."""

    name: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Bytes that are alive while one operator runs."""

    operator: str
    live_bytes: int


@dataclass(frozen=True, slots=True)
class Peak:
    """Where memory peaks.

    Attributes:
        operator: that runs then: ``CONV_2D #3``.
        live_bytes: of all values that are alive then.
        arena_bytes: of the whole plan, in which outputs may lie over inputs.
        tensors: that are alive then, largest first.
        timeline: all operators in the order in which they run.
    """

    operator: str
    live_bytes: int
    arena_bytes: int
    tensors: tuple[LiveTensor, ...]
    timeline: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change after which the model runs on the board, or on another.

    Attributes:
        words: what to do and what it gives, in one sentence.
        command: that does it.
        match: the verdict afterwards, ``fits`` or ``likely``.
        saved_bytes: in the region that is short; None where that says nothing.
    """

    kind: RemedyKind
    words: str
    command: str
    match: Match
    saved_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A match with its reasons.

    Attributes:
        shortfalls: what is lacking, what is shown first.
        peak: where memory peaks; None where the compiler cannot be asked.
        remedies: best verdict first, the least change first among equals.
    """

    match: Match
    shortfalls: tuple[Shortfall, ...]
    peak: Peak | None
    remedies: tuple[Remedy, ...]
