"""Processes that do what could take too long or too much memory, started before they are needed."""

from __future__ import annotations

import asyncio
import pickle
import sys
from typing import Final

from fitgraph.api.server.faults import DeadlineError, OverloadedError, RequestError
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.work import Job
from fitgraph.registry.worker_child import LENGTH

#: After so many jobs a worker gives way to a new one, whatever it has piled up.
_JOBS_A_WORKER: Final = 1000
#: Seconds after which a client that was turned away may try again.
_RETRY_AFTER: Final = "1"


class TooMuchMemoryError(RequestError):
    """What was asked takes more memory than it may."""

    code = "too-much-memory"


class Workers:
    """A few workers, each doing one job at a time; who comes waits for one, and not too many do."""

    def __init__(self, count: int, waiting: int, memory_bytes: int) -> None:
        self._count = count
        self._most_waiting = waiting
        self._memory_bytes = memory_bytes
        self._waiting = 0
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._starting: set[asyncio.Task[None]] = set()
        self._all: set[_Worker] = set()
        self._is_ending = False

    @property
    def n_waiting(self) -> int:
        """How many wait for a worker."""
        return self._waiting

    async def start(self) -> None:
        """Starts all workers."""
        await asyncio.gather(*(self._start_one() for _ in range(self._count)))

    async def stop(self) -> None:
        """Ends all workers, those at work on what nobody waits for any more, too."""
        self._is_ending = True
        await asyncio.gather(*self._starting)
        await asyncio.gather(*(worker.end() for worker in self._all))

    async def do(self, job: Job, timeout_s: float) -> object:
        """What comes of a job.

        Raises:
            OverloadedError: too many wait already, or no worker gets free in time.
            DeadlineError: the job takes longer than ``timeout_s``.
            TooMuchMemoryError: it takes too much memory.
            FitgraphError: that the job met.
        """
        worker = await self._take(timeout_s)
        try:
            async with asyncio.timeout(timeout_s):
                done = await worker.do(job)
        except TimeoutError as error:
            self._replace(worker)
            raise DeadlineError(
                f"this was stopped after {timeout_s:g} seconds",
                hint="ask for less: a LIMIT, fewer joins, OPTIONAL and NOT EXISTS",
            ) from error
        except (asyncio.IncompleteReadError, OSError) as error:
            self._replace(worker)
            raise TooMuchMemoryError(
                f"this was stopped: it takes more than {self._memory_bytes >> 20:,} MiB of memory",
                hint="ask for less: sort, group and join fewer rows",
            ) from error
        except BaseException:
            self._replace(worker)
            raise
        if worker.n_done < _JOBS_A_WORKER:
            self._idle.put_nowait(worker)
        else:
            self._replace(worker)
        if isinstance(done, FitgraphError):
            raise done
        return done

    async def _take(self, timeout_s: float) -> _Worker:
        if self._idle.empty() and self._waiting >= self._most_waiting:
            raise _overloaded(f"{self._waiting} questions are waiting")
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                return await self._idle.get()
        except TimeoutError as error:
            raise _overloaded("no worker got free") from error
        finally:
            self._waiting -= 1

    def _replace(self, worker: _Worker) -> None:
        """Kills a worker; another comes in its place while requests go on, unless all end."""
        worker.kill()
        if self._is_ending:
            return
        starting = asyncio.create_task(self._start_instead(worker))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)

    async def _start_instead(self, worker: _Worker) -> None:
        await asyncio.gather(worker.end(), self._start_one())
        self._all.discard(worker)

    async def _start_one(self) -> None:
        worker = await _Worker.start(self._memory_bytes)
        self._all.add(worker)
        self._idle.put_nowait(worker)


class _Worker:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.n_done = 0

    @classmethod
    async def start(cls, memory_bytes: int) -> _Worker:
        arguments = ("-P", "-m", "fitgraph.registry.worker_child", str(memory_bytes))
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # an interrupt at the terminal is for the server
            )
        )

    async def do(self, job: Job) -> object:
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        content = pickle.dumps(job)
        to.write(LENGTH.pack(len(content)) + content)
        await to.drain()
        (length,) = LENGTH.unpack(await back.readexactly(LENGTH.size))
        self.n_done += 1
        return pickle.loads(await back.readexactly(length))  # noqa: S301 - our own child's

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()

    async def end(self) -> None:
        """Kills it, and waits until the process and the pipes to it are gone."""
        self.kill()
        await self._process.wait()
        # Nothing public closes the pipes, which processes that it began may hold open.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001
        await asyncio.sleep(0)


def _overloaded(why: str) -> OverloadedError:
    return OverloadedError(
        f"{why}, so this one is not taken",
        hint="try again a little later",
        headers={"Retry-After": _RETRY_AFTER},
    )
