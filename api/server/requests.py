"""What holds for every request: an id, one line in the log, and HEAD wherever there is GET."""

from __future__ import annotations

import re
import time
import uuid
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fitgraph.api.problems import Problem
from fitgraph.api.server.logs import LOGGER
from fitgraph.api.server.problem_responses import respond

_FAILED: Final = Problem(
    500, "the server failed at this request", "internal-error", "its log tells more under this id"
)
_ID_HEADER: Final = b"x-request-id"
_CACHE: Final = b"cache-control"
_UUID: Final = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)


class Requests:
    """Gives each request an id, which its response and its line in the log carry."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started, status, has_begun = time.perf_counter(), 500, False
        method, is_head = scope["method"], scope["method"] == "HEAD"
        if is_head:
            scope["method"], scope["state"]["is_head"] = "GET", True

        async def answer(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = message["status"], True
                headers = [*message["headers"], (_ID_HEADER, request_id.encode())]
                if scope["state"].get("is_signed_in"):
                    headers = _own(headers)
                message = {**message, "headers": headers}
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            LOGGER.exception("failed", extra={"fields": {"request_id": request_id}})
            if has_begun:
                raise
            await respond(_FAILED, Request(scope))(scope, receive, answer)
        finally:
            seconds, route = time.perf_counter() - started, scope.get("route")
            scope["app"].state.server.metrics.note(
                method, getattr(route, "path", None), status, seconds
            )
            LOGGER.info(
                "request",
                extra={
                    "fields": {
                        "request_id": request_id,
                        "method": method,
                        "path": scope["path"],
                        "who": scope["state"].get("who"),
                        "status": status,
                        "ms": round(seconds * 1000, 1),
                    }
                },
            )


def _own(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What somebody gets who is signed in is not to be kept for others."""
    if any(name == _CACHE for name, _ in headers):
        return headers
    return [*headers, (_CACHE, b"private")]


def _request_id(scope: Scope) -> str:
    """The caller's id if it is a UUID, else one of our own."""
    for name, value in scope["headers"]:
        if name == _ID_HEADER and _UUID.fullmatch(value):
            return str(value.decode("ascii").lower())
    return str(uuid.uuid4())
