"""What a worker process does: jobs that come one after the other, and what they share.

A job that takes too long or too much memory cannot be ended from outside of it, so it runs in a
process that can be killed. Starting one takes a tenth of a second, so it is started before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from fitgraph.registry.endpoint import Place
from fitgraph.registry.errors import RegistryError

if TYPE_CHECKING:
    from fitgraph.registry.remote_store import RemoteStore
    from fitgraph.registry.store import EmbeddedStore


class JobError(RegistryError):
    """A job failed in a way that nobody foresaw."""

    code: ClassVar[str] = "job-failed"
    exit_code: ClassVar[int] = 3


class Job(Protocol):
    """Something to do in a worker; it and what comes of it are pickled."""

    def run(self, desk: Desk) -> object:
        """Do it.

        Raises:
            FitgraphError: it cannot be done.
        """
        ...


@dataclass(slots=True)
class Desk:
    """What a worker keeps from job to job: the snapshot that it looked at last."""

    _where: Place | None = None
    _store: EmbeddedStore | RemoteStore | None = field(default=None, repr=False)

    def store(self, where: Place) -> EmbeddedStore | RemoteStore:
        """The store in a folder or on a server, for reading."""
        if self._store is None or where != self._where:
            self.clear()
            self._store, self._where = _opened(where), where
        return self._store

    def clear(self) -> None:
        """Lets go of the store."""
        if self._store is not None:
            self._store.close()
        self._store = self._where = None


def _opened(where: Place) -> EmbeddedStore | RemoteStore:
    if isinstance(where, Path):
        from fitgraph.registry.store import EmbeddedStore  # noqa: PLC0415

        return EmbeddedStore.open(where / "graph", read_only=True)
    from fitgraph.registry.remote_store import RemoteStore  # noqa: PLC0415

    # The deadline is that of the worker.
    return RemoteStore(replace(where, timeout_s=3600.0), read_only=True)
