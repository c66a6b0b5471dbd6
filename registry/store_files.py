"""The files of an embedded store: opening them, and changing many graphs at once.

pyoxigraph commits an update or an ``extend`` as one transaction, but keeps all of it in memory:
892 MB for 600,000 triples. Its bulk loader needs a tenth of that and half the time, and is no
transaction. So a large write goes into a copy of the store, which takes no time and no space (its
files are hard links), and the copy takes the store's place when it is complete. Whoever is killed
on the way leaves the store as it was.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyoxigraph

from fitgraph.registry.errors import NotFoundError, RegistryError, StorageError, StoreBusyError
from fitgraph.registry.store_lock import busy_error

# A query in another thread still holds the store that gives way; it takes milliseconds.
_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.02
_LONG_LOG_BYTES: Final = 256 << 10


def make_folder(path: Path) -> None:
    """Makes the folder of a store to be written.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the store's folder {path} cannot be made: {error.strerror}",
            hint="name a folder that can be written with --store or FITGRAPH_STORE",
        ) from error


def require(path: Path) -> None:
    """Makes sure that there is a store to be read.

    Raises:
        NotFoundError: there is none.
    """
    if not (path / "CURRENT").exists():
        raise NotFoundError(
            f"there is no store at {path}",
            hint="add a model or a board first, or name another store with --store",
        )


def open_files(path: Path, *, read_only: bool) -> pyoxigraph.Store:
    """Opens the files of a store.

    Raises:
        StoreBusyError: another process has them open for writing.
        StorageError: they cannot be opened.
    """
    try:
        if read_only:
            return pyoxigraph.Store.read_only(str(path))
        store = pyoxigraph.Store(path)
    except OSError as error:
        raise storage_error(path, error) from error
    _delete_old_logs(path)
    return store


def settle(path: Path, store: pyoxigraph.Store) -> None:
    """Brings a long log into the tables, which every reader would read through again.

    A reader of 9,000 triples in the log waits 0.15 s; writing them out takes as long, once.
    """
    with suppress(OSError):  # all is in the log: nothing is lost
        if sum(log.stat().st_size for log in path.glob("*.log")) > _LONG_LOG_BYTES:
            store.flush()


def storage_error(path: Path, error: OSError) -> RegistryError:
    """RocksDB's errors come as ``OSError`` with its own text and no number."""
    reason = str(error).removeprefix("IO error: ")
    if "LOCK" in reason and "lock" in reason:
        return busy_error(path)
    if "No space left" in reason or "File too large" in reason:
        return StorageError(
            f"the disk is full; the store at {path} stays as it was: {reason}",
            hint="free some disk space and run it again",
        )
    return StorageError(
        f"the store at {path} cannot be used: {reason}",
        hint="check the folder's permissions; a folder that is not a store must be empty",
    )


def copy_path(path: Path) -> Path:
    """Where a copy of the store is written before it takes the store's place."""
    return path.with_name(f"{path.name}.next")


def needs_recovery(path: Path) -> bool:
    """Whether a process was killed while a copy took the store's place."""
    return not path.exists() and _old_path(path).exists()


def recover(path: Path) -> None:
    """Brings to its end, or takes back, what a killed process left of a large write.

    Only for who alone has the store. The store steps aside only after its copy is complete: where
    it is still there, the copy is not to be trusted.
    """
    if needs_recovery(path):
        copy_path(path).rename(path)
    for leftover in (copy_path(path), _old_path(path)):
        shutil.rmtree(leftover, ignore_errors=True)


def put_in_place(path: Path) -> None:
    """Puts the complete copy in the place of the store, when no thread reads it any more.

    Raises:
        OSError: a folder cannot be renamed.
        StorageError: a query does not end.
    """
    open_patiently(path)  # and lets go of it at once
    path.rename(_old_path(path))
    _sync_folder(path.parent)
    try:
        copy_path(path).rename(path)
    except OSError:
        _old_path(path).rename(path)
        raise
    _sync_folder(path.parent)
    shutil.rmtree(_old_path(path), ignore_errors=True)


def open_patiently(path: Path) -> pyoxigraph.Store:
    """Opens the files for writing, as soon as no query of another thread holds the store.

    Raises:
        StoreBusyError: a query does not end.
        StorageError: they cannot be opened.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return open_files(path, read_only=False)
        except StoreBusyError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_S)


def _old_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def _sync_folder(folder: Path) -> None:
    """Makes a renaming last through a power cut, where folders can be synchronised."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _delete_old_logs(path: Path) -> None:
    """Deletes what RocksDB logged in earlier openings: 136 kB each, of which it keeps 1,000."""
    for log in path.glob("LOG.old.*"):
        with suppress(OSError):
            log.unlink()
