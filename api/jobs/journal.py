"""Jobs on disk: the queue and the records in one SQLite file, events and artifacts in folders.

What is written survives a restart. A job that was under way when the process died stands there as
running, and is queued again by ``recover``.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from huey.storage import SqliteStorage

from fitgraph.api.jobs.record import Job, State, Told, from_plain, now, to_plain
from fitgraph.registry.errors import NotFoundError, StorageError

_FILE: Final = "jobs.sqlite"
_TASK: Final = "task.pickle"
_ARTIFACT: Final = "artifact.zip"
_EVENTS: Final = "events.jsonl"
_SCRATCH: Final = "scratch"


class Journal:
    """The jobs in a folder. One process writes; its threads take turns."""

    def __init__(self, folder: Path, most_kept: int) -> None:
        self.folder = folder
        self._most_kept = most_kept
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._storage: Any = SqliteStorage(
                "jobs", str(folder / _FILE), fsync=True, strict_fifo=True
            )
            self._jobs = {key: from_plain(json.loads(value)) for key, value in self._read().items()}
        except (OSError, sqlite3.Error, ValueError, TypeError) as error:
            raise StorageError(
                f"the jobs in {folder} cannot be read: {error}",
                hint="move the folder away to begin anew",
            ) from error

    def _read(self) -> dict[str, bytes]:
        found: dict[str, bytes] = self._storage.result_items()
        return found

    def close(self) -> None:
        """Closes the file."""
        self._storage.close()

    # --- records -------------------------------------------------------------------------------

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, the oldest first."""
        with self._lock:
            return tuple(self._jobs[key] for key in sorted(self._jobs))

    def get(self, job_id: str) -> Job:
        """The job with this id.

        Raises:
            NotFoundError: there is none.
        """
        found = self._jobs.get(job_id)
        if found is None:
            raise NotFoundError(f"there is no job {job_id!r:.100}", hint="the lists have all ids")
        return found

    def change(self, job_id: str, **fields: Any) -> Job:
        """Writes what has changed in a job, and returns it."""
        return self.change_if(job_id, lambda _: True, **fields)[0]

    def change_if(
        self,
        job_id: str,
        holds: Callable[[Job], bool],
        **fields: Any,
    ) -> tuple[Job, bool]:
        """Changes a job if something holds of it, and says whether it did."""
        with self._lock:
            job = self.get(job_id)
            if not holds(job):
                return job, False
            job = replace(job, **fields)
            self._put(job)
            return job, True

    def _put(self, job: Job) -> None:
        self._storage.put_data(job.id, json.dumps(to_plain(job)).encode())
        self._jobs[job.id] = job

    # --- the queue -----------------------------------------------------------------------------

    def add(self, job: Job, task: bytes) -> None:
        """Takes a job in, with what its worker is to be handed."""
        place = self.place(job.id)
        place.mkdir(parents=True)
        write_whole(place / _TASK, task)
        with self._lock:
            self._put(job)
            self._storage.enqueue(job.id.encode())
        self.tell(job.id, "state", {"state": job.state})

    def next(self) -> Job | None:
        """The job that is to be done next; it is running from now on. None where none waits."""
        while (found := self._storage.dequeue()) is not None:
            job_id = bytes(found).decode()
            try:
                job, is_next = self.change_if(
                    job_id,
                    lambda job: job.state is State.QUEUED,
                    state=State.RUNNING,
                    started_at=now(),
                    attempts=self.get(job_id).attempts + 1,
                )
            except NotFoundError:
                continue
            if is_next:  # else it was cancelled while it waited
                self.tell(job.id, "state", {"state": job.state, "attempt": job.attempts})
                return job
        return None

    def requeue(self, job_id: str, why: str) -> None:
        """Queues a job again that was under way."""
        with self._lock:
            self._put(replace(self.get(job_id), state=State.QUEUED, stage="", stages_done=0))
            self._storage.enqueue(job_id.encode())
        shutil.rmtree(self.scratch(job_id), ignore_errors=True)
        self.tell(job_id, "state", {"state": State.QUEUED, "reason": why})

    def recover(self) -> None:
        """Queues again what a server that is gone had begun, or took in and did not queue."""
        waiting = {bytes(one).decode() for one in self._storage.enqueued_items()}
        for job in self.jobs():
            is_lost = job.state is State.QUEUED and job.id not in waiting
            if job.state is State.RUNNING or is_lost:
                self.requeue(job.id, "the server was started again")

    def n_waiting(self) -> int:
        """How many wait."""
        return sum(job.state is State.QUEUED for job in tuple(self._jobs.values()))

    def forget_old(self) -> None:
        """Removes jobs that ended long ago, when there are more than are kept."""
        ended = [job for job in self.jobs() if job.has_ended]
        for job in ended[: max(0, len(ended) - self._most_kept)]:
            with self._lock:
                self._storage.pop_data(job.id)
                del self._jobs[job.id]
            shutil.rmtree(self.place(job.id), ignore_errors=True)

    # --- what lies beside a job ----------------------------------------------------------------

    def place(self, job_id: str) -> Path:
        """The folder of a job."""
        return self.folder / job_id

    def scratch(self, job_id: str) -> Path:
        """Where its worker may write; it goes when the worker ends, however it ends."""
        return self.place(job_id) / _SCRATCH

    def task(self, job_id: str) -> bytes:
        """What its worker is handed.

        Raises:
            StorageError: it is lost.
        """
        try:
            return (self.place(job_id) / _TASK).read_bytes()
        except OSError as error:
            raise StorageError(
                f"what was asked for in job {job_id} is lost: {error.strerror}", hint="ask anew"
            ) from error

    def artifact(self, job_id: str) -> Path:
        """What it delivered; there is none before it is done."""
        return self.place(job_id) / _ARTIFACT

    def drop_task(self, job_id: str) -> None:
        """Deletes what the worker was handed, once nobody needs it again."""
        (self.place(job_id) / _TASK).unlink(missing_ok=True)

    # --- events --------------------------------------------------------------------------------

    def tell(self, job_id: str, name: str, data: Told) -> None:
        """Notes what happens to a job."""
        line = json.dumps({"event": name, "time": now(), **data}, ensure_ascii=False) + "\n"
        with self._lock, (self.place(job_id) / _EVENTS).open("a", encoding="utf-8") as file:
            file.write(line)

    def events(self, job_id: str, seen: int = 0) -> list[dict[str, Any]]:
        """What has happened to a job, without the first ``seen`` events."""
        try:
            text = (self.place(job_id) / _EVENTS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        # What a process that was killed had half written is no event, and stays one line.
        return [_event(line) for line in text.split("\n")[:-1][seen:]]


def _event(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        said = {"event": "log", "line": ""}
    assert isinstance(said, dict)
    return said


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    fresh = path.with_suffix(".part")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
