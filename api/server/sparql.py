"""The SPARQL 1.1 Protocol at ``/sparql``."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.addresses import base_address
from fitgraph.api.server.bodies import media_type, read_body, require_media_type
from fitgraph.api.server.faults import NotAcceptableError
from fitgraph.api.server.guard import require
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.service_description import PREFIXES, description
from fitgraph.api.server.sparql_request import TYPES, Asked, asked
from fitgraph.api.server.state import server_of
from fitgraph.registry.answer import Kind
from fitgraph.registry.answer_text import GraphForm, ResultForm, graph_text
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.sparql_jobs import QueryJob, UpdateTrial, Written
from fitgraph.registry.store_base import Dataset
from fitgraph.registry.update_guard import check_update, with_dataset

router = APIRouter(tags=["SPARQL"])

#: Media types of rows and truth, the default first.
RESULTS: Final = {
    "application/sparql-results+json": ResultForm.JSON,
    "application/sparql-results+xml": ResultForm.XML,
    "text/csv": ResultForm.CSV,
    "text/tab-separated-values": ResultForm.TSV,
    "application/json": ResultForm.JSON,
    "application/xml": ResultForm.XML,
}
#: Media types of triples, the default first.
GRAPHS: Final = {
    "text/turtle": GraphForm.TURTLE,
    "application/n-triples": GraphForm.NTRIPLES,
    "application/ld+json": GraphForm.JSONLD,
    "application/rdf+xml": GraphForm.XML,
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The answer, or what the endpoint says of itself.",
        "content": {media: {"schema": {"type": "string"}} for media in (*RESULTS, *GRAPHS)},
    },
    204: {"description": "The update is done."},
}
_PARAMETERS: Final = [
    {"name": name, "in": "query", "schema": schema, "description": text}
    for name, schema, text in (
        ("query", {"type": "string"}, "The query; without it the endpoint describes itself."),
        ("default-graph-uri", {"type": "array", "items": {"type": "string"}},
         "Graphs that are the default graph together."),
        ("named-graph-uri", {"type": "array", "items": {"type": "string"}},
         "Graphs that GRAPH finds."),
    )
]  # fmt: skip
_BODY: Final = {
    "required": True,
    "content": {media: {"schema": {"type": "string"}} for media in TYPES},
}


@router.get(
    "/sparql",
    operation_id="sparql_get",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={"parameters": _PARAMETERS},
)
async def query_by_get(request: Request) -> Response:
    """Answer a query, or describe the endpoint where there is none."""
    require(request, Right.READ)
    said = asked("GET", request.scope["query_string"], "", None, b"")
    if said.query is None:
        return _described(request)
    return await answer(request, said, RESULTS, GRAPHS)


@router.post(
    "/sparql",
    operation_id="sparql_post",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={"requestBody": _BODY},
)
async def query_or_update_by_post(request: Request) -> Response:
    """Answer a query, or do an update, for which the role admin is needed."""
    require(request, Right.READ)
    said = await posted(request)
    if said.update is None:
        return await answer(request, said, RESULTS, GRAPHS)
    require(request, Right.ADMINISTER)
    await _update(request, said.update, said.dataset or Dataset())
    return Response(status_code=204)


async def posted(request: Request) -> Asked:
    """What a POST request asks."""
    settings = server_of(request).settings
    require_media_type(request, TYPES)
    body = await read_body(request, settings.body_bytes, settings.body_timeout_s)
    _, _, said = request.headers.get("content-type", "").partition("charset=")
    charset = said.partition(";")[0].strip(' "') or None
    return asked("POST", request.scope["query_string"], media_type(request), charset, body)


async def answer(
    request: Request,
    said: Asked,
    results: dict[str, ResultForm],
    graphs: dict[str, GraphForm],
) -> Response:
    """The answer to a query in a form that the client accepts, all of it or an error."""
    accept = request.headers.get("accept")
    media = {Kind.ROWS: _accepted(accept, results), Kind.TRIPLES: _accepted(accept, graphs)}
    rows, triples = media[Kind.ROWS], media[Kind.TRIPLES]
    if rows is None and triples is None:
        raise _not_acceptable((*results, *graphs))
    done = await ask(
        request,
        said,
        None if rows is None else results[rows],
        None if triples is None else graphs[triples],
    )
    is_graph = done.kind is Kind.TRIPLES
    if done.content is None:
        raise _not_acceptable(graphs if is_graph else results)
    chosen = triples if is_graph else rows
    assert chosen is not None
    return Response(done.content, headers={"Content-Type": chosen, "Vary": "Accept"})


async def ask(
    request: Request, said: Asked, results: ResultForm | None, graph: GraphForm | None
) -> Written:
    """The answer of a worker that looks at the latest snapshot, in forms that are wanted."""
    server = server_of(request)
    async with server.snapshots.latest() as where:
        job = QueryJob(
            where=where,
            sparql=said.query or "",
            max_results=server.settings.query_results,
            results=results,
            graph=graph,
            dataset=said.dataset,
            allowed_hosts=server.settings.service_hosts,
            base_iri=_address(request),
        )
        done = await server.workers.do(job, server.settings.query_timeout_s)
    assert isinstance(done, Written)
    return done


async def _update(request: Request, sparql: str, dataset: Dataset) -> None:
    """Tries an update on a copy within bounds, then does it."""
    server, base = server_of(request), _address(request)
    text = with_dataset(sparql, dataset.default_graphs, dataset.named_graphs)
    async with server.snapshots.copy() as copy:
        if copy is None:
            check_update(text, base)
        else:
            await server.workers.do(UpdateTrial(copy, text, base), server.settings.query_timeout_s)

    def change(registry: Registry) -> None:
        registry.store.update(text, base)

    await server.graph.write(change, "*")


def _described(request: Request) -> Response:
    media = best(request.headers.get("accept"), (*GRAPHS, "text/html"))
    form = GRAPHS.get(media, GraphForm.TURTLE)
    triples = description(
        _address(request),
        asks_others=bool(server_of(request).settings.service_hosts),
    )
    shown = media if media in GRAPHS else "text/turtle"
    return Response(graph_text(triples, form, PREFIXES), headers={"Content-Type": shown})


def _address(request: Request) -> str:
    """The address of the endpoint, which relative references are resolved against."""
    return base_address(request) + request.url.path


def _accepted(accept: str | None, offered: dict[str, Any]) -> str | None:
    try:
        return best(accept, tuple(offered))
    except NotAcceptableError:
        return None


def _not_acceptable(offered: Any) -> NotAcceptableError:  # noqa: ANN401 - names of media types
    return NotAcceptableError(
        "what this query gives cannot be had as what is accepted",
        hint=f"accept one of {', '.join(offered)}",
    )
