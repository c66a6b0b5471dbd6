"""Style sheet, scripts and pictures of the pages, each under an address with its digest."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from fitgraph.api.server.conditions import is_known
from fitgraph.registry.errors import NotFoundError

router = APIRouter(include_in_schema=False)

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: What has another digest has another address, so nobody need ask again.
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def static_address(name: str) -> str:
    """Where a file is, with its digest, so that it may be kept for ever."""
    return f"/static/{name}?{_digest(name)}"


@router.get("/static/{name}")
async def static_file(request: Request, name: str) -> Response:
    """Get a file that pages need."""
    if name not in _names():
        raise NotFoundError(
            f"there is no file {name!r:.80}", hint="pages name those that there are"
        )
    tag = f'"{_digest(name)}"'
    is_current = request.url.query == _digest(name)
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER if is_current else "no-cache",
               "X-Content-Type-Options": "nosniff"}  # fmt: skip
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(_content(name), media_type=_TYPES[Path(name).suffix], headers=headers)


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in _FOLDER.iterdir() if file.suffix in _TYPES)


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_content(name)).hexdigest()[:16]
