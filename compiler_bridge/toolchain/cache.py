"""Where compilers keep what they build once: run-time libraries of each target."""

from __future__ import annotations

import os
import tempfile
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


def _default() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "fitgraph"
    try:
        return Path.home() / ".cache" / "fitgraph"
    except RuntimeError:  # a container's user may have no home
        return Path(tempfile.gettempdir()) / "fitgraph-cache"
