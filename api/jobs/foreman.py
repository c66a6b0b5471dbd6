"""Hands jobs to workers one after the other, writes what they made, and tells who watches."""

from __future__ import annotations

import asyncio
import hashlib
import pickle
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from fitgraph.api.jobs.journal import Journal, write_whole
from fitgraph.api.jobs.limits import Limits
from fitgraph.api.jobs.record import Job, State, Told, now
from fitgraph.api.jobs.task import CancelledError, Failure, Made, Task, Tell, WorkerError
from fitgraph.api.problems import TYPES
from fitgraph.api.server.acting import act_for, acting_for
from fitgraph.api.server.faults import OverloadedError
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.change import Cause
from fitgraph.registry.errors import ConflictError

T = TypeVar("T")
#: A job whose worker took the server with it so often is not begun again.
_MOST_ATTEMPTS: Final = 3
#: Seconds between two notes of the same stage.
_PACE_S: Final = 0.5
_CANCEL_S: Final = 10.0
_RETRY_AFTER: Final = "10"


class Hands(Protocol):
    """Where tasks are done: in a process here, or on a cluster."""

    def run(
        self,
        task: bytes,
        folder: Path,
        limits: Limits,
        tell: Tell,
        is_cancelled: Callable[[], bool],
        log: Callable[[str], None],
    ) -> Made | Failure:
        """See ``process.run``."""
        ...


class Writer(Protocol):
    """Who writes the graph."""

    def write(self, change: Callable[[Registry], T], *kinds: str) -> Coroutine[Any, Any, T]:
        """Changes the registry; see ``Graph.write``."""
        ...


