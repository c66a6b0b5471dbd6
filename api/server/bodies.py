"""The body of a request, read within bounds of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from pathlib import Path

from fastapi import Request
from starlette.requests import ClientDisconnect

from fitgraph.api.server.faults import (
    RequestError,
    SlowBodyError,
    TooLargeError,
    UnsupportedMediaTypeError,
)


def media_type(request: Request) -> str:
    """What the body is said to be, without parameters; an empty string where nothing is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_media_type(request: Request, taken: Collection[str]) -> str:
    """Makes sure that the body is of a kind that is taken.

    Raises:
        UnsupportedMediaTypeError: it is of another, or compressed.
    """
    said = media_type(request)
    if said not in taken:
        raise UnsupportedMediaTypeError(
            f"a body of type {said[:80]!r} is not taken here" if said else "the body has no type",
            hint=f"send it with Content-Type: {' or '.join(sorted(taken))}",
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedMediaTypeError(
            f"a body with the encoding {encoding[:40]!r} is not taken", hint="send it as it is"
        )
    return said


async def read_body(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """The whole body.

    Raises:
        TooLargeError: it has more than ``max_bytes``.
        SlowBodyError: it takes longer than ``timeout_s``.
    """
    return b"".join([part async for part in _parts(request, max_bytes, timeout_s)])


async def save_body(request: Request, file: Path, max_bytes: int, timeout_s: float) -> None:
    """Writes the body into a file, part by part as it arrives.

    Raises:
        TooLargeError: it has more than ``max_bytes``.
        SlowBodyError: a part takes longer than ``timeout_s``.
    """
    with file.open("wb") as out:
        async for part in _parts(request, max_bytes, timeout_s):
            await asyncio.to_thread(out.write, part)


async def _parts(request: Request, max_bytes: int, timeout_s: float) -> AsyncIterator[bytes]:
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said[:20]) > max_bytes:
        raise _too_large(max_bytes)
    n_bytes, stream = 0, aiter(request.stream())
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                part = await anext(stream, None)
        except TimeoutError as error:
            raise SlowBodyError(
                f"the body did not arrive within {timeout_s:g} seconds",
                hint="send it faster",
                headers={"Connection": "close"},
            ) from error
        except ClientDisconnect as error:
            raise RequestError("the body broke off", hint="send it again") from error
        if part is None:
            return
        n_bytes += len(part)
        if n_bytes > max_bytes:
            raise _too_large(max_bytes)
        # A megabyte more is as much time again: a large body need not be a fast one.
        deadline += timeout_s * len(part) / (1 << 20)
        yield part


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(
        f"the body has more than the {max_bytes:,} bytes that are taken", hint="send less at once"
    )
