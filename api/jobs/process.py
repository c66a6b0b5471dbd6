"""Does one task in a process group of its own, within limits; nothing of it is left afterwards."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any, Final

from fitgraph.api.jobs.limits import Limits
from fitgraph.api.jobs.task import CancelledError, Failure, Made, Tell, WorkerError
from fitgraph.api.jobs.worker_child import LENGTH

#: How often a cancellation is looked for, in seconds.
_LOOK_S: Final = 0.1
#: Of what a worker prints, the end is kept.
_MOST_PRINTED: Final = 64 << 10


def run(
    task: bytes,
    folder: Path,
    limits: Limits,
    tell: Tell,
    is_cancelled: Callable[[], bool],
    log: Callable[[str], None],
) -> Made | Failure:
    """What comes of a task.

    Args:
        task: pickled.
        folder: for the worker to write in; it must not be there, and is not afterwards.
        tell: is told each stage.
        is_cancelled: whether the task is not wanted any more; asked ten times a second.
        log: is told what the worker prints.

    Raises:
        CancelledError: it is not wanted any more.
        WorkerError: the worker died, or hit a limit.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with (folder / "printed").open("w+b") as printed:
            try:
                return _run(task, folder, limits, tell, is_cancelled, printed)
            finally:
                printed.seek(max(0, printed.seek(0, os.SEEK_END) - _MOST_PRINTED))
                log(printed.read().decode("utf-8", "replace"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    task: bytes,
    folder: Path,
    limits: Limits,
    tell: Tell,
    is_cancelled: Callable[[], bool],
    printed: IO[bytes],
) -> Made | Failure:
    process = _start(folder, limits, printed)
    deadline = time.monotonic() + limits.wall_s
    heard: Queue[Any] = Queue()
    reader = threading.Thread(target=_listen, args=(process.stdout, heard), daemon=True)
    writer = threading.Thread(target=_hand_over, args=(process.stdin, task), daemon=True)
    reader.start()
    writer.start()
    try:
        while True:
            if is_cancelled():
                raise CancelledError("the job was cancelled", hint="ask for it again")
            if time.monotonic() > deadline:
                raise WorkerError(
                    f"the job was stopped after {limits.wall_s:g} seconds",
                    hint="take a smaller model, or let the setting job_timeout_s be larger",
                )
            try:
                found = heard.get(timeout=_LOOK_S)
            except Empty:
                continue
            if found is None:
                raise _died(process.wait(), limits)
            if not isinstance(found, tuple):
                made: Made | Failure = found
                return made
            tell(*found)
    finally:
        _kill(process)
        reader.join()
        writer.join()


def _start(folder: Path, limits: Limits, printed: IO[bytes]) -> subprocess.Popen[bytes]:
    numbers = (limits.cpu_s, limits.memory_bytes, limits.file_bytes)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "fitgraph.api.jobs.worker_child", str(folder),
         *map(str, numbers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=printed,
        env={**os.environ, "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )  # fmt: skip


def _hand_over(stdin: IO[bytes] | None, task: bytes) -> None:
    """Sends the task; the pipe stays open, for its end means that the parent is gone."""
    assert stdin is not None
    try:
        stdin.write(LENGTH.pack(len(task)) + task)
        stdin.flush()
    except OSError:  # it died, which the reader sees
        pass


def _listen(stdout: IO[bytes] | None, heard: Queue[Any]) -> None:
    assert stdout is not None
    try:
        while True:
            heard.put(pickle.load(stdout))  # noqa: S301 - our own child's
    except Exception:  # noqa: BLE001 - whatever breaks off, the worker has ended
        heard.put(None)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the worker with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all of them are gone
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what was not sent cannot be any more
                pipe.close()


def _died(status: int, limits: Limits) -> WorkerError:
    if status == -signal.SIGXCPU:
        return WorkerError(
            f"the job was stopped: it takes more than {limits.cpu_s:,} seconds of CPU time",
            hint="take a smaller model, or let the setting job_cpu_s be larger",
        )
    how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
    return WorkerError(
        f"the worker ended {how} before its job did",
        hint=f"somebody killed it, or it took more than {limits.memory_bytes >> 20:,} MiB of "
        "memory; ask for the job again, and see its log",
    )


class Here:
    """Does tasks on this machine."""

    run = staticmethod(run)
