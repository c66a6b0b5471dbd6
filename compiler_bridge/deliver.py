"""Writes what a build delivers, a folder or a zip file: whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fitgraph.registry.errors import ConflictError, StorageError

# Lists every file with its SHA-256; by it an earlier build is known from somebody else's files.
MANIFEST = "manifest.json"

# The earliest that a zip file can say: the same files give the same bytes at any time.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_HINT = "choose another --output"


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Writes files into a folder of their own; one that an earlier build wrote is replaced.

    Args:
        files: path inside the folder to content.

    Raises:
        ConflictError: the folder holds something else.
        StorageError: it cannot be written.
    """
    with _telling_of(folder):
        require_free(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _replace(folder, files)
    return folder


def write_zip(path: Path, top: str, files: Mapping[str, bytes]) -> Path:
    """Writes files into a zip file; one that an earlier build wrote is replaced.

    Args:
        top: the folder in the zip file that all files lie in.

    Raises:
        ConflictError: the path is something else.
        StorageError: it cannot be written.
    """
    with _telling_of(path):
        require_free_zip(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zip_bytes(top, files))
            fresh.chmod(0o644)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    return path


def zip_bytes(top: str, files: Mapping[str, bytes]) -> bytes:
    """A zip file whose bytes depend on nothing but the names and contents of the files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{top}/{name}", _NO_TIME)
            entry.external_attr = _MODE
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            writer.writestr(entry, content, compresslevel=9)
    return archive.getvalue()


def require_free(folder: Path) -> None:
    """Refuse a folder with something else than an earlier build in it.

    Raises:
        ConflictError: it is one, or a file.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConflictError(f"{folder} is not a folder", hint=_HINT)
    if any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise ConflictError(f"{folder} is not empty and not an earlier build", hint=_HINT)


def require_free_zip(path: Path) -> None:
    """Refuse a path with something else than the zip file of an earlier build.

    Raises:
        ConflictError: it is one.
    """
    if path.exists() and not _is_earlier_zip(path):
        raise ConflictError(f"{path} is there already and no earlier build", hint=_HINT)


def _is_earlier_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(f"/{MANIFEST}") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


@contextmanager
def _telling_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"cannot write the build to {path}: {error.strerror or error}",
            hint="free some space, or choose another --output",
        ) from error


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes beside the folder, then swaps."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        fresh.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            folder.replace(old / "replaced")
            fresh.replace(folder)
            shutil.rmtree(old)
        else:
            fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
