"""Files to import, read within bounds, and never outside the folders that were given."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fitgraph.registry.errors import InvalidImportError, NotFoundError

#: The largest device family pack's description has 15 MB.
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
#: The whole of Zephyr has 50,000 files.
MAX_FILES: Final = 200_000

#: How the files that are looked at end; everything else is passed over unseen.
SUFFIXES: Final = frozenset({".yaml", ".yml", ".json", ".jsonld", ".ttl", ".pdsc", ".pack"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to look at.

    Attributes:
        path: where it is.
        name: what notes and the graph call it: relative to the folder that was given.
        is_named: whether it was given itself, rather than found in a folder.
    """

    path: Path
    name: str
    is_named: bool


def source_files(paths: Iterable[Path]) -> Iterator[SourceFile]:
    """The files among the paths, and those below the folders, by name; each once.

    Links out of a folder are not followed.

    Raises:
        NotFoundError: a path is not there.
        InvalidImportError: there are more than ``MAX_FILES``.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _below(path):
            real = found.path.resolve()
            if real in seen:
                continue
            seen.add(real)
            if len(seen) > MAX_FILES:
                raise InvalidImportError(
                    f"{path} holds more than {MAX_FILES:,} files", hint="name a folder within it"
                )
            yield found


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """The file's content.

    Raises:
        InvalidImportError: it is no regular file, is larger than ``limit``, or cannot be read.
    """
    try:
        # A pipe would block the opening, and a device never ends.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise InvalidImportError("not a regular file", hint="name a file or a folder")
            if status.st_size > limit:
                raise InvalidImportError(
                    f"{status.st_size:,} bytes, more than the {limit:,} that are read",
                    hint="import a part of it",
                )
            return file.read(limit)
    except OSError as error:
        raise InvalidImportError(
            f"cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error


def text_of(content: bytes) -> str:
    """The content as text.

    Raises:
        InvalidImportError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidImportError(
            f"not UTF-8 text: byte {error.start} does not decode", hint="save the file as UTF-8"
        ) from error


def _below(path: Path) -> Iterator[SourceFile]:
    if not path.is_dir():
        if not path.exists():
            raise NotFoundError(f"there is no {path}", hint="check the path")
        yield SourceFile(path, path.name, is_named=True)
        return
    for folder, folders, names in os.walk(path, followlinks=False):
        folders.sort()
        for name in sorted(names):
            found = Path(folder, name)
            if found.suffix.lower() in SUFFIXES and not found.is_symlink():
                yield SourceFile(found, found.relative_to(path).as_posix(), is_named=False)
