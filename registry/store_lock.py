"""Who may open a store: one writer, or any number of readers.

RocksDB itself keeps a second writer out, but says that reading beside a writer is undefined
(https://pyoxigraph.readthedocs.io, ``Store.read_only``). An advisory lock on a file next to the
store keeps readers and writers apart.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from fitgraph.registry.errors import StorageError, StoreBusyError

if sys.platform != "win32":
    import fcntl

_PAUSE_S: Final = 0.02


class StoreLock:
    """An advisory lock, held until it is released or its process ends."""

    def __init__(self, descriptor: int | None, *, shared: bool) -> None:
        self._descriptor = descriptor
        self._shared = shared

    @classmethod
    def acquire(cls, store: Path, *, shared: bool, patience_s: float = 0.0) -> Self:
        """Locks the store at ``store``.

        Args:
            store: folder of the store; the lock file lies next to it.
            shared: for reading; several may hold it.
            patience_s: how long to wait for others to finish.

        Raises:
            StoreBusyError: another process, or another opening in this one, holds it.
            StorageError: the lock file cannot be made.
        """
        descriptor = _open_lock_file(store, shared=shared)
        if descriptor is None:
            return cls(None, shared=shared)
        deadline = time.monotonic() + patience_s
        while not _try_lock(descriptor, shared=shared):
            if time.monotonic() >= deadline:
                holder = _holder(descriptor)
                os.close(descriptor)
                raise busy_error(store, holder)
            time.sleep(_PAUSE_S)
        if not shared:
            _note_holder(descriptor, str(os.getpid()))
        return cls(descriptor, shared=shared)

    def release(self) -> None:
        """Lets others in. Releasing twice does nothing."""
        if self._descriptor is None:
            return
        if not self._shared:
            _note_holder(self._descriptor, "")
        _unlock(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def busy_error(store: Path, holder: str = "") -> StoreBusyError:
    """The sentence for a store that somebody else has open."""
    who = f"process {holder}" if holder else "another process"
    if holder == str(os.getpid()):
        who = "this same process"
    return StoreBusyError(
        f"the store at {store} is open in {who}",
        hint="wait until it is done, or name another store with --store or FITGRAPH_STORE",
    )


def _open_lock_file(store: Path, *, shared: bool) -> int | None:
    """Descriptor of the lock file; None where nobody can write one, hence nobody the store."""
    path = store.with_name(f"{store.name}.lock")
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if not shared:
            raise StorageError(
                f"the store at {store} cannot be written: {error.strerror}",
                hint="check the folder's permissions and the free disk space",
            ) from error
    with suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return None


def _try_lock(descriptor: int, *, shared: bool) -> bool:
    if sys.platform == "win32":  # RocksDB's own lock still keeps a second writer out
        return True
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    """Lets go also for forked children, which would hold the lock as long as they live."""
    if sys.platform != "win32":
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _note_holder(descriptor: int, process: str) -> None:
    """Notes who writes, for the sentence that others get; on a full disk it stays unsaid."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, process.encode("ascii"), 0)


def _holder(descriptor: int) -> str:
    """The process that writes, or nothing: readers leave no note, and a killed writer's is old."""
    with suppress(OSError, ValueError):
        process = os.pread(descriptor, 32, 0).decode("ascii")
        os.kill(int(process), 0)
        return process
    return ""
