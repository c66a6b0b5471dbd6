"""Jobs over HTTP: lists, states, events, logs, and what they delivered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.jobs.record import Job, Kind, to_plain
from fitgraph.api.schemas import JobDocument, PageDocument
from fitgraph.api.server.answers import media
from fitgraph.api.server.conditions import etag, is_known
from fitgraph.api.server.events import STREAM_HEADERS, STREAM_MEDIA, EventStream
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import ARGUMENTS, as_csv, page_of, plain_fields
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.resources import CSV, JSON
from fitgraph.api.server.state import Server, server_of
from fitgraph.registry.errors import NotFoundError

#: Proxies end connections on which nothing is sent for a minute.
_PAUSE_S: Final = 15.0
FIELDS: Final = plain_fields(Job)
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)]


def routers() -> tuple[APIRouter, APIRouter]:
    """Those of ``/builds``, and of ``/jobs``, which has jobs of all kinds."""
    return _router("builds", (Kind.BUILD,)), _router("jobs", tuple(Kind))


def _router(noun: str, kinds: tuple[Kind, ...]) -> APIRouter:
    """GET of a list of jobs, of one, its events and its log; DELETE ends it."""
    one = noun.removesuffix("s")
    router = APIRouter(tags=[noun], prefix=f"/{noun}", dependencies=[Depends(needs(Right.READ))])

    @router.get(
        "",
        operation_id=f"list_{noun}",
        response_model=None,
        responses={200: {"model": PageDocument[JobDocument], "content": {CSV: _TEXT}}},
        openapi_extra={"parameters": _PARAMETERS},
    )
    async def list_all(request: Request) -> Response:
        """List what was asked for, the oldest first."""
        return _listed(request, f"/{noun}", kinds)

    @router.get("/{job_id}", operation_id=f"get_{one}", response_model=None,
                responses={200: {"model": JobDocument}})  # fmt: skip
    async def get(request: Request, job_id: str) -> Response:
        """Get the state of one."""
        return answer(request, find(server_of(request), job_id, kinds))

    @router.delete("/{job_id}", operation_id=f"cancel_{one}", response_model=None,
                   dependencies=[Depends(needs(Right.BUILD))],
                   responses={200: {"model": JobDocument}})  # fmt: skip
    async def cancel(request: Request, job_id: str) -> Response:
        """Take it out of the queue, or end it; nothing that is half done stays."""
        server = server_of(request)
        find(server, job_id, kinds)
        return answer(request, await server.foreman.cancel(job_id))

    @router.get("/{job_id}/events", operation_id=f"{one}_events", response_class=Response,
                responses=media(STREAM_MEDIA))  # fmt: skip
    async def events(request: Request, job_id: str, last_event_id: LastEvent = None) -> Response:
        """Tell of stages, log lines and states as they happen, and of those since an event."""
        server = server_of(request)
        return _events(request, server, find(server, job_id, kinds), last_event_id)

    @router.get("/{job_id}/log", operation_id=f"{one}_log", response_class=Response,
                responses=media("text/plain"))  # fmt: skip
    async def log(request: Request, job_id: str) -> Response:
        """Get what has happened so far, a line each."""
        server = server_of(request)
        found = server.foreman.journal.events(find(server, job_id, kinds).id)
        return Response("".join(f"{line(one)}\n" for one in found), media_type="text/plain")

    return router


def find(server: Server, job_id: str, kinds: Sequence[Kind]) -> Job:
    """The job with this id, if it is of one of these kinds.

    Raises:
        NotFoundError: there is none.
    """
    job = server.foreman.journal.get(job_id)
    if job.kind not in kinds:
        raise NotFoundError(f"{job_id!r:.100} is no {kinds[0]}", hint="/jobs lists all jobs")
    return job


def answer(request: Request, job: Job, status: int = 200) -> Response:
    """A job as JSON."""
    content = json.dumps(document(job), ensure_ascii=False).encode()
    headers = {"ETag": etag(content), "Cache-Control": "no-cache"}
    if status == 200 and request.method == "GET" and is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if status == 202:
        headers["Location"] = address(job)
    return Response(content, status, headers, JSON)


def address(job: Job) -> str:
    """Where a job is."""
    return f"/{'builds' if job.kind is Kind.BUILD else 'jobs'}/{job.id}"


def document(job: Job) -> dict[str, Any]:
    """The members of a job's document."""
    return {name: value for name, value in to_plain(job).items() if name != "cause"}


def line(event: Mapping[str, Any]) -> str:
    """An event as a line of the log."""
    if event["event"] == "stage":
        said = f"{event['stage']} ({event['done']} of {event['total']})"
    elif event["event"] == "state":
        said = " ".join([event["state"], *([f"({event['reason']})"] if "reason" in event else [])])
    else:
        said = event["line"]
    return f"{event.get('time', '')}  {said}"


_TEXT: Final = {"schema": {"type": "string"}}
_PARAMETERS: Final = [
    {
        "name": name,
        "in": "query",
        "schema": {"type": "integer", "minimum": 1} if name == "limit" else {"type": "string"},
    }
    for name in (*ARGUMENTS, *FIELDS)
]


def _listed(request: Request, path: str, kinds: tuple[Kind, ...]) -> Response:
    chosen = best(request.headers.get("accept"), (JSON, CSV))
    jobs = [job for job in server_of(request).foreman.journal.jobs() if job.kind in kinds]
    arguments = request.query_params.multi_items()
    page = page_of(jobs, arguments, FIELDS, lambda job: job.id)
    headers = {"Content-Type": chosen, "Vary": "Accept", "Cache-Control": "no-cache"}
    following = ""
    if page.cursor:
        rest = [pair for pair in arguments if pair[0] != "cursor"]
        following = f"{path}?{urlencode([*rest, ('cursor', page.cursor)])}"
        headers["Link"] = f'<{following}>; rel="next"'
    if chosen == CSV:
        return Response(as_csv(page.records, FIELDS), headers=headers)
    items = [document(replace(job, result=None)) for job in page.records]
    said = {"items": items, "total": page.total, "next": following or None}
    return Response(json.dumps(said, ensure_ascii=False).encode(), headers=headers)


def _events(request: Request, server: Server, job: Job, last: str | None) -> Response:
    seen = int(last[:9]) if last is not None and last.isascii() and last.isdigit() else 0
    if job.has_ended and seen >= len(server.foreman.journal.events(job.id)):
        return Response(status_code=204)  # by which a browser knows that it need not come back
    if getattr(request.state, "is_head", False):
        return Response(headers={**STREAM_HEADERS, "Content-Type": STREAM_MEDIA})
    server.events.enter()
    return EventStream(server.events, _written(server, job.id, seen))


async def _written(server: Server, job_id: str, seen: int) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    async for found in server.foreman.watch(job_id, seen, _PAUSE_S):
        if found is None:
            yield ": nothing new\n\n"
            continue
        number, event = found
        data = {name: value for name, value in event.items() if name != "event"}
        yield f"event: {event['event']}\ndata: {json.dumps(data)}\nid: {number}\n\n"
