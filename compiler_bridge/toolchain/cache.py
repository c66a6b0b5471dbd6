"""Where compilers keep what they build once: run-time libraries of each target."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

from fitgraph.compiler_bridge.errors import ToolchainError


def cache_folder() -> Path:
    """``$FITGRAPH_CACHE`` or ``~/.cache/fitgraph``, made if it is not there.

    Raises:
        ToolchainError: it cannot be made.
    """
    folder = Path(os.environ.get("FITGRAPH_CACHE") or _default())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolchainError(
            f"the cache folder {folder} cannot be made: {error.strerror}",
            hint="set FITGRAPH_CACHE to a folder that can be written",
        ) from error
    return folder.resolve()


def file_digest(path: Path) -> str:
    """SHA-256 of a large file that seldom changes; told again at once while it has not.

    Raises:
        ToolchainError: it cannot be read.
    """
    try:
        status = path.stat()
        return _file_digest(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise ToolchainError(f"{path} cannot be read: {error.strerror}") from error


@cache
def _file_digest(path: Path, _n_bytes: int, _changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _default() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "fitgraph"
    try:
        return Path.home() / ".cache" / "fitgraph"
    except RuntimeError:  # a container's user may have no home
        return Path(tempfile.gettempdir()) / "fitgraph-cache"
