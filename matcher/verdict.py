"""What the matcher answers: verdicts, and the constraints that they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fitgraph.registry.footprint import Evidence


class Verdict(StrEnum):
    """The answer for one model on one board under one runtime, best first."""

    FITS = "fits"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    NO = "no"


#: Evidence that shows a constraint; everything weaker only suggests it.
PROVEN = frozenset({Evidence.MEASURED, Evidence.BOUND})


@dataclass(frozen=True, slots=True)
class Constraint:
    """One requirement held against one capability.

    Attributes:
        name: ``operators``, ``isa_class``, ``flash`` and ``sram``; ``number_format`` for a model
            that computes floats; and what was demanded: ``sensors``, ``input``, ``deadline``,
            ``energy``, ``policy``.
        required: how much of ``unit`` is needed; None where that is not known.
        available: how much of ``unit`` there is; None where that is not known.
        margin: what is left; negative is what is short; None where it cannot be said.
        unit: ``B``, ``operators``, ``ISA class``, ``ms``, ...: what the figures count, whole
            numbers but for time and energy.
        evidence: how ``required`` is known.
        satisfied: None where the facts do not decide it.
        sources: IRIs or titles that the figures come from.
        message: one sentence that says the same in words.
        hint: what would decide or mend it, or an empty string.
        region: the memory region that decides, or an empty string.
    """

    name: str
    required: float | None
    available: float | None
    margin: float | None
    unit: str
    evidence: Evidence
    satisfied: bool | None
    sources: tuple[str, ...]
    message: str
    hint: str = ""
    region: str = ""

    @property
    def is_proven(self) -> bool:
        """Whether the constraint holds by a measurement or a bound."""
        return self.satisfied is True and self.evidence in PROVEN


def missing(name: str, unit: str, message: str, available: int | None = None) -> Constraint:
    """A constraint that no fact decides."""
    return Constraint(
        name=name,
        required=None,
        available=available,
        margin=None,
        unit=unit,
        evidence=Evidence.MISSING,
        satisfied=None,
        sources=(),
        message=message,
    )


def only_known(*sources: str) -> tuple[str, ...]:
    """Those sources that are known: an empty string stands for one that is not."""
    return tuple(source for source in sources if source)


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict on one model, board and runtime.

    Attributes:
        model: the model's name in the registry.
        board: the board's id.
        runtime: the runtime's name.
        constraints: in the order operators, ISA class, flash, SRAM, then what else applies.
        notes: what was asked and means nothing here, in sentences.
    """

    model: str
    board: str
    runtime: str
    verdict: Verdict
    constraints: tuple[Constraint, ...]
    notes: tuple[str, ...] = ()

    def constraint(self, name: str) -> Constraint:
        """The constraint of that name.

        Raises:
            ValueError: the match has no such constraint.
        """
        for constraint in self.constraints:
            if constraint.name == name:
                return constraint
        raise ValueError(f"no constraint {name!r} in {self.model} on {self.board}")

    @property
    def evidence(self) -> Evidence:
        """How the verdict is known.

        One fact is enough for a ``no``, so its strongest counts; for the others the weakest.
        """
        known = [c.evidence for c in self.constraints if _decides(c, self.verdict)]
        ranked = sorted(known, key=list(Evidence).index) or [Evidence.MISSING]
        return ranked[0 if self.verdict is Verdict.NO else -1]


def _decides(constraint: Constraint, verdict: Verdict) -> bool:
    if verdict is Verdict.NO:
        return constraint.satisfied is False
    if verdict is Verdict.UNKNOWN:
        return constraint.satisfied is None
    return True
