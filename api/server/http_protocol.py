"""HTTP as uvicorn speaks it, with what it leaves open: a head that never ends, and its errors."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from fitgraph.api.problems import MEDIA_TYPE, Problem

_SLOW: Final = Problem(408, "the head of the request did not arrive in time", "slow-head")
_TOO_LARGE: Final = Problem(431, "the head of the request is too large", "head-too-large")
_BROKEN: Final = Problem(400, "this is no request of HTTP", "not-http")
_BEFORE_A_RESPONSE: Final = (h11.IDLE, h11.SEND_RESPONSE)


class BoundedProtocol(H11Protocol):
    """Ends connections on which the head of a request does not arrive in time.

    Args:
        head_timeout_s: from the connection, or the first byte, to the end of the head; and for
            what is left of a body that was refused.
    """

    def __init__(self, *args: Any, head_timeout_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timeout_s = head_timeout_s
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A body that goes on behind its response has no other end.
        is_refused = self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY
        if self.conn.their_state is not h11.IDLE and not is_refused:
            self._head_came()
        elif self._waiting is None:
            self._await_head()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's one sentence
        """Refuses what is no request; h11's error, which is being handled, says why."""
        hint = getattr(sys.exc_info()[1], "error_status_hint", 400)
        self._refuse(_TOO_LARGE if hint == _TOO_LARGE.status else _BROKEN)

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(self._head_timeout_s, self._refuse, _SLOW)

    def _head_came(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self, problem: Problem) -> None:
        self._head_came()
        if self.conn.our_state in _BEFORE_A_RESPONSE and not self.transport.is_closing():
            content = json.dumps(problem.document(str(uuid.uuid4()))).encode()
            headers = [
                ("content-type", MEDIA_TYPE),
                ("content-length", str(len(content))),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=problem.status, headers=headers),
                h11.Data(data=content),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
