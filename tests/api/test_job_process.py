"""The process that does a job: nothing of it is left, whatever ends it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from fitgraph.api.jobs.journal import Journal
from fitgraph.api.jobs.record import Job, Kind, State, new_id
from fitgraph.api.jobs.variant_task import QuantizeTask
from fitgraph.registry.errors import NotFoundError, StorageError
from tests.support.example_models import float_example

PARENT = """
import sys
from pathlib import Path
from fitgraph.api.jobs.limits import Limits
from fitgraph.api.jobs.process import run

task, folder = Path(sys.argv[1]), Path(sys.argv[2])
limits = Limits(60.0, 60, 6 << 30, 1 << 30)
run(task.read_bytes(), folder, limits, lambda *told: print(told, flush=True), lambda: False, print)
"""


def is_alive(folder: Path) -> bool:
    """Whether a process works in the folder."""
    for one in Path("/proc").iterdir():
        try:
            if one.name.isdigit() and str(folder).encode() in (one / "cmdline").read_bytes():
                return True
        except OSError:  # it ended meanwhile
            continue
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """It hears nothing of it but the end of a pipe; what it started ends with it."""
    source = float_example("digits").read_bytes()
    task, folder = tmp_path / "task", tmp_path / "scratch"
    slow = QuantizeTask(source, "small", 8, True, None, None, "accuracy")  # noqa: FBT003
    task.write_bytes(pickle.dumps(slow))
    program = [sys.executable, "-P", "-c", textwrap.dedent(PARENT), task, folder]
    with subprocess.Popen(list(map(str, program)), stdout=subprocess.PIPE) as parent:
        while not folder.exists():
            time.sleep(0.01)
        deadline = time.monotonic() + 20
        while not any(folder.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(parent.pid, signal.SIGKILL)
    while is_alive(folder):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def job(state: State = State.QUEUED) -> Job:
    return Job(new_id(), Kind.BUILD, state, "model")


def test_jobs_come_out_of_the_queue_in_their_order_and_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "jobs", 10)
    some = [job() for _ in range(3)]
    for one in some:
        journal.add(one, b"task")
    assert journal.n_waiting() == 3
    taken = [journal.next() for _ in range(4)]
    assert [one and one.id for one in taken] == [*(one.id for one in some), None]


def test_a_job_that_was_taken_in_and_not_queued_is_queued_at_the_next_start(
    tmp_path: Path,
) -> None:
    """As when the power failed between the two; no job comes twice, either."""
    journal = Journal(tmp_path / "jobs", 10)
    first, second = job(), job()
    journal.add(first, b"task")
    journal.add(second, b"task")
    taken = journal.next()
    assert taken is not None
    journal.change(taken.id, state=State.QUEUED)
    journal.close()
    again = Journal(tmp_path / "jobs", 10)
    again.recover()
    assert again.task(first.id) == b"task"
    assert {one.id for one in (again.next(), again.next()) if one} == {first.id, second.id}
    assert again.next() is None


def test_only_so_many_jobs_that_have_ended_are_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "jobs", 2)
    for _ in range(4):
        journal.add(one := job(), b"task")
        journal.change(one.id, state=State.DONE)
    waiting = job()
    journal.add(waiting, b"task")
    journal.forget_old()
    assert len(journal.jobs()) == 3
    assert waiting in journal.jobs()
    folders = [one for one in (tmp_path / "jobs").iterdir() if one.is_dir()]
    assert len(folders) == 3
    with pytest.raises(NotFoundError):
        journal.get("nowhere")


def test_jobs_that_cannot_be_read_are_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "jobs.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="cannot be read"):
        Journal(tmp_path / "jobs", 2)
