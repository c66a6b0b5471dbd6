"""Models that a server has looked at: each once, in a worker, as what a file says never changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from fitgraph.api.model_jobs import ExplainMatch, LookAtModel, ModelLook, PlanMemory, Stored
from fitgraph.api.server.faults import OverloadedError
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.snapshots import Snapshots
from fitgraph.api.server.workers import Workers
from fitgraph.matcher.facts import CompilerAnswer
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.work import Job

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.profiling.records import Timeline
    from fitgraph.matcher.explanation import Explanation

#: Seconds that reading and compiling a model may take: the largest known one takes ten.
_LOOK_S: Final = 120.0
#: Seconds that remedies may take: some ten builds of a second or two each.
_EXPLAIN_S: Final = 90.0
#: Explanations that are built or wait for that.
_MOST_BUILDING: Final = 8
#: Timelines and explanations that are kept; one has kilobytes.
_MOST_KEPT: Final = 256
#: Of resources that an explanation rests on.
_KINDS: Final = ("model", "variant", "board", "mcu", "runtime", "footprint", "proof")


class Looks:
    """What was found out of models, by their digest.

    Args:
        graph: that the models are in.
        snapshots: of it.
        workers: of their own, so that questions of others need not wait for a build.
    """

    def __init__(self, graph: Graph, snapshots: Snapshots, workers: Workers) -> None:
        self.workers = workers
        self._graph = graph
        self._snapshots = snapshots
        self._found: dict[str, ModelLook | None] = {}
        self._absent: set[str] = set()
        self._absent_at: tuple[int, ...] = ()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._kept: OrderedDict[object, object] = OrderedDict()
        self._building = asyncio.Lock()
        self._n_building = 0

    def found(self, sha256: str) -> ModelLook | None:
        """What is known of a model; None where it was not looked at, or has no file."""
        return self._found.get(sha256)

    def is_known(self, sha256: str) -> bool:
        """Whether somebody looked at a model, or found that it has no file."""
        return sha256 in self._found or sha256 in self._absent

    async def answers(
        self, models: Iterable[str], *, waits: bool
    ) -> Mapping[str, CompilerAnswer | None]:
        """What the compiler says of models, by their digest.

        Args:
            models: digests.
            waits: for those that were not looked at yet; else they are left out.
        """
        wanted = list(models)
        if waits:
            await self.look_at(wanted)
        return {
            one: None if look is None else look.answer
            for one in wanted
            if (look := self._found.get(one)) is not None or one in self._found
        }

    async def look_at(self, models: Iterable[str]) -> None:
        """Looks at those models that nobody has looked at, one after the other.

        Raises:
            OverloadedError: no worker gets free.
        """
        self._forget_absent()
        unknown = [one for one in models if not self.is_known(one)]
        if not unknown:
            return
        there = await self._graph.read(
            lambda registry: [one for one in unknown if registry.blobs.has(one)]
        )
        self._absent.update(set(unknown) - set(there))
        for one in there:
            if one not in self._under_way:
                self._under_way[one] = asyncio.create_task(self._look(one))
            await asyncio.shield(self._under_way[one])

    async def look(self, sha256: str) -> ModelLook | None:
        """What a model's file tells; None where there is none, or it cannot be read.

        Raises:
            OverloadedError: no worker gets free.
        """
        await self.look_at([sha256])
        return self.found(sha256)

    async def timeline(self, sha256: str) -> Timeline:
        """When each value of a model lies where in the arena.

        Raises:
            FitgraphError: it cannot be compiled, has no file, or takes too long.
        """

        def job(model: Stored) -> Job:
            return PlanMemory(model)

        found = await self._remembered(("timeline", sha256), sha256, job, _LOOK_S)
        return cast("Timeline", found)

    async def explanation(
        self, sha256: str, names: tuple[str, str, str], *, builds: bool
    ) -> Explanation:
        """Why a model does not run on a board, and what would make it.

        Args:
            sha256: of the model.
            names: of model, board and runtime.
            builds: whether remedies are built, one explanation after the other.

        It is kept until something changes that it may rest on.

        Raises:
            FitgraphError: it takes too long, or one of them is not there any more.
        """

        def job(model: Stored) -> Job:
            return ExplainMatch(model, *names, builds)

        key = (*names, builds, self._graph.revision_of(*_KINDS))
        if key not in self._kept and self._n_building >= _MOST_BUILDING:
            raise OverloadedError(
                f"remedies of {self._n_building} other matches are being built",
                hint="try again in a minute",
                headers={"Retry-After": "30"},
            )
        self._n_building += 1
        try:
            async with self._building:
                found = await self._remembered(key, sha256, job, _EXPLAIN_S)
        finally:
            self._n_building -= 1
        return cast("Explanation", found)

    async def _look(self, sha256: str) -> None:
        try:
            found = await self._do(sha256, LookAtModel, _LOOK_S)
            self._found[sha256] = cast("ModelLook", found)
        except OverloadedError:
            raise
        except FitgraphError:
            self._found[sha256] = None  # it would fail again
        finally:
            self._under_way.pop(sha256, None)

    async def _remembered(
        self, key: object, sha256: str, job: Callable[[Stored], Job], timeout_s: float
    ) -> object:
        """What came of a job before, also where that is an error of the model's."""
        if key not in self._kept:
            try:
                self._kept[key] = await self._do(sha256, job, timeout_s)
            except OverloadedError:
                raise
            except FitgraphError as error:
                self._kept[key] = error
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        found = self._kept[key]
        if isinstance(found, FitgraphError):
            raise found
        return found

    async def _do(self, sha256: str, job: Callable[[Stored], Job], timeout_s: float) -> object:
        async with self._snapshots.latest() as where:
            model = Stored(where, self._graph.registry.blobs.url, sha256)
            return await self.workers.do(job(model), timeout_s)

    def _forget_absent(self) -> None:
        """A file may have come with a model that was known by its description alone."""
        now = self._graph.revision_of("model")
        if now != self._absent_at:
            self._absent, self._absent_at = set(), now
