"""The Search API of a W3C WoT directory (Web of Things Discovery, section 7.3.4)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.answers import body, media
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.sparql import GRAPHS, RESULTS, answer, posted
from fitgraph.api.server.sparql_request import FORM, QUERY, asked
from fitgraph.api.server.state import server_of
from fitgraph.registry.thing_search import JsonPathJob, XPathJob

router = APIRouter(
    prefix="/search", tags=["WoT directory"], dependencies=[Depends(needs(Right.READ))]
)

Expression = Annotated[str, Query(min_length=1, max_length=10_000)]
#: A directory's defaults are plain JSON and JSON-LD, unlike those of the SPARQL protocol.
_RESULTS: Final = {"application/json": RESULTS["application/json"], **RESULTS}
_GRAPHS: Final = {"application/ld+json": GRAPHS["application/ld+json"], **GRAPHS}


@router.get(
    "/jsonpath",
    operation_id="search_jsonpath",
    response_class=Response,
    responses=media("application/json"),
)
async def by_jsonpath(request: Request, query: Expression) -> Response:
    """Find descriptions, or parts of them, by JSONPath in the array of all."""
    return await _search(request, JsonPathJob, query)


@router.get(
    "/xpath",
    operation_id="search_xpath",
    response_class=Response,
    responses=media("application/json"),
)
async def by_xpath(request: Request, query: Expression) -> Response:
    """Find descriptions, or parts of them, by XPath; they are elements of the root."""
    return await _search(request, XPathJob, query)


@router.get(
    "/sparql",
    operation_id="search_sparql",
    response_class=Response,
    responses=media(*_RESULTS, *_GRAPHS),
)
async def by_sparql(request: Request, query: Expression) -> Response:
    """Answer a SPARQL query that only reads."""
    said = asked("GET", request.scope["query_string"], "", None, b"")
    assert said.query == query
    return await answer(request, said, _RESULTS, _GRAPHS)


@router.post(
    "/sparql",
    operation_id="search_sparql_post",
    response_class=Response,
    responses=media(*_RESULTS, *_GRAPHS),
    openapi_extra=body(QUERY, FORM),
)
async def by_posted_sparql(request: Request) -> Response:
    """Answer a SPARQL query that only reads."""
    said = await posted(request)
    if said.query is None:
        raise RequestError("this is an update, and a search only reads", hint="send a query")
    return await answer(request, said, _RESULTS, _GRAPHS)


async def _search(request: Request, kind: type[JsonPathJob | XPathJob], query: str) -> Response:
    server = server_of(request)
    async with server.snapshots.latest() as where:
        job = kind(where, query, server.settings.query_results)
        found = await server.workers.do(job, server.settings.query_timeout_s)
    assert isinstance(found, bytes)
    return Response(found, media_type="application/json")
