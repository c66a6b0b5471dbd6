"""A match that is to be mended, and what every remedy asks of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fitgraph.matcher.decide import OWN_RUNTIME, TOLD_HERE, decide
from fitgraph.matcher.demanded import demanded
from fitgraph.matcher.explanation import Remedy, RemedyKind
from fitgraph.matcher.facts import Compiler, ModelNeeds
from fitgraph.matcher.match import Known, Question
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.matcher.workshop import Tried, Workshop
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store_base import Store

#: What a remedy has to lead to.
GOOD: Final = (Verdict.FITS, Verdict.LIKELY)


@dataclass(frozen=True, slots=True)
class Case:
    """A match that is to be mended, and all that may help.

    Attributes:
        board: as the question leaves it: with its reserves.
        boards: all others, likewise.
        known: footprints and the like of the model under the runtime.
        prices: price classes by the id of the board.
    """

    store: Store
    model: ModelNeeds
    board: Board
    boards: tuple[Board, ...]
    runtime: Runtime
    known: Known
    compiler: Compiler | None
    question: Question
    match: Match
    workshop: Workshop | None
    prices: Mapping[str, int]

    def is_short(self, *names: str) -> bool:
        """Whether one of these constraints keeps the verdict from being better."""
        return any(
            one.name in names and one.satisfied is not True for one in self.match.constraints
        )

    def judged(
        self,
        footprints: Iterable[Footprint],
        *,
        model: ModelNeeds | None = None,
        board: Board | None = None,
        runtime: Runtime | None = None,
    ) -> Match:
        """The match after a change; what is not given stays."""
        model, board, runtime = model or self.model, board or self.board, runtime or self.runtime
        question = self.question
        counts = self.known.counts.get(model.sha256, ())
        others = demanded(model, board, runtime.name, question.demand, counts, question.timing)
        return decide(model, board, runtime, footprints, others=others)

    @property
    def called(self) -> str:
        """The model's name, as a shell takes it."""
        return shlex.quote(self.model.name)

    @property
    def footprints(self) -> tuple[Footprint, ...]:
        """Of the model under the runtime."""
        return tuple(self.known.footprints.get(self.model.sha256, ()))


def with_measurement(case: Case) -> Case:
    """The case once a footprint is told that was not known, where it can be."""
    if is_known_for(case.footprints, case.board):
        return case
    found = [one.footprint for one in told(case, case.runtime.name, case.board)]
    if not found:
        return case
    footprints = (*case.footprints, *found)
    known = replace(case.known, footprints={case.model.sha256: footprints})
    return replace(case, known=known, match=case.judged(footprints))


def offered(case: Case, kind: RemedyKind, tried: Tried) -> list[Remedy]:
    """What was tried, if it makes the model run; else nothing."""
    found = case.judged([tried.footprint], model=tried.model)
    if found.verdict not in GOOD:
        return []
    command = tried.command.format(board=case.board.board_id)
    words = f"{tried.words}: {figures(found)}"
    return [Remedy(kind, words, command, found, _saved(case.match, found))]


def told(case: Case, runtime: str, board: Board) -> Iterator[Tried]:
    """The model as it is under a runtime that footprints are told of here, at most one."""
    if case.workshop is None or runtime not in TOLD_HERE or board.isa_class is None:
        return
    tried = case.workshop.under(case.model, runtime, board.isa_class)
    if tried is not None:
        yield tried


def is_known_for(footprints: Iterable[Footprint], board: Board) -> bool:
    """Whether one of them tells what a build for the board would."""
    return any(
        one.isa_class == board.isa_class
        and (one.evidence is Evidence.MEASURED or one.runtime != OWN_RUNTIME)
        for one in footprints
    )


def figures(found: Match) -> str:
    """The verdict and what it takes."""
    flash, sram = found.constraint("flash"), found.constraint("sram")
    return (
        f"{found.verdict}, {flash.required or 0:,.0f} B of flash and "
        f"{sram.required or 0:,.0f} B of SRAM"
    )


def _saved(before: Match, after: Match) -> int | None:
    """Bytes less in the regions that were short; None where that is not known."""
    names = [
        one.name
        for one in before.constraints
        if one.unit == "B" and one.margin is not None and one.margin < 0
    ]
    saved = [
        int(had - has)
        for name in names
        if (had := before.constraint(name).required) is not None
        and (has := after.constraint(name).required) is not None
    ]
    return max(saved, default=None)
