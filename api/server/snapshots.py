"""Copies of the store as of its last change, for workers; RocksDB makes one of hard links."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fitgraph.api.server.graph import Graph
from fitgraph.api.server.pace import Pace
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.endpoint import Place
from fitgraph.registry.store import EmbeddedStore

_FOLDER: Final = "snapshots"
#: A copy makes RocksDB write files that it soon merges into others, which takes work and memory.
_BURST: Final = 30
_EVERY_S: Final = 2.0


class Snapshots:
    """The latest copy, and older ones as long as somebody looks at them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._folder = graph.where / _FOLDER if isinstance(graph.where, Path) else None
        self._making = asyncio.Lock()
        self._pace = Pace(_BURST, _EVERY_S)
        self._number = 0
        self._latest: Path | None = None
        self._revision = -1
        self._lookers: Counter[Path] = Counter()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)  # of a server that was killed

    @asynccontextmanager
    async def latest(self) -> AsyncIterator[Place]:
        """A store with all that was written before; the server itself, where one keeps it.

        Raises:
            StorageError: the disk is full.
        """
        if self._folder is None:
            yield self._graph.where
            return
        place = await self._up_to_date(self._folder)
        self._lookers[place] += 1
        try:
            yield place
        finally:
            self._lookers[place] -= 1
            if place != self._latest and not self._lookers[place]:
                await self._delete(place)

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[Path | None]:
        """A copy of the store that may be written, and goes; None where a server keeps it."""
        if self._folder is None:
            yield None
            return
        place = await self._make(self._folder)
        try:
            yield place / "graph"
        finally:
            await self._delete(place)

    @property
    def place(self) -> Path | None:
        """A folder for what goes when the server ends; None where a server keeps the store."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[Path | None]:
        """A copy of the store and its files as of one moment; None where a server keeps it."""
        if self._folder is None or not isinstance(self._graph.where, Path):
            yield None
            return
        place, blobs = self._next(self._folder), self._graph.where / "blobs"

        def copy(registry: Registry) -> None:
            _backup(registry, place)
            if blobs.exists():
                shutil.copytree(blobs, place / "blobs", copy_function=_link)

        try:
            await self._graph.unnoted(copy)  # as a change, so that nobody changes it meanwhile
            yield place
        finally:
            await self._delete(place)

    def close(self) -> None:
        """Deletes all copies."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _up_to_date(self, folder: Path) -> Path:
        """The latest copy that has all that is written by now.

        Those who come while one is waited for share it; while all the time something is written,
        one is made every now and then.
        """
        needed = self._graph.revision
        async with self._making:
            if self._latest is None or self._revision < needed:
                await asyncio.sleep(self._pace.take(time.monotonic()))
                revision = self._graph.revision
                old, self._latest = self._latest, await self._make(folder)
                self._revision = revision
                if old is not None and not self._lookers[old]:
                    await self._delete(old)
            return self._latest

    async def _make(self, folder: Path) -> Path:
        place = self._next(folder)
        await self._graph.read(lambda registry: _backup(registry, place))
        await self._graph.is_written_out()
        return place

    def _next(self, folder: Path) -> Path:
        self._number += 1
        return folder / str(self._number)

    async def _delete(self, place: Path) -> None:
        self._lookers.pop(place, None)
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


def _backup(registry: Registry, place: Path) -> None:
    assert isinstance(registry.store, EmbeddedStore)
    place.mkdir(parents=True)
    registry.store.backup(place / "graph")


def _link(source: str, target: str) -> None:
    """The same file under another name, as it never changes; a copy where there are no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
