"""The Things API of a W3C WoT directory (Web of Things Discovery, section 7.3.2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.addresses import base_address
from fitgraph.api.server.answers import body, media, of_status
from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.conditions import etag, is_known, require_match
from fitgraph.api.server.directory import KIND, tag_of
from fitgraph.api.server.guard import needs
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.state import server_of
from fitgraph.api.server.thing_pages import MAX_PAGE, ThingPage
from fitgraph.registry.answer_text import GraphForm, graph_text
from fitgraph.registry.directory_operations import Registered
from fitgraph.registry.registration import enriched
from fitgraph.registry.thing_json import Json

router = APIRouter(tags=["WoT directory"])

TD: Final = "application/td+json"
_MERGE_PATCH: Final = "application/merge-patch+json"
_TAKEN: Final = (TD, "application/ld+json", "application/json")
_GIVEN: Final = (TD, "application/json", "application/ld+json")
_RDF: Final = {"text/turtle": GraphForm.TURTLE, "application/n-triples": GraphForm.NTRIPLES}
_LISTED: Final = ("application/ld+json", "application/json")
_READ: Final = [Depends(needs(Right.READ))]
_WRITE: Final = [Depends(needs(Right.REGISTER))]


@router.post(
    "/things/", include_in_schema=False, status_code=201, dependencies=_WRITE
)  # some clients end the address of a collection so
@router.post(
    "/things",
    operation_id="create_anonymous_thing",
    status_code=201,
    response_class=Response,
    responses=of_status(201, "Taken in; Location names the thing."),
    dependencies=_WRITE,
    openapi_extra=body(*_TAKEN),
)
async def create_anonymous(request: Request) -> Response:
    """Take in a description that has no id."""
    thing = await server_of(request).directory.create(await _body(request, _TAKEN))
    return Response(status_code=201, headers={"Location": _address(thing)})


@router.get("/things/", include_in_schema=False, dependencies=_READ)
@router.get(
    "/things",
    operation_id="list_things",
    response_class=Response,
    responses=media(*_LISTED),
    dependencies=_READ,
)
async def listed(
    request: Request,
    *,
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    form: Annotated[Literal["array", "collection"], Query(alias="format")] = "array",
    sort_by: Annotated[str | None, Query(max_length=1000)] = None,
    sort_order: Annotated[Literal["asc", "desc"], Query()] = "asc",
) -> Response:
    """List descriptions page by page, by id unless another member is named."""
    chosen = best(request.headers.get("accept"), _LISTED)
    graph = server_of(request).graph
    page = ThingPage(offset, min(limit or MAX_PAGE, MAX_PAGE), form, sort_by, sort_order)
    ids = await graph.kept("ids", lambda registry: registry.registered_iris(), KIND)
    found, total = await graph.read(lambda registry: page.of(registry, ids))
    members = [_shown(one) for one in found]
    response = _json(page.collection(members, total) if form == "collection" else members, chosen)
    if page.following(total):
        response.headers.append("Link", f'<{page.following(total)}>; rel="next"')
    if limit is not None or offset or page.following(total):
        revision = etag(repr(graph.revision_of(KIND)), server_of(request).started)
        response.headers.append("Link", f'</things>; rel="canonical"; etag={revision}')
    return response


@router.get(
    "/things/{id:path}",
    operation_id="retrieve_thing",
    response_class=Response,
    responses=media(*_GIVEN, *_RDF),
    dependencies=_READ,
)
async def retrieve(request: Request, id: str) -> Response:  # noqa: A002 - the spec's name
    """Get a description with what the directory notes of it."""
    server = server_of(request)
    chosen = best(request.headers.get("accept"), (*_GIVEN, *_RDF))
    found = await server.directory.get(_thing(request, id))
    headers = {"ETag": tag_of(found), "Vary": "Accept"}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if chosen in _RDF:
        triples = await server.graph.read(lambda registry: registry.thing_triples(found.iri))
        text = graph_text(triples, _RDF[chosen])
        return Response(text, headers={**headers, "Content-Type": chosen})
    response = _json(_shown(found), chosen)
    response.headers.update(headers)
    return response


@router.put(
    "/things/{id:path}",
    operation_id="put_thing",
    response_class=Response,
    responses=of_status(201, "Taken in.") | of_status(204, "Replaced."),
    dependencies=_WRITE,
    openapi_extra=body(*_TAKEN),
)
async def put(request: Request, id: str) -> Response:  # noqa: A002 - the spec's name
    """Take in a description under its id, or put it in place of the one that is there."""
    thing, content = _thing(request, id), await _body(request, _TAKEN)
    is_new = await server_of(request).directory.put(
        thing, content, lambda tags: require_match(request, *tags)
    )
    if is_new:
        return Response(status_code=201, headers={"Location": _address(thing)})
    return Response(status_code=204)


@router.patch(
    "/things/{id:path}",
    operation_id="patch_thing",
    response_class=Response,
    status_code=204,
    responses=of_status(204, "Changed."),
    dependencies=_WRITE,
    openapi_extra=body(_MERGE_PATCH),
)
async def patch(request: Request, id: str) -> Response:  # noqa: A002 - the spec's name
    """Change parts of a description by a merge patch (RFC 7396)."""
    thing, content = _thing(request, id), await _body(request, (_MERGE_PATCH,))
    await server_of(request).directory.patch(
        thing, content, lambda tags: require_match(request, *tags)
    )
    return Response(status_code=204)


@router.delete(
    "/things/{id:path}",
    operation_id="delete_thing",
    response_class=Response,
    status_code=204,
    responses=of_status(204, "Removed."),
    dependencies=_WRITE,
)
async def delete(request: Request, id: str) -> Response:  # noqa: A002 - the spec's name
    """Remove a description."""
    thing = _thing(request, id)
    await server_of(request).directory.delete(thing, lambda tags: require_match(request, *tags))
    return Response(status_code=204)


def _thing(request: Request, said: str) -> str:
    """The id of a thing; a whole address of this directory, as in Location, means its id."""
    for start in (f"{base_address(request)}/things/", "/things/"):
        if said.startswith(start):
            return said.removeprefix(start)
    return said


def _address(thing: str) -> str:
    """Where a thing is; colons stay, so that a URN is seen as one."""
    return f"/things/{quote(thing, safe=':@!$&()*+,;=~-._')}"


def _shown(found: Registered) -> dict[str, Json]:
    return enriched(found.value, found.registration, datetime.now(UTC))


def _json(content: object, chosen: str) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), headers={"Content-Type": chosen, "Vary": "Accept"})


async def _body(request: Request, taken: tuple[str, ...]) -> bytes:
    settings = server_of(request).settings
    require_media_type(request, taken)
    return await read_body(request, settings.body_bytes, settings.body_timeout_s)
