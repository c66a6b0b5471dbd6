"""The store of the server's process: many readers at once, one writer, and what has changed."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread

from fitgraph.api.server.acting import acting_for
from fitgraph.api.server.live_records import LiveRecords, Source
from fitgraph.api.server.memory import give_back
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.change import Cause, new_change
from fitgraph.registry.endpoint import Place
from fitgraph.registry.errors import RegistryError
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.witness import WitnessedStore

#: Threads that read; pyoxigraph lets go of the interpreter while it looks.
_READERS: Final = 8
#: Lists, and matches of single models, that are kept until something changes.
_MOST_KEPT: Final = 64
#: Kind of the resources that tell of changes.
CHANGES: Final = "change"
#: Changes after which they are written out: RocksDB holds them in memory until then, 30 kB each.
#: Not more often: what was read is read again, as files are merged into others, and the blocks of
#: those that are gone stay in its cache.
_FLUSH_EVERY: Final = 1000
#: So often the cache is emptied: each time a megabyte comes in, until 160 are there.
_EMPTY_EVERY: Final = 16
_TICK: Final = timedelta(microseconds=1)
T = TypeVar("T")


class Graph:
    """The registry, asked from threads so that the event loop never waits.

    Attributes:
        where: its folder, or the server that keeps it.
        revision: how often something was written.
    """

    def __init__(self, registry: Registry, where: Place) -> None:
        self.registry = registry
        self.where = where
        self.revision = 0
        self._changes: Counter[str] = Counter()
        self._written_out = self._n_written_out = 0
        self._kept: OrderedDict[str, tuple[tuple[int, ...], Any]] = OrderedDict()
        self._live: dict[str, LiveRecords[Any]] = {}
        self._finding: dict[tuple[str, tuple[int, ...]], asyncio.Future[Any]] = {}
        self._reading = CapacityLimiter(_READERS)
        self._writing = asyncio.Lock()
        self._noted_at = datetime.min.replace(tzinfo=UTC)

    async def read(self, look: Callable[[Registry], T]) -> T:
        """What somebody finds who looks into the registry."""
        return await to_thread.run_sync(_letting_go, look, self.registry, limiter=self._reading)

    async def kept(self, name: str, look: Callable[[Registry], T], *kinds: str) -> T:
        """What was found before, if nothing of some kinds has changed since.

        Args:
            name: of what is kept.
            look: finds it.
            kinds: of resources that it depends on.
        """
        revision = self.revision_of(*kinds)
        if name not in self._kept or self._kept[name][0] != revision:
            self._kept[name] = (revision, await self._found_once(name, revision, look))
        self._kept.move_to_end(name)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        found: T = self._kept[name][1]
        return found

    async def live(self, source: Source[T], *kinds: str) -> tuple[T, ...]:
        """All records of a source; of those that are known, what has changed is read.

        Args:
            source: of records.
            kinds: of resources that it depends on.
        """
        if source.start not in self._live:
            self._live[source.start] = LiveRecords(self.registry, source)
        records = self._live[source.start]
        return await self.kept(f"live {source.start}", lambda _: records.now(), *kinds)

    async def _found_once(
        self, name: str, revision: tuple[int, ...], look: Callable[[Registry], T]
    ) -> T:
        """Those who ask while somebody is looking already wait for what that one finds."""
        finding = self._finding.get((name, revision))
        if finding is None:
            finding = asyncio.ensure_future(self.read(look))
            self._finding[name, revision] = finding
            finding.add_done_callback(lambda _: self._finding.pop((name, revision), None))
        found: T = await asyncio.shield(finding)
        return found

    async def write(self, change: Callable[[Registry], T], *kinds: str) -> T:
        """Changes the registry, one change after the other, and notes who it is for.

        Args:
            change: all of it happens or nothing, the note too.
            kinds: of resources that may be changed by it; ``*`` stands for all.
        """
        return await self._write(change, (*kinds, CHANGES), acting_for())

    async def unnoted(self, change: Callable[[Registry], T], *kinds: str) -> T:
        """Changes the registry as ``write`` does, without a note."""
        return await self._write(change, kinds, None)

    async def _write(
        self, change: Callable[[Registry], T], kinds: tuple[str, ...], cause: Cause | None
    ) -> T:
        async with self._writing:
            registry = self.registry if cause is None else self._noting(cause)
            try:
                return await to_thread.run_sync(_letting_go, change, registry)
            finally:
                self.revision += 1
                self._changes.update(kinds)
                if self.revision - self._written_out >= _FLUSH_EVERY:
                    await to_thread.run_sync(_flush, self.registry)
                    await self.is_written_out()

    async def is_written_out(self) -> None:
        """Notes that all changes were written out, as by a copy of the store."""
        self._written_out = self.revision
        self._n_written_out += 1
        if self._n_written_out % _EMPTY_EVERY == 0:
            await to_thread.run_sync(_empty_cache, self.registry)

    def _noting(self, cause: Cause) -> Registry:
        """The registry, over a store that notes what is written through it."""
        # Two changes within a microsecond, or a clock that was set back, keep their order.
        self._noted_at = max(datetime.now(UTC), self._noted_at + _TICK)
        change = new_change(cause, self._noted_at)
        return Registry(WitnessedStore(self.registry.store, change), self.registry.blobs)

    def revision_of(self, *kinds: str) -> tuple[int, ...]:
        """How often resources of these kinds were changed."""
        return tuple(self._changes[kind] for kind in (*kinds, "*"))


def _flush(registry: Registry) -> None:
    if isinstance(registry.store, EmbeddedStore):
        registry.store.flush()


def _empty_cache(registry: Registry) -> None:
    if isinstance(registry.store, EmbeddedStore):
        with suppress(RegistryError):  # on a full disk, which who asks next can do with
            registry.store.empty_cache()
        give_back()


def _letting_go(work: Callable[[Registry], T], registry: Registry) -> T:
    """Does work in this thread, to which the answers of the store belong.

    An error would take the variables of all that it came through to another thread, where an answer
    that is among them cannot be dropped, and keeps the store's folder locked.
    """
    try:
        return work(registry)
    except Exception as error:
        reason: BaseException | None = error
        while reason is not None:
            traceback.clear_frames(reason.__traceback__)
            reason = reason.__cause__ or reason.__context__
        raise
