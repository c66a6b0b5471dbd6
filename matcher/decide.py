"""From constraints to a verdict. Pure, and the only place where verdicts are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Final

from fitgraph.matcher.constraints import isa_class, operators
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds, Refusal
from fitgraph.matcher.memory_constraints import flash, sram
from fitgraph.matcher.number_format import number_format
from fitgraph.matcher.placement import place
from fitgraph.matcher.verdict import Constraint, Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.runtime import Runtime

OWN_RUNTIME: Final = "fitgraph-c"
#: Runtimes whose footprints `fitgraph footprint` tells.
TOLD_HERE: Final = (OWN_RUNTIME, "tflm", "tflm+cmsis-nn")

_STRENGTH = {evidence: rank for rank, evidence in enumerate(Evidence)}
_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}


def decide(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    footprints: Iterable[Footprint],
    answer: CompilerAnswer | None = None,
    others: Iterable[Constraint] = (),
    refusal: Refusal | None = None,
) -> Match:
    """Hold one model against one board under one runtime.

    Args:
        footprints: all that are known of this model under this runtime, for any ISA class.
        answer: of the runtime's compiler, if it could be asked.
        others: constraints that somebody demands besides.
        refusal: of the runtime's own interpreter, if it refused the model.
    """
    tried = [
        (one, _constraints(model, board, runtime, one, answer, refusal))
        for one in strongest_footprints(footprints, board) or (None,)
    ]
    footprint, own = min(tried, key=lambda one: _ORDER[combine(one[1])])
    found = (*own, *others)
    verdict = combine(found)
    if verdict in (Verdict.UNKNOWN, Verdict.LIKELY):
        is_measured = footprint is not None and footprint.is_measured_for(board.isa_class)
        found = tuple(
            _with_hint(constraint, model, board, runtime, is_measured=is_measured)
            for constraint in found
        )
    return Match(model.name, board.board_id, runtime.name, verdict, found)


def _constraints(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    footprint: Footprint | None,
    answer: CompilerAnswer | None,
    refusal: Refusal | None,
) -> tuple[Constraint, ...]:
    """What every pair is held against, going by one footprint or by none."""
    format_ = number_format(model, board)
    return (
        operators(model, runtime, footprint, answer, refusal),
        isa_class(board, runtime, footprint),
        flash(model, board, footprint, answer),
        sram(model, board, footprint, answer),
        *(() if format_ is None else (format_,)),
    )


def combine(found: Iterable[Constraint]) -> Verdict:
    """The verdict that the constraints allow.

    ``no`` if one is violated; ``fits`` if all are shown by a measurement or a bound; ``likely``
    if all hold, some by a weaker figure; else ``unknown``.
    """
    found = tuple(found)
    if any(constraint.satisfied is False for constraint in found):
        return Verdict.NO
    if not found or any(constraint.satisfied is None for constraint in found):
        return Verdict.UNKNOWN
    if all(constraint.is_proven for constraint in found):
        return Verdict.FITS
    return Verdict.LIKELY


def with_constraint(found: Match, constraint: Constraint) -> Match:
    """The match with a constraint in place of the one of its name, or after the others."""
    names = [one.name for one in found.constraints]
    kept = [constraint if one.name == constraint.name else one for one in found.constraints]
    changed = (*kept, *(() if constraint.name in names else (constraint,)))
    return replace(found, constraints=changed, verdict=combine(changed))


def strongest_footprints(footprints: Iterable[Footprint], board: Board) -> tuple[Footprint, ...]:
    """The footprints that say most about the board, the smallest first.

    Those of the board's own ISA class come before all others, then those of the strongest evidence.
    Of several the one with the best verdict counts: one build that fits is enough.
    """
    ranked = [
        ((one.isa_class != board.isa_class, _STRENGTH[one.evidence]), one) for one in footprints
    ]
    best = min((rank for rank, _ in ranked), default=None)
    return tuple(sorted((one for rank, one in ranked if rank == best), key=attrgetter("order")))


def best_footprint(footprints: Iterable[Footprint], board: Board) -> Footprint | None:
    """Of the strongest footprints the smallest that can be placed, else the smallest; see above."""
    strongest = strongest_footprints(footprints, board)
    placed = (one for one in strongest if place(one, board) is not None)
    return next(placed, next(iter(strongest), None))


def _with_hint(
    constraint: Constraint, model: ModelNeeds, board: Board, runtime: Runtime, *, is_measured: bool
) -> Constraint:
    """Say what would settle a constraint that is open or only suggested."""
    if constraint.is_proven or constraint.hint:
        return constraint
    if board.isa_class is None:
        hint = "add the board from a file that says its isa_class; see docs/boards.md"
        return replace(constraint, hint=hint) if constraint.name == "isa_class" else constraint
    if constraint.unit != "B" or constraint.available is None:
        return constraint
    if is_measured:
        hint = "add the board from a file with sourced regions; see docs/boards.md"
    elif constraint.evidence is Evidence.ESTIMATE and runtime.name != OWN_RUNTIME:
        hint = f"only a build shows it, and nothing here builds {runtime.name}"
    else:
        hint = how_to_measure(model.name, runtime.name, board.isa_class)
    return replace(constraint, hint=hint)


def how_to_measure(model: str, runtime: str, isa_class: str) -> str:
    """What tells the footprint of a model, or that nothing here does."""
    if runtime not in TOLD_HERE:
        return (
            f"nothing here tells what a model takes under {runtime}: a footprint measured or "
            f"declared elsewhere is missing; {' and '.join(TOLD_HERE)} are told here"
        )
    under = "" if runtime == OWN_RUNTIME else f" --runtime {runtime}"
    return f"run `fitgraph footprint {model} --isa {isa_class}{under}` to measure it"
