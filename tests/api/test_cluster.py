"""Tasks on a Dask cluster: done in limited processes there, told here, ended when not wanted."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fitgraph.api.jobs.cluster import Cluster
from fitgraph.api.jobs.limits import Limits
from fitgraph.api.jobs.task import CancelledError, Failure, WorkerError
from fitgraph.api.jobs.variant_task import PruneTask
from tests.support.example_models import float_example

LIMITS = Limits(60.0, 60, 6 << 30, 1 << 30)


@dataclass(frozen=True)
class Told:
    """What a cluster told of a task."""

    stages: list[str]
    is_told: threading.Event

    def tell(self, stage: str, _done: int, _total: int) -> None:
        self.stages.append(stage)
        self.is_told.set()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of one process with one thread."""
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1",
    ) as there:  # fmt: skip
        found = Cluster(there.scheduler_address)
        yield found
        found.close()


def task(rate: float = 0.25) -> bytes:
    return pickle.dumps(PruneTask(float_example("activity").read_bytes(), "thin", rate))


def test_a_task_is_done_on_a_cluster_and_tells_its_stages(cluster: Cluster, tmp_path: Path) -> None:
    told = Told([], threading.Event())
    made = cluster.run(task(), tmp_path / "a" / "s", LIMITS, told.tell, lambda: False, print)
    assert not isinstance(made, Failure)
    assert made.kinds == ("model", "variant")
    assert told.is_told.wait(10)
    assert told.stages == ["pruning"]


def test_an_error_of_ours_comes_back_as_one(cluster: Cluster, tmp_path: Path) -> None:
    none = threading.Event()
    made = cluster.run(
        task(rate=2.0), tmp_path / "b" / "s", LIMITS, Told([], none).tell, lambda: False, print
    )
    assert isinstance(made, Failure)
    assert made.message


def test_a_task_that_is_not_wanted_is_ended(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        cluster.run(task(), tmp_path / "c" / "s", LIMITS, lambda *_: None, lambda: True, print)


def test_a_limit_holds_on_the_cluster_too(cluster: Cluster, tmp_path: Path) -> None:
    short = Limits(0.2, 60, 6 << 30, 1 << 30)
    with pytest.raises(WorkerError, match=r"0\.2 seconds"):
        cluster.run(task(), tmp_path / "d" / "s", short, lambda *_: None, lambda: False, print)


def test_a_cluster_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    nowhere = Cluster("tcp://127.0.0.1:1")
    with pytest.raises(WorkerError, match="does not answer"):
        nowhere.run(task(), tmp_path / "e" / "s", LIMITS, lambda *_: None, lambda: False, print)
