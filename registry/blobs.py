"""Blobs: files named by the SHA-256 of their bytes, behind fsspec."""

from __future__ import annotations

import hashlib
import io
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Final

from fitgraph.registry.errors import NotFoundError, StorageError

_CHUNK_BYTES: Final = 1 << 20
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """Content-addressed files in a folder, or under any URL that fsspec knows.

    A blob lies at ``<first two hex digits>/<sha256>``. It is written under ``partial/`` and
    renamed when it is whole, so that a name always stands for all of its bytes.
    """

    def __init__(self, url: str | Path) -> None:
        """Blobs below ``url``: a folder, or something like ``s3://bucket/blobs``."""
        self.url = str(url)

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """File system and folder, looked up when a blob is wanted: importing fsspec takes time."""
        import fsspec  # noqa: PLC0415

        files, root = fsspec.core.url_to_fs(self.url)
        return files, str(root).rstrip("/")

    @property
    def _files(self) -> Any:  # noqa: ANN401 - fsspec has no types
        return self._place[0]

    @property
    def _root(self) -> str:
        return self._place[1]

    def put(self, content: bytes | Path) -> str:
        """Stores bytes, or those of a file, and returns their SHA-256.

        Raises:
            NotFoundError: the file is not there or cannot be read.
            StorageError: the disk is full or not to be written; nothing is left behind.
        """
        sha256 = digest(content)
        with self._storage_errors():
            if self.has(sha256):
                self._refresh(sha256)
            else:
                self._write(sha256, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of a blob, checked against its name.

        Raises:
            NotFoundError: no such blob.
            StorageError: the bytes are not what their name says, or cannot be read.
        """
        path = self._path(sha256)
        with self._storage_errors():
            try:
                content: bytes = self._files.cat_file(path)
            except FileNotFoundError as error:
                raise NotFoundError(
                    f"there is no blob {sha256} in {self.url}", hint="add the file again"
                ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StorageError(
                f"the blob {sha256} in {self.url} is damaged: its bytes have another digest",
                hint="remove the model and add its file again",
            )
        return content

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""
        return bool(self._files.exists(self._path(sha256)))

    def age_s(self, sha256: str) -> float:
        """Seconds since a blob was last put; 0 where the file system does not tell."""
        try:
            modified = self._files.modified(self._path(sha256))
        except (NotImplementedError, OSError):
            return 0.0
        return max(0.0, time.time() - float(modified.timestamp()))

    def delete(self, sha256: str, is_referenced: Callable[[str], bool]) -> bool:
        """Deletes a blob that nothing refers to, and says whether it did.

        Args:
            sha256: the blob; one that is not there is no error.
            is_referenced: asks whoever keeps the references, which is the graph.
        """
        path = self._path(sha256)
        if is_referenced(sha256) or not self.has(sha256):
            return False
        with self._storage_errors():
            self._files.rm_file(path)
        return True

    def delete_partial(self) -> None:
        """Deletes what a killed process left half-written. Only for who alone writes."""
        folder = f"{self._root}/partial"
        with self._storage_errors():
            if self._files.exists(folder):
                self._files.rm(folder, recursive=True)

    def __iter__(self) -> Iterator[str]:
        """Digests of all blobs, sorted."""
        paths = self._files.find(self._root) if self._files.exists(self._root) else []
        names = (str(path).rsplit("/", 1)[-1] for path in paths)
        return iter(sorted(name for name in names if _DIGEST.fullmatch(name)))

    def _path(self, sha256: str) -> str:
        if not _DIGEST.fullmatch(sha256):
            raise NotFoundError(
                f"{sha256!r} does not name a blob", hint="a name has 64 lower-case hex digits"
            )
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _refresh(self, sha256: str) -> None:
        """Makes a blob young again, so that nobody takes it for one that was left behind."""
        with suppress(NotImplementedError, OSError, ValueError):
            self._files.touch(self._path(sha256), truncate=False)

    def _write(self, sha256: str, content: bytes | Path) -> None:
        target, partial = self._path(sha256), f"{self._root}/partial/{uuid.uuid4().hex}"
        self._files.makedirs(f"{self._root}/partial", exist_ok=True)
        try:
            with self._files.open(partial, "wb") as file:
                _copy_exactly(content, file, sha256)
            self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
            self._files.mv(partial, target)
        except BaseException:
            with suppress(OSError):
                self._files.rm_file(partial)
            raise

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"the blobs in {self.url} cannot be used: {error.strerror or error}",
                hint="check the free disk space and the folder's permissions",
            ) from error


def digest(content: bytes | Path) -> str:
    """SHA-256 of bytes or of a file, as 64 hexadecimal digits.

    Raises:
        NotFoundError: the file is not there or cannot be read.
    """
    return _copy(content, None)


def _copy(content: bytes | Path, target: IO[bytes] | None) -> str:
    """SHA-256 of what was copied. A file is read in pieces: it may be larger than memory."""
    sha256 = hashlib.sha256()
    with _reading(content) as source:
        while piece := source.read(_CHUNK_BYTES):
            sha256.update(piece)
            if target is not None:
                target.write(piece)
    return sha256.hexdigest()


def _copy_exactly(content: bytes | Path, target: IO[bytes], sha256: str) -> None:
    if _copy(content, target) != sha256:
        raise StorageError("the file changed while it was read", hint="add it again")


def _reading(content: bytes | Path) -> IO[bytes]:
    if isinstance(content, bytes):
        return io.BytesIO(content)
    try:
        return content.open("rb")
    except OSError as error:
        raise NotFoundError(
            f"the file {content} cannot be read: {error.strerror}", hint="check its name"
        ) from error
