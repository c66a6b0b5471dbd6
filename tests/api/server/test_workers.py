"""Workers end with the server, whatever they are at."""

from __future__ import annotations

import asyncio
import gc
import time
from asyncio.base_subprocess import BaseSubprocessTransport
from collections.abc import Callable

import anyio
import pytest

from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.workers import Workers
from fitgraph.registry.work import Desk


class Sleeping:
    """A job that keeps its worker from the moment on that it is read."""

    def __reduce__(self) -> tuple[Callable[[float], None], tuple[float]]:
        return time.sleep, (60.0,)

    def run(self, desk: Desk) -> object:
        raise NotImplementedError


def test_a_worker_that_is_at_work_ends_with_the_others() -> None:
    """Else its pipes would be closed when they are collected, by a loop that has ended."""

    async def go() -> None:
        workers = Workers(2, 1, 1 << 30)
        await workers.start()
        job = asyncio.create_task(workers.do(Sleeping(), 30.0))
        await asyncio.sleep(0.2)
        await workers.stop()
        with pytest.raises(RequestError):
            await job

    anyio.run(go)
    kept = [one for one in gc.get_objects() if isinstance(one, BaseSubprocessTransport)]
    assert all(one.is_closing() for one in kept)
