"""What the client and a server say to each other."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Self, TypeVar
from urllib.parse import urlencode, urljoin

import urllib3
from pydantic import TypeAdapter, ValidationError
from urllib3.exceptions import HTTPError

from fitgraph.api.jobs.record import Job, from_plain
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.errors import (
    ConflictError,
    InvalidBoardError,
    InvalidModelError,
    InvalidRecordError,
    InvalidThingError,
    NotFoundError,
    StorageError,
)
from fitgraph.registry.iris import Iri
from fitgraph.registry.resources import Added

T = TypeVar("T")
_PAGE: Final = 1000
#: Made once a type, which takes milliseconds.
_ADAPTERS: Final[dict[type[Any], TypeAdapter[Any]]] = {}
_ERRORS: Final[Mapping[str, type[FitgraphError]]] = {
    kind.code: kind
    for kind in (
        ConflictError, InvalidBoardError, InvalidModelError, InvalidRecordError, InvalidThingError,
        NotFoundError, StorageError,
    )
}  # fmt: skip


class ServerError(FitgraphError):
    """The server did not do what it was asked for.

    Attributes:
        status: of its response; 0 if there was none.
        problem: code of the problem that it told.
    """

    code: ClassVar[str] = "server-error"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str = "", status: int = 0, problem: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.problem = problem


class Connection:
    """Speaks HTTP to one server; safe to use from many threads."""

    def __init__(self, url: str, *, token: str | None = None, timeout_s: float = 60.0) -> None:
        self._url = url.rstrip("/") + "/"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._pool = urllib3.PoolManager(
            headers=headers, timeout=timeout_s, retries=urllib3.Retry(0, redirect=0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def _all(self, path: str, kind: type[T], fields: Mapping[str, str]) -> tuple[T, ...]:
        return tuple(_record(one, kind) for one in self._pages_of(path, fields))

    def _pages_of(self, path: str, fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        following: str | None = f"{path}?{urlencode({**fields, 'limit': _PAGE})}"
        while following:
            page = json.loads(self._send("GET", following))
            yield from page["items"]
            following = page["next"]

    def _ordered(self, path: str, order: Mapping[str, Any]) -> Job:
        said = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in order.items()
            if value is not None
        }
        return job_of(self._send("POST", path, json.dumps(said).encode(), "application/json"))

    def _events(self, path: str, seen: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Server-sent events behind one, with their numbers, until the stream ends."""
        headers = {**self._pool.headers, "Accept": "text/event-stream"}
        headers |= {"Last-Event-ID": seen} if seen else {}
        try:
            response = self._pool.request(
                "GET", urljoin(self._url, path), headers=headers, preload_content=False
            )
            try:
                if response.status >= 300:
                    raise _error(response.status, response.data)
                yield from _read_events(response)
            finally:
                response.close()
        except HTTPError as error:
            raise ServerError(
                f"the server at {self._url} does not answer: {error}", hint="is it running?"
            ) from error

    def _one(self, path: str, kind: type[T]) -> T:
        return _record(json.loads(self._send("GET", path)), kind)

    def _added(self, content: bytes) -> Added:
        said = json.loads(content)
        return Added(Iri(said["iri"]), is_new=said["is_new"])

    def _send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        headers = {**self._pool.headers, "Accept": "application/json, */*;q=0.5"}
        headers |= {"Content-Type": kind} if kind else {}
        try:
            response = self._pool.request(
                method, urljoin(self._url, path), body=body, headers=headers
            )
        except HTTPError as error:
            raise ServerError(
                f"the server at {self._url} does not answer: {error}", hint="is it running?"
            ) from error
        if response.status >= 300:
            raise _error(response.status, response.data)
        return response.data

    def _saved(self, path: str, file: Path) -> int:
        """Writes what a POST gives into a file, whole and with the digest that was said."""
        if file.exists():
            raise StorageError(f"{file} is there already", hint="name a file that is not")
        partial = file.with_name(f"{file.name}.partial")
        try:
            response = self._pool.request("POST", urljoin(self._url, path), preload_content=False)
            try:
                if response.status >= 300:
                    raise _error(response.status, response.data)
                n_bytes, found = _copied(response, partial)
            finally:
                response.close()
            if f"sha-256=:{found}:" != response.headers.get("Repr-Digest"):
                raise ServerError("what the server sent has another digest", hint="try again")
            partial.replace(file)
        except HTTPError as error:
            raise ServerError(
                f"the server at {self._url} does not answer: {error}", hint="is it running?"
            ) from error
        except OSError as error:
            raise StorageError(
                f"{file} cannot be written: {error.strerror or error}",
                hint="check the folder and the free disk space",
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return n_bytes


def _copied(parts: Iterable[bytes], file: Path) -> tuple[int, str]:
    """Bytes written, and their digest as ``Repr-Digest`` has it."""
    digest, n_bytes = hashlib.sha256(), 0
    with file.open("wb") as out:
        for part in parts:
            digest.update(part)
            n_bytes += out.write(part)
    return n_bytes, base64.b64encode(digest.digest()).decode()


def job_of(content: bytes) -> Job:
    """The job that JSON tells of."""
    return from_plain(json.loads(content))


def _error(status: int, content: bytes) -> FitgraphError:
    """The error that the server met, as the library has it."""
    try:
        said = json.loads(content)
        message, code, hint = str(said["detail"]), str(said["code"]), str(said.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return ServerError(f"the server answers with HTTP {status}", status=status)
    if code in _ERRORS:
        return _ERRORS[code](message, hint=hint)
    return ServerError(message, hint=hint, status=status, problem=code)


def _record(said: Any, kind: type[T]) -> T:  # noqa: ANN401 - whatever the server says
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    try:
        found: T = _ADAPTERS[kind].validate_python(said)
    except ValidationError as error:
        raise ServerError(
            f"the server's {kind.__name__} is not one of this version: {error.errors()[0]['msg']}",
            hint="use the same version of fitgraph on both sides",
        ) from error
    return found


def _read_events(lines: Iterable[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Events of a stream with their ids; comments are passed over."""
    said: dict[str, str] = {}
    for line in _lines(lines):
        name, _, value = line.partition(": ")
        if line:
            said[name] = value
        else:
            if "data" in said:
                yield said.get("id", ""), {"event": said["event"], **json.loads(said["data"])}
            said = {}


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from (one.decode() for one in whole)
