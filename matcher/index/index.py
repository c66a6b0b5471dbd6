"""The index of a graph: what fits what, at once, with reasons for those that are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from fitgraph.matcher.decide import decide
from fitgraph.matcher.demand import Reserves, notes_on, with_reserves
from fitgraph.matcher.facts import Compiler, CompilerAnswer, ModelNeeds
from fitgraph.matcher.index.columns_of import MOST, Ints
from fitgraph.matcher.index.facts import Facts, read_facts, refreshed, under
from fitgraph.matcher.index.levels import VERDICTS, Levels
from fitgraph.matcher.index.needs import Candidates, Told, needs_of, told_of
from fitgraph.matcher.index.profiles import Profile, profile_of
from fitgraph.matcher.index.table import Table, table_of
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.iris import Iri, board_iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store_base import Store

TOP: Final = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """The verdict on one model and one device, without its reasons."""

    model: str
    board: str
    verdict: Verdict
    sram_margin_bytes: int | None


@dataclass(frozen=True)
class Index:
    """Verdicts on all models and boards under a runtime; the same as the matcher's, pair by pair.

    Attributes:
        facts: that it was made of.
        reserves: in place of the boards' own.
        told: what is known of each model, by its IRI.
        needs: of each model, by its IRI.
        profiles: of each board, by its IRI.
        answers: of the runtime's compiler to what it was asked, by the digest of the model.
    """

    facts: Facts
    reserves: Reserves
    told: Mapping[str, Told]
    needs: Mapping[str, Mapping[str, Candidates]]
    profiles: Mapping[str, Profile]
    answers: Mapping[str, CompilerAnswer | None]

    @cached_property
    def models(self) -> tuple[ModelNeeds, ...]:
        """By name."""
        return tuple(sorted(self.facts.models.values(), key=lambda one: (one.name, one.sha256)))

    @cached_property
    def boards(self) -> tuple[Board, ...]:
        """By id, with the reserves that hold."""
        found = sorted(self.facts.boards.values(), key=lambda one: one.board_id)
        return tuple(with_reserves(one, self.reserves) for one in found)

    @cached_property
    def table(self) -> Table:
        """Their distinct needs and profiles."""
        boards = sorted(self.profiles, key=lambda iri: self.facts.boards[iri].board_id)
        return table_of(
            [self.needs[one.source] for one in self.models], [self.profiles[iri] for iri in boards]
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the facts."""
        return self.facts.digest()

    def count(self) -> dict[Verdict, int]:
        """How many pairs of a model and a board have each verdict."""
        return self.table.count()

    def count_for(self, model: str | None = None, board: str | None = None) -> dict[Verdict, int]:
        """How many boards have each verdict for a model, or how many models for a board.

        Raises:
            NotFoundError: there is no such model or board.
        """
        if model is not None:
            at = self.table.of_model(self._model(model))[0][self.table.profile_of]
        else:
            at = self.table.of_device(self._board(str(board)))[0]
        counts = np.bincount(at, minlength=len(VERDICTS)).tolist()
        return dict(zip(VERDICTS, counts, strict=True))

    def boards_for(self, model: str, top: int | None = None, start: int = 0) -> tuple[Pair, ...]:
        """Boards for a model, best verdict first, then the widest SRAM margin, then by id.

        Args:
            model: its name.
            top: how many; None for all.
            start: how many of the best are left out.

        Raises:
            NotFoundError: there is no model of that name.
        """
        place = self._model(model)
        at, margins = self.table.of_model(place)
        on_boards = self.table.profile_of
        return self._pairs(place, None, at[on_boards], margins[on_boards], top, start)

    def models_for(self, board: str, top: int | None = None, start: int = 0) -> tuple[Pair, ...]:
        """Models for a board in the same order, then by name.

        Args:
            board: its id.
            top: how many; None for all.
            start: how many of the best are left out.

        Raises:
            NotFoundError: there is no board of that id.
        """
        place = self._board(board)
        return self._pairs(None, place, *self.table.of_device(place), top, start)

    def explained(self, model: str, top: int = TOP) -> tuple[Match, ...]:
        """The first boards for a model, each with all constraints, as the matcher answers them.

        Raises:
            NotFoundError: there is no model of that name.
        """
        return self.decided(self.boards_for(model, top))

    def decided(self, pairs: Iterable[Pair]) -> tuple[Match, ...]:
        """Pairs of this index with all constraints, as the matcher answers them."""
        return tuple(self._decided(self._by_name[one.model], one.board) for one in pairs)

    def pairs(self) -> Iterator[tuple[str, Levels]]:
        """Each model's name with its levels on the boards by id; see ``levels.VERDICTS``."""
        for model, found in self.table.blocks():
            yield self.models[model].name, found

    def only(
        self,
        models: Iterable[ModelNeeds],
        answers: Mapping[str, CompilerAnswer | None],
        before: Index | None = None,
    ) -> Index:
        """The index of a few of the models, with what the runtime's compiler answered of them.

        Args:
            models: under any of their names.
            answers: by the digest of the model; they count where a build for some class is missing.
            before: an earlier one, from which is taken over what did not change.
        """
        chosen = {one.source: one for one in models}
        told = {
            iri: replace(was, model=one, answer=answers.get(one.sha256) if was.is_open else None)
            for iri, one, was in ((iri, one, self.told[iri]) for iri, one in chosen.items())
        }
        needs = _needs(self.facts.runtime, told, before)
        facts = replace(self.facts, models=chosen)
        found = replace(self, facts=facts, told=told, needs=needs, answers=answers)
        # The boards are the same, so what was computed of them is.
        table = self.table.with_needs([needs[one.source] for one in found.models])
        vars(found).update(boards=self.boards, _by_id=self._by_id, table=table)
        return found

    def under(self, store: Store, runtime: str) -> Index:
        """The index of the same models and boards under another runtime.

        Raises:
            NotFoundError: there is no such runtime.
        """
        facts = under(self.facts, store, runtime)
        return after_facts(facts, Index(facts, self.reserves, {}, {}, {}, {}), {})

    def refreshed(self, store: Store, changed: Iterable[str]) -> Index:
        """The index after these graphs were written or deleted; only they are read anew."""
        after = refreshed(self.facts, store, changed)
        return after_facts(after, self, self.answers) if after is not self.facts else self

    def model_called(self, name: str) -> ModelNeeds | None:
        """The model that has this name before all its others; None where there is none."""
        return self._by_name.get(name)

    def board_called(self, board_id: str) -> Board | None:
        """The board of this id, with the reserves that hold; None where there is none."""
        return self._by_id.get(board_id)

    @cached_property
    def _by_name(self) -> Mapping[str, ModelNeeds]:
        return {one.name: one for one in self.models}

    @cached_property
    def _by_id(self) -> Mapping[str, Board]:
        return {one.board_id: one for one in self.boards}

    def _decided(self, needs: ModelNeeds, board: str) -> Match:
        told = self.told[needs.source]
        judged = decide(
            needs,
            self._by_id[board],
            self.facts.runtime,
            told.footprints,
            told.answer,
            refusal=told.refusal,
        )
        notes = notes_on(self._by_id[board], self.reserves)
        return replace(judged, notes=notes) if notes else judged

    def _model(self, name: str) -> int:
        iri = resolve("model", name, {one.name: Iri(one.source) for one in self.models})
        return next(place for place, one in enumerate(self.models) if one.source == iri)

    def _board(self, board_id: str) -> int:
        names = {one.board_id: board_iri(one.board_id) for one in self.boards}
        iri = resolve("board", board_id, names)
        return list(names.values()).index(iri)

    def _pairs(
        self,
        model: int | None,
        board: int | None,
        at: Levels,
        margins: Ints,
        top: int | None,
        start: int,
    ) -> tuple[Pair, ...]:
        """Of one model or one board, in order; models and boards stand in order of their names."""
        least = np.where(margins == MOST, MOST, -margins)
        order = np.lexsort((least, at))[start : None if top is None else start + top]
        return tuple(
            Pair(
                model=self.models[place if model is None else model].name,
                board=self.boards[place if board is None else board].board_id,
                verdict=VERDICTS[at[place]],
                sram_margin_bytes=None if margins[place] == MOST else int(margins[place]),
            )
            for place in order
        )


