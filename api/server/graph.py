"""The store of the server's process: many readers at once, one writer, and what has changed."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread

from fitgraph.registry.catalogue import Registry
from fitgraph.registry.endpoint import Place

#: Threads that read; pyoxigraph lets go of the interpreter while it looks.
_READERS: Final = 8
#: Lists, and matches of single models, that are kept until something changes.
_MOST_KEPT: Final = 64
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
        self._kept: OrderedDict[str, tuple[tuple[int, ...], Any]] = OrderedDict()
        self._reading = CapacityLimiter(_READERS)
        self._writing = asyncio.Lock()

    async def read(self, look: Callable[[Registry], T]) -> T:
        """What somebody finds who looks into the registry."""
        return await to_thread.run_sync(look, self.registry, limiter=self._reading)

    async def kept(self, name: str, look: Callable[[Registry], T], *kinds: str) -> T:
        """What was found before, if nothing of some kinds has changed since.

        Args:
            name: of what is kept.
            look: finds it.
            kinds: of resources that it depends on.
        """
        revision = self.revision_of(*kinds)
        if name not in self._kept or self._kept[name][0] != revision:
            self._kept[name] = (revision, await self.read(look))
        self._kept.move_to_end(name)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        found: T = self._kept[name][1]
        return found

    async def write(self, change: Callable[[Registry], T], *kinds: str) -> T:
        """Changes the registry, one change after the other.

        Args:
            change: all of it happens or nothing.
            kinds: of resources that may be changed by it; ``*`` stands for all.
        """
        async with self._writing:
            try:
                return await to_thread.run_sync(change, self.registry)
            finally:
                self.revision += 1
                self._changes.update(kinds)

    def revision_of(self, *kinds: str) -> tuple[int, ...]:
        """How often resources of these kinds were changed."""
        return tuple(self._changes[kind] for kind in (*kinds, "*"))
