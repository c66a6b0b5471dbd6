"""Constraints on time and energy: intervals with their evidence against a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from fitgraph.matcher.contradiction import clocks_hz
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.verdict import Constraint
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence

# Cores whose pipeline ends one instruction in a cycle. Of the others, Cortex-M3 and M4 fold an IT
# into the instruction before it, and M7, M33, M55 and M85 issue two at once (Arm's technical
# reference manuals, "Instruction timing"); RISC-V cores and others are taken as two.
_ONE_PER_CYCLE: Final = frozenset({"armv6-m", "armv8-m.base"})
_MOST_PER_CYCLE: Final = 2


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between two figures; never a bare number.

    Attributes:
        low: at least so much.
        high: at most so much; None where nothing says.
        evidence: ``bound`` where neither can be passed, ``estimate`` of a calibrated model,
            ``measured`` on a device.
        source: what it comes from.
        low_is_bound: whether ``low`` cannot be passed, whatever the evidence of ``high``.
    """

    low: float
    high: float | None
    evidence: Evidence
    source: str
    low_is_bound: bool = False

    def words(self, unit: str) -> str:
        """Both ends with their unit."""
        if self.high is None:
            return f"at least {self.low:.4g} {unit}"
        return f"{self.low:.4g} to {self.high:.4g} {unit}"


class Timing(Protocol):
    """Somebody who tells time and energy of an inference; handed in from the room that can."""

    def latency_ms(self, model: ModelNeeds, board: Board, runtime: str) -> Interval | None:
        """Milliseconds of an inference; None where nothing is known."""
        ...

    def energy_uj(self, model: ModelNeeds, board: Board, runtime: str) -> Interval | None:
        """Microjoules of an inference; None where nothing is known."""
        ...


def latency_of_instructions(instructions: int, board: Board, source: str) -> Interval | None:
    """What a count of instructions says of the time: no core ends more than two in a cycle.

    Where sources contradict each other on the clock, the fastest counts.

    Args:
        instructions: of one inference, counted in an emulator, of code for the board's ISA class.
        source: of the count.
    """
    clocks = clocks_hz(board)
    if clocks is None or board.isa_class is None:
        return None
    per_cycle = 1 if board.isa_class in _ONE_PER_CYCLE else _MOST_PER_CYCLE
    low = instructions / per_cycle / clocks[1] * 1e3
    return Interval(low, None, Evidence.BOUND, source, low_is_bound=True)


def deadline(limit_ms: float, latency: Interval | None) -> Constraint:
    """Whether an inference ends in time."""
    hint = "measure it on the device: an estimate or a count of instructions cannot settle it"
    return _within("deadline", "ms", limit_ms, latency, "an inference takes", hint)


def energy(limit_uj: float, needed: Interval | None) -> Constraint:
    """Whether an inference takes no more energy than there is."""
    hint = "measure it on the device: no figure of its energy is known"
    return _within("energy", "uJ", limit_uj, needed, "an inference takes", hint)


def _within(
    name: str, unit: str, limit: float, needed: Interval | None, what: str, hint: str
) -> Constraint:
    if needed is None:
        message = f"nothing is known of how many {unit} {what}; {limit:g} {unit} allowed"
        return Constraint(name, None, limit, None, unit, Evidence.MISSING, None, (), message, hint)
    satisfied = _decided(limit, needed)
    high = (
        f"and at most {needed.high:.4g}" if needed.high is not None else "and nobody says at most"
    )
    decisive = needed.low if satisfied is False or needed.high is None else needed.high
    is_bound = satisfied is False and needed.low_is_bound
    return Constraint(
        name=name,
        required=decisive,
        available=limit,
        margin=limit - decisive,
        unit=unit,
        evidence=Evidence.BOUND if is_bound else needed.evidence,
        satisfied=satisfied,
        sources=(needed.source,) if needed.source else (),
        message=f"{what} at least {needed.low:.4g} {unit} {high}; {limit:g} allowed",
        hint="" if satisfied is not None else hint,
    )


def _decided(limit: float, needed: Interval) -> bool | None:
    """True only where all of the interval is within; False only where a bound or all is above."""
    if needed.low > limit:
        is_sure = needed.low_is_bound or needed.evidence is not Evidence.ESTIMATE
        return False if is_sure else None
    return True if needed.high is not None and needed.high <= limit else None