class Foreman:
    """The jobs of one server. Its methods are for the event loop."""

    def __init__(
        self, journal: Journal, graph: Writer, hands: Hands, limits: Limits, *,
        workers: int, most_waiting: int,
    ) -> None:  # fmt: skip
        self.journal = journal
        self._graph = graph
        self._hands = hands
        self._limits = limits
        self._n_workers = workers
        self._most_waiting = most_waiting
        self._threads = ThreadPoolExecutor(max(1, workers), "job")
        self._working: list[asyncio.Task[None]] = []
        self._cancelled: dict[str, threading.Event] = {}
        self._work_came = asyncio.Event()
        self._bell = asyncio.Event()
        self._is_ending = False
        self._ending_since = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Takes up what was left over, and begins."""
        self._loop = asyncio.get_running_loop()
        for job in self.journal.jobs():
            if job.state is State.RUNNING and job.attempts >= _MOST_ATTEMPTS:
                self._fail(job, WorkerError(f"the server ended {job.attempts} times under it"))
        self.journal.recover()
        self._working = [asyncio.create_task(self._work()) for _ in range(self._n_workers)]

    async def close(self) -> None:
        """Begins nothing more, and ends all that watch."""
        if not self._is_ending:
            self._is_ending, self._ending_since = True, time.monotonic()
        self._work_came.set()
        self._ring()

    async def stop(self, patience_s: float) -> None:
        """Queues jobs under way again that do not end so long after ``close``."""
        await self.close()
        rest_s = max(0.0, self._ending_since + patience_s - time.monotonic())
        if self._working:
            await asyncio.wait(self._working, timeout=rest_s)
        for cancelled in self._cancelled.values():
            cancelled.set()
        await asyncio.gather(*self._working)
        self._threads.shutdown()
        self.journal.close()

    async def submit(self, job: Job, task: Task) -> Job:
        """Queues a job.

        Raises:
            OverloadedError: as many wait already as may.
        """
        if self.journal.n_waiting() >= self._most_waiting or self._is_ending:
            raise OverloadedError(
                f"{self.journal.n_waiting()} jobs wait already, so this one is not taken",
                hint="ask again when some of them are done",
                headers={"Retry-After": _RETRY_AFTER},
            )
        cause = acting_for()
        said = {"issuer": cause.issuer, "operation": cause.operation,
                "request_id": cause.request_id}  # fmt: skip
        job = replace(job, cause=said)
        await asyncio.to_thread(self.journal.add, job, pickle.dumps(task))
        await asyncio.to_thread(self.journal.forget_old)
        self._work_came.set()
        return job

    async def cancel(self, job_id: str) -> Job:
        """Takes a job out of the queue, or ends its worker with all that it has written.

        Raises:
            NotFoundError: there is no such job.
            ConflictError: it has ended.
        """
        job, was_waiting = await asyncio.to_thread(
            self.journal.change_if, job_id, _is_waiting, state=State.CANCELLED, ended_at=now()
        )
        if was_waiting:
            self._tell(job_id, "state", {"state": job.state})
            self.journal.drop_task(job_id)
            return job
        if job.has_ended:
            raise ConflictError(f"the job is {job.state} already", hint="there is nothing to end")
        if (cancelled := self._cancelled.get(job_id)) is not None:
            cancelled.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CANCEL_S):
                await self._ended(job_id)
        return self.journal.get(job_id)

    async def _ended(self, job_id: str) -> None:
        while True:
            bell = self._bell
            if self.journal.get(job_id).has_ended:
                return
            await bell.wait()

    async def watch(
        self, job_id: str, seen: int, pause_s: float
    ) -> AsyncIterator[tuple[int, dict[str, Any]] | None]:
        """Events of a job with their numbers, after the first ``seen``, until it has ended.

        Yields:
            None where nothing has happened for ``pause_s``.
        """
        while True:
            bell, has_ended = self._bell, self.journal.get(job_id).has_ended
            for event in await asyncio.to_thread(self.journal.events, job_id, seen):
                seen += 1
                yield seen, event
            if has_ended or self._is_ending:
                return
            try:
                async with asyncio.timeout(pause_s):
                    await bell.wait()
            except TimeoutError:
                yield None

    # --- one worker ----------------------------------------------------------------------------

    async def _work(self) -> None:
        while not self._is_ending:
            self._work_came.clear()
            job = await asyncio.to_thread(self.journal.next)
            if job is None:
                await self._work_came.wait()
            else:
                await self._do(job)

    async def _do(self, job: Job) -> None:
        cancelled = self._cancelled[job.id] = threading.Event()
        act_for(Cause(job.who, **job.cause))
        try:
            made = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._made, job, cancelled
            )
            await self._keep(job, made)
        except CancelledError as error:
            if self._is_ending:
                self.journal.requeue(job.id, "the server ends")
            else:
                self._end(job, State.CANCELLED, reason=error.message)
        except FitgraphError as error:
            self._fail(job, error)
        except Exception as error:  # noqa: BLE001 - a job must not take its worker with it
            self._fail(job, WorkerError(f"the job failed: {type(error).__name__}: {error}"[:500]))
        finally:
            del self._cancelled[job.id]

    def _made(self, job: Job, cancelled: threading.Event) -> Made | Failure:
        """Runs in a thread."""
        told: tuple[str, float] = ("", 0.0)

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal told
            if stage == told[0] and time.monotonic() - told[1] < _PACE_S:
                return
            told = (stage, time.monotonic())
            self.journal.change(job.id, stage=stage, stages_done=done, stages=total)
            self._tell(job.id, "stage", {"stage": stage, "done": done, "total": total})

        def log(text: str) -> None:
            for line in text.splitlines():
                self._tell(job.id, "log", {"line": line})

        task, place = self.journal.task(job.id), self.journal.scratch(job.id)
        return self._hands.run(task, place, self._limits, tell, cancelled.is_set, log)

    async def _keep(self, job: Job, made: Made | Failure) -> None:
        if isinstance(made, Failure):
            if made.made is not None:
                await self._graph.write(made.made.keep, *made.made.kinds)
            self._fail(job, made)
            return
        digest = ""
        if (artifact := made.artifact) is not None:
            digest = hashlib.sha256(artifact.content).hexdigest()
            await asyncio.to_thread(write_whole, self.journal.artifact(job.id), artifact.content)
        told = dict(await self._graph.write(made.keep, *made.kinds))
        proof = str(told.get("proof", ""))
        if artifact is not None:
            told |= {"artifact": {"name": artifact.name, "bytes": len(artifact.content)}}
        self._end(job, State.DONE, result=told, proof=proof, artifact_sha256=digest)

    def _fail(self, job: Job, error: FitgraphError | Failure) -> None:
        self._tell(job.id, "log", {"line": error.message})
        self._end(job, State.FAILED, error=_problem(error))

    def _end(self, job: Job, state: State, **fields: Any) -> None:
        said = {name: fields.pop(name) for name in ("reason",) if name in fields}
        # Told before it is written, so that who sees that the job has ended has seen all events.
        self.journal.tell(job.id, "state", {"state": state, **said})
        self.journal.change(job.id, state=state, ended_at=now(), **fields)
        self.journal.drop_task(job.id)
        self._ring()

    # --- who watches ---------------------------------------------------------------------------

    def _tell(self, job_id: str, name: str, data: Told) -> None:
        """From any thread."""
        self.journal.tell(job_id, name, data)
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        """Wakes all that watch."""
        self._bell.set()
        self._bell = asyncio.Event()


def _is_waiting(job: Job) -> bool:
    return job.state is State.QUEUED


def _problem(error: FitgraphError | Failure) -> dict[str, str]:
    """A problem document of what has no status of HTTP."""
    said = {
        "type": f"{TYPES}{error.code}",
        "title": "The job failed",
        "detail": error.message,
        "code": error.code,
    }
    return {**said, "hint": error.hint} if error.hint else said