def index_of(
    store: Store,
    runtime: str = DEFAULT_RUNTIME,
    compiler: Compiler | None = None,
    reserves: Reserves = Reserves(),  # noqa: B008 - it is frozen
) -> Index:
    """The index of all models and boards of a store under a runtime.

    Args:
        compiler: asks the runtime's compiler about every model that was not built for every class;
            takes its time.
        reserves: in place of the boards' own.

    Raises:
        NotFoundError: there is no such runtime.
    """
    facts = read_facts(store, runtime)
    empty = Index(facts, reserves, {}, {}, {}, {})
    return after_facts(facts, empty, {} if compiler is None else _answers(facts, compiler))


def after_facts(facts: Facts, before: Index, answers: Mapping[str, CompilerAnswer | None]) -> Index:
    """The index of facts, taking over what did not change since an index of earlier ones.

    Args:
        answers: of the runtime's compiler, by the digest of the model.
    """
    runtime, is_same = facts.runtime, before.facts.runtime == facts.runtime
    told = _told(facts, answers)
    needs = _needs(runtime, told, before)
    boards = before.facts.boards
    profiles = {
        iri: before.profiles[iri]
        if is_same and iri in before.profiles and boards[iri] == board
        else profile_of(with_reserves(board, before.reserves), runtime)
        for iri, board in facts.boards.items()
    }
    return replace(before, facts=facts, told=told, needs=needs, profiles=profiles, answers=answers)


def _needs(
    runtime: Runtime, told: Mapping[str, Told], before: Index | None
) -> dict[str, Mapping[str, Candidates]]:
    """Needs by the model's IRI; of whom nothing else is told than before, those of before."""
    is_same = before is not None and before.facts.runtime == runtime
    was, needs = (before.told, before.needs) if before and is_same else ({}, {})
    return {
        iri: needs[iri] if was.get(iri) == one else needs_of(runtime, one)
        for iri, one in told.items()
    }


def _told(facts: Facts, answers: Mapping[str, CompilerAnswer | None]) -> dict[str, Told]:
    """What is known of each model; the compiler counts where a build for some class is missing."""
    known = facts.known()
    wanted = {one.isa_class for one in facts.boards.values()} & set(facts.runtime.isa_classes)
    return {
        iri: told_of(
            model,
            known.footprints.get(model.sha256, ()),
            answers.get(model.sha256),
            known.refusals.get(model.sha256),
            wanted,
        )
        for iri, model in facts.models.items()
    }


def _answers(facts: Facts, compiler: Compiler) -> dict[str, CompilerAnswer | None]:
    return {
        one.model.sha256: compiler.answer(one.model.sha256)
        for one in _told(facts, {}).values()
        if one.is_open
    }
