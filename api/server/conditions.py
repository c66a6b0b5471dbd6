"""Conditional requests: ``If-Match`` and ``If-None-Match`` (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib

from fastapi import Request

from fitgraph.api.server.faults import PreconditionFailedError


def etag(*content: str | bytes) -> str:
    """The entity tag of a content."""
    digest = hashlib.sha256()
    for part in content:
        digest.update(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part)
    return f'"{digest.hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the client has this content already, so that 304 is enough."""
    said = _tags(request.headers.get("if-none-match"))
    return "*" in said or tag in {one.removeprefix("W/") for one in said}


def require_match(request: Request, *tags: str) -> None:
    """Makes sure that the resource is what the client thinks it is.

    Args:
        tags: of what is there, one for each of its forms; none where there is nothing.

    Raises:
        PreconditionFailedError: it is not.
    """
    wanted = _tags(request.headers.get("if-match"))
    unwanted = _tags(request.headers.get("if-none-match"))
    known = {"*", *tags} if tags else set()
    is_other = bool(wanted) and known.isdisjoint(wanted)
    is_there = not known.isdisjoint(unwanted)
    if is_other or is_there:
        raise PreconditionFailedError(
            "the resource is not what the request expects: somebody has changed it",
            hint="get it again, and decide anew",
        )


def _tags(header: str | None) -> tuple[str, ...]:
    return tuple(one.strip() for one in (header or "").split(",") if one.strip())
