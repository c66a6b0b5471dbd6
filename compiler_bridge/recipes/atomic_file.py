"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from fitgraph.registry.errors import StorageError

# mkstemp makes files that only their owner reads; a model file is for everyone.
_MODE = 0o644


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside ``path`` under another name, then rename.

    Raises:
        StorageError: the folder is absent or not writable, or the disk is full.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(_MODE)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Check that the folder exists, is writable and has space left.",
        ) from error
