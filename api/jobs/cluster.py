"""Does tasks on a Dask cluster; there each runs in a limited process, as it would here."""

from __future__ import annotations

import importlib
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fitgraph.api.jobs.limits import Limits
from fitgraph.api.jobs.process import run
from fitgraph.api.jobs.task import CancelledError, Failure, Made, Tell, WorkerError

#: How often the cluster is asked whether a task is still wanted, in seconds.
_LOOK_S: Final = 0.5
_CONNECT_S: Final = 10


class Cluster:
    """A Dask cluster, to which the server speaks when the first task comes."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._client: Any = None

    def run(
        self,
        task: bytes,
        folder: Path,
        limits: Limits,
        tell: Tell,
        is_cancelled: Callable[[], bool],
        log: Callable[[str], None],
    ) -> Made | Failure:
        """See ``process.run``; the folder is one on the machine of the cluster."""
        client = self._connected()
        topic = f"fitgraph-{folder.parent.name}-{time.time_ns()}"

        def hear(event: tuple[float, Any]) -> None:
            kind, said = event[1]
            if kind == "stage":
                tell(*said)
            else:
                log(said)

        client.subscribe_topic(topic, hear)
        future = client.submit(_on_cluster, task, limits, topic, key=topic, pure=False, retries=0)
        try:
            return self._waited(client, future, topic, is_cancelled)
        finally:
            client.unsubscribe_topic(topic)
            future.release()

    def close(self) -> None:
        """Lets go of the cluster."""
        if self._client is not None:
            self._client.close(timeout=1)

    def _waited(
        self,
        client: Any,  # noqa: ANN401 - distributed has no types
        future: Any,  # noqa: ANN401
        topic: str,
        is_cancelled: Callable[[], bool],
    ) -> Made | Failure:
        Event = _distributed().Event  # noqa: N806 - a class

        while not future.done():
            time.sleep(0.05)
            if is_cancelled():
                Event(topic, client=client).set()
                future.cancel()
                raise CancelledError("the job was cancelled", hint="ask for it again")
        try:
            found: Made | Failure = future.result()
        except (CancelledError, WorkerError):
            raise
        except Exception as error:
            raise WorkerError(
                f"the cluster at {self._address} did not do the job: {type(error).__name__}: "
                f"{error}"[:500],
                hint="look at the cluster's dashboard; fitgraph must be installed on its workers",
            ) from error
        return found

    def _connected(self) -> Any:  # noqa: ANN401 - distributed has no types
        there = _distributed()
        with self._lock:
            if self._client is None or self._client.status in {"closed", "closing"}:
                try:
                    self._client = there.Client(
                        self._address, timeout=_CONNECT_S, set_as_default=False, name="fitgraph"
                    )
                except (OSError, ValueError) as error:
                    raise WorkerError(
                        f"the cluster at {self._address} does not answer: {error}",
                        hint="check the setting dask, and that the scheduler runs",
                    ) from error
            return self._client


def _distributed() -> Any:  # noqa: ANN401 - it has no types
    """The library, which takes a second to import."""
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise WorkerError(
            "jobs are to go to a Dask cluster, and the package distributed is not installed",
            hint="pip install 'fitgraph[dask]', or remove the setting dask",
        ) from error


def _on_cluster(task: bytes, limits: Limits, topic: str) -> Made | Failure:
    """Runs on a worker of the cluster, which only starts the process and listens to it."""
    there = _distributed()
    worker, cancelled = there.get_worker(), there.Event(topic, client=there.get_client())
    asked, is_over = 0.0, False

    def is_cancelled() -> bool:
        nonlocal asked, is_over
        if time.monotonic() - asked > _LOOK_S:
            asked, is_over = time.monotonic(), bool(cancelled.is_set())
        return is_over

    with tempfile.TemporaryDirectory(prefix="fitgraph-job-") as folder:
        return run(
            task,
            Path(folder) / "scratch",
            limits,
            lambda *stage: worker.log_event(topic, ("stage", stage)),
            is_cancelled,
            lambda text: worker.log_event(topic, ("log", text)),
        )
