"""What the server matches with: indices that follow the graph, and models that were looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.server.faults import OverloadedError
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.looks import Looks
from fitgraph.matcher import columns
from fitgraph.matcher.decide import TOLD_HERE
from fitgraph.matcher.demanded import counted, narrowed
from fitgraph.matcher.explain import shortfalls
from fitgraph.matcher.explanation import Peak, Remedy, Shortfall
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds
from fitgraph.matcher.index.index import Index, Pair
from fitgraph.matcher.index.live import LiveIndex
from fitgraph.matcher.latency.timing import CalibratedTiming
from fitgraph.matcher.latency.work import Work
from fitgraph.matcher.match import DEFAULT_RUNTIME, Known, board_named, model_named, on_boards
from fitgraph.matcher.timing import Interval
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import key_of

#: Seconds between looks at whether models have come.
_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """A match with its reasons, and what an inference takes.

    Attributes:
        shortfalls: what is lacking.
        peak: where memory peaks; None where that was not asked, or the compiler cannot be.
        remedies: what would make it run, tried out; None where that was not asked.
        latency_ms: None where nothing is known of it.
        energy_uj: likewise.
    """

    match: Match
    shortfalls: tuple[Shortfall, ...]
    peak: Peak | None
    remedies: tuple[Remedy, ...] | None
    latency_ms: Interval | None
    energy_uj: Interval | None


@dataclass(frozen=True, slots=True)
class Side:
    """One model and all boards, or one board and all models.

    Attributes:
        index: that answers.
        counts: of matches by verdict.
        some: so many matches, best first, behind so many others.
    """

    index: Index
    counts: Mapping[Verdict, int]
    some: Callable[[int | None, int], tuple[Pair, ...]]


class Matching:
    """Matches of the store as it is now.

    Attributes:
        looks: at models, which say what only their files do.
    """

    def __init__(self, graph: Graph, looks: Looks) -> None:
        self.looks = looks
        self._graph = graph
        self._live: dict[str, LiveIndex] = {}
        self._making = asyncio.Lock()
        self._wholes: dict[str, tuple[Index, Index]] = {}

    async def index(self, runtime: str = DEFAULT_RUNTIME) -> Index:
        """All models and boards, without what the compiler says of them.

        Raises:
            NotFoundError: there is no such runtime.
        """
        if runtime not in self._live:
            async with self._making:
                if runtime not in self._live:
                    await self._make(runtime)
        live = self._live[runtime]
        return await self._graph.read(lambda _: live.index)

    async def of_models(
        self, runtime: str, models: Iterable[ModelNeeds], *, waits: bool = True
    ) -> Index:
        """The index of a few models, with what the compiler says where that counts.

        Args:
            runtime: its name.
            models: of that index.
            waits: for models that were not looked at yet; else they are taken as not compiled.
        """
        index = await self.index(runtime)
        chosen = [one for one in models if one.source in index.told]
        answers = await self._answers(index, chosen, waits=waits)
        return await self._graph.read(lambda _: index.only(chosen, answers))

    async def whole(self, runtime: str, *, waits: bool = True) -> Index:
        """The index of all models, with what the compiler says; kept until something changes."""
        index = await self.index(runtime)
        answers = await self._answers(index, index.models, waits=waits)
        was_of, before = self._wholes.get(runtime, (None, None))
        if before is not None and was_of is index and before.answers == answers:
            return before
        found = await self._graph.read(lambda _: index.only(index.models, answers, before))
        self._wholes[runtime] = index, found
        return found

    async def side(
        self, model: str | None, board: str | None, runtime: str, *, waits: bool = True
    ) -> Side:
        """One model on all boards, or all models on one board.

        Args:
            model: its name; None for all.
            board: its id; None for all.
            runtime: its name.
            waits: for models that were not looked at yet.

        Raises:
            NotFoundError: there is no such model, board or runtime.
        """
        if model is not None:
            needs = await self.model(model)
            index = await self.of_models(runtime, [needs], waits=waits)
            return Side(
                index, index.count_for(model=needs.name), partial(index.boards_for, needs.name)
            )
        board_id = (await self.board(str(board))).board_id
        index = await self.whole(runtime, waits=waits)
        return Side(index, index.count_for(board=board_id), partial(index.models_for, board_id))

    async def pairs(
        self, model: str | None, board: str | None, runtime: str, *, waits: bool = True
    ) -> tuple[Index, tuple[Pair, ...]]:
        """All matches of a side, best first, and their index; see ``side``."""
        side = await self.side(model, board, runtime, waits=waits)
        return side.index, await self._graph.read(lambda _: side.some(None, 0))

    async def told(
        self, model: str, board: str, runtime: str, *, remedies: bool = False, waits: bool = True
    ) -> Told:
        """Everything that is to be said of one model on one board.

        Args:
            model: its name.
            board: its id.
            runtime: its name.
            remedies: whether they are tried, which takes seconds.
            waits: for a model that was not looked at yet.

        Raises:
            NotFoundError: there is no such model, board or runtime.
        """
        needs, place = await self.model(model), await self.board(board)
        index = await self.index(runtime)
        if waits:
            await self.looks.look(needs.sha256)
        found = self._match(index, needs, place)
        latency, energy = self.intervals(index, needs, place)
        if not remedies:
            return Told(found, shortfalls(found), None, None, latency, energy)
        names = needs.name, place.board_id, runtime
        builds = runtime == OWN_RUNTIME or runtime in TOLD_HERE
        told = await self.looks.explanation(needs.sha256, names, builds=builds)
        return Told(told.match, told.shortfalls, told.peak, told.remedies, latency, energy)

    async def model(self, name: str) -> ModelNeeds:
        """What matching knows of a model, under the name that it is called by.

        Raises:
            NotFoundError: there is none.
        """
        index = await self.index()
        found = index.model_called(name)
        if found is not None:
            return found

        def look(registry: Registry) -> ModelNeeds:
            iri = model_named(registry.store, name)
            return columns.models(registry.store, iri, called=name)[0]

        return await self._graph.read(look)

    async def board(self, name: str) -> Board:
        """What matching knows of a board.

        Raises:
            NotFoundError: there is none.
        """
        index = await self.index()
        found = index.board_called(name)
        if found is None:
            iri = await self._graph.read(lambda registry: board_named(registry.store, name))
            found = index.board_called(key_of(iri))
        assert found is not None
        return found

    async def keep_ready(self) -> None:
        """Makes the index that is asked for most, and looks at models as they come."""
        seen: tuple[int, ...] | None = None
        while True:
            revision = self._graph.revision_of("model", "footprint")
            if revision != seen:
                seen = revision
                index = await self.index()
                is_open = [one.model.sha256 for one in index.told.values() if one.is_open]
                with suppress(OverloadedError):  # who asks for one meanwhile has it looked at
                    await self.looks.look_at(is_open)
            await asyncio.sleep(_EVERY_S)

    async def _answers(
        self, index: Index, models: Iterable[ModelNeeds], *, waits: bool
    ) -> Mapping[str, CompilerAnswer | None]:
        """What the compiler says of models of an index, where that counts."""
        if index.facts.runtime.name != OWN_RUNTIME:
            return {}
        is_open = [one.sha256 for one in models if index.told[one.source].is_open]
        return await self.looks.answers(is_open, waits=waits)

    def _match(self, index: Index, model: ModelNeeds, board: Board) -> Match:
        """One match, going by what was looked at."""
        told, runtime = index.told[model.source], index.facts.runtime
        refusals = {model.sha256: told.refusal} if told.refusal else {}
        known = Known({model.sha256: told.footprints}, index.facts.counts, refusals)
        compiler = self if runtime.name == OWN_RUNTIME else None
        (found,) = on_boards(model, [board], runtime, known, compiler)
        return found

    def intervals(
        self, index: Index, model: ModelNeeds, board: Board
    ) -> tuple[Interval | None, Interval | None]:
        """Latency (ms) and energy (uJ) of an inference, as far as the model was looked at."""
        timing, runtime = CalibratedTiming(self._work), index.facts.runtime.name
        counts = index.facts.counts.get(model.sha256, ())
        shown = counted(model, board, counts)
        latency = narrowed(timing.latency_ms(model, board, runtime), shown)
        return latency, timing.energy_uj(model, board, runtime)

    def answer(self, model_sha256: str) -> CompilerAnswer | None:
        """See ``Compiler.answer``: what was found when somebody looked."""
        look = self.looks.found(model_sha256)
        return None if look is None else look.answer

    def _work(self, model: ModelNeeds, runtime: str) -> Work | None:
        """See ``WorkOf``; of a model without a file, what its description says."""
        look = self.looks.found(model.sha256)
        if look is not None:
            return look.own_work if runtime == OWN_RUNTIME else look.work
        if model.macs is None or not self.looks.is_known(model.sha256):
            return None
        return Work(other=model.macs)

    async def _make(self, runtime: str) -> None:
        beside = next(iter(self._live.values()), None)

        def make(registry: Registry) -> LiveIndex:
            return LiveIndex(registry.store, runtime, beside)

        self._live[runtime] = await self._graph.read(make)
