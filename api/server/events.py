"""The Events API of a W3C WoT directory: server-sent events (WoT Discovery, section 7.3.3)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from fitgraph.api.access import Right
from fitgraph.api.server.answers import media
from fitgraph.api.server.event_log import Event, EventLog, EventType
from fitgraph.api.server.guard import needs
from fitgraph.api.server.state import server_of

router = APIRouter(tags=["WoT directory"], dependencies=[Depends(needs(Right.READ))])

STREAM_MEDIA: Final = "text/event-stream"
#: Proxies end connections on which nothing is sent for a minute.
_PAUSE_S: Final = 15.0
STREAM_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)]


@router.get(
    "/events", operation_id="events", response_class=Response, responses=media(STREAM_MEDIA)
)
async def all_events(
    request: Request, *, diff: bool = False, last_event_id: LastEvent = None
) -> Response:
    """Tell of everything that happens to things, and of what was missed since an event."""
    return _stream(request, None, last_event_id, with_difference=diff)


@router.get(
    "/events/{type}", operation_id="events_of_a_type", response_class=Response,
    responses=media(STREAM_MEDIA),
)  # fmt: skip
async def events_of_a_type(
    request: Request,
    type: EventType,  # noqa: A002 - the spec's name
    *,
    diff: bool = False,
    last_event_id: LastEvent = None,
) -> Response:
    """Tell of events of one type."""
    return _stream(request, type, last_event_id, with_difference=diff)


def _stream(
    request: Request, kind: EventType | None, last: str | None, *, with_difference: bool
) -> Response:
    if getattr(request.state, "is_head", False):
        head = Response(headers={**STREAM_HEADERS, "Content-Type": STREAM_MEDIA})
        del head.headers["Content-Length"]  # a stream has none
        return head
    log = server_of(request).events
    log.enter()
    number = int(last) if last is not None and last.isdecimal() else None
    events = log.after(number, _PAUSE_S)
    return EventStream(log, _written(events, kind, with_difference=with_difference))


class EventStream(StreamingResponse):
    """A stream that counts as long as it is open, however it ends."""

    def __init__(self, log: EventLog, content: AsyncIterator[str]) -> None:
        super().__init__(content, headers={**STREAM_HEADERS, "Content-Type": STREAM_MEDIA})
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._log.leave()


async def _written(
    events: AsyncIterator[Event | None], kind: EventType | None, *, with_difference: bool
) -> AsyncIterator[str]:
    yield ": these are the events of a directory\n\n"
    async for event in events:
        if event is None:
            yield ": nothing new\n\n"
        elif kind in {None, event.type}:
            yield _text(event, with_difference=with_difference)


def _text(event: Event, *, with_difference: bool) -> str:
    has_more = with_difference and event.type is not EventType.DELETED
    data = {**(json.loads(event.difference) if has_more else {}), "id": event.thing}
    return f"event: {event.type}\ndata: {json.dumps(data)}\nid: {event.number}\n\n"
