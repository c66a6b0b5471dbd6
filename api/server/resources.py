"""Kinds of resources over HTTP: a list that is filtered, sorted and paged, and each by its key."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter

from fitgraph.api.access import Right
from fitgraph.api.schemas import PageDocument
from fitgraph.api.server.arrow import ARROW, records_stream, require_arrow
from fitgraph.api.server.conditions import etag, is_known
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import (
    ARGUMENTS,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    as_csv,
    page_of,
    plain_fields,
)
from fitgraph.api.server.live_records import Source
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.state import Server, server_of
from fitgraph.registry.answer_text import GraphForm, graph_text
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import Iri

T = TypeVar("T")
JSON: Final = "application/json"
CSV: Final = "text/csv"
RDF: Final = {
    "application/ld+json": GraphForm.JSONLD,
    "text/turtle": GraphForm.TURTLE,
    "application/n-triples": GraphForm.NTRIPLES,
}
MEDIA: Final = (JSON, *RDF)
_WORDS: Final = {
    "q": "Words that must be in its texts.",
    "sort": "Fields to sort by, with commas between; - before one for downwards.",
    "cursor": "Of the next page, as the page before it says.",
    "limit": f"Records on a page: {DEFAULT_LIMIT} without it, {MAX_LIMIT} at most.",
}


@dataclass(frozen=True, slots=True)
class Collection(Generic[T]):
    """One kind of resources.

    Attributes:
        path: of the list, such as ``/boards``.
        kinds: of resources whose change changes the list.
        listed: type of the records in the list.
        type: of the record of one resource.
        all: every record of the list.
        key: of a record of the list.
        iri: of a record of the list.
        find: one resource by its key, or what else it is called.
        name: IRI of what is called so.
        live: where the records of the list come from, if each is told by a graph of its own.
    """

    path: str
    kinds: tuple[str, ...]
    listed: type[T]
    type: type[Any]
    all: Callable[[Registry], tuple[T, ...]]
    key: Callable[[T], str]
    iri: Callable[[T], str]
    find: Callable[[Registry, str], Any]
    name: Callable[[Registry, str], Iri]
    live: Source[T] | None = None
    fields: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", plain_fields(self.listed))


async def records_of(graph: Graph, collection: Collection[T]) -> tuple[T, ...]:
    """Every record of the list, kept until one changes."""
    if collection.live is not None:
        return await graph.live(collection.live, *collection.kinds)
    return await graph.kept(collection.path, collection.all, *collection.kinds)


def router_of(collection: Collection[Any]) -> APIRouter:
    """GET of the list and of each resource."""
    noun = collection.path.strip("/")
    one = noun.removesuffix("s")
    router = APIRouter(tags=[noun], dependencies=[Depends(needs(Right.READ))])
    listed = _with_iri(collection.listed)
    found = TypeAdapter(collection.type)

    @router.get(
        collection.path,
        operation_id=f"list_{noun}",
        name=f"List {noun}",
        response_model=None,
        responses={200: {"model": PageDocument[listed], "content": {CSV: _TEXT, ARROW: _TEXT}}},  # type: ignore[valid-type]
        openapi_extra={"parameters": _parameters(collection)},
    )
    async def list_all(request: Request) -> Response:
        return await _listed(request, collection)

    @router.get(
        f"{collection.path}/{{key:path}}",
        operation_id=f"get_{one}",
        name=f"Get a {one}",
        response_model=None,
        responses={
            200: {
                "model": _with_iri(collection.type),
                "content": dict.fromkeys(RDF, _TEXT),
            },
            304: {"description": "The client has it already."},
        },
    )
    async def get(request: Request, key: str) -> Response:
        return await _found(request, collection, found, key)

    return router


_TEXT: Final = {"schema": {"type": "string"}}


def resource_json(iri: str, record: dict[str, Any]) -> bytes:
    """A record with its IRI before it."""
    return json.dumps({"iri": iri, **record}, ensure_ascii=False).encode()


async def tags_of(server: Server, collection: Collection[Any], key: str) -> tuple[str, ...]:
    """The entity tags of a resource, in all its forms; none if it is not there.

    Raises:
        NotFoundError: it is not there.
    """
    adapter = TypeAdapter(collection.type)

    def look(registry: Registry) -> bytes:
        record = collection.find(registry, key)
        plain = adapter.dump_python(record, mode="json")
        return resource_json(collection.name(registry, key), plain)

    content = await server.graph.read(look)
    return tuple(etag(content, media) for media in MEDIA)


async def _listed(request: Request, collection: Collection[Any]) -> Response:
    server = server_of(request)
    chosen = best(request.headers.get("accept"), (JSON, CSV, ARROW))
    if chosen == ARROW:
        require_arrow()
    records = await records_of(server.graph, collection)
    arguments = request.query_params.multi_items()
    page = page_of(records, arguments, collection.fields, collection.key)
    following = ""
    if page.cursor:
        rest = [pair for pair in arguments if pair[0] != "cursor"]
        following = f"{collection.path}?{urlencode([*rest, ('cursor', page.cursor)])}"
    if chosen == CSV:
        content = as_csv(page.records, collection.fields)
    elif chosen == ARROW:
        content = records_stream(page.records, collection.listed, collection.fields)
    else:
        plain = TypeAdapter(tuple[collection.listed, ...]).dump_python(page.records, mode="json")  # type: ignore[name-defined]
        items = [
            {"iri": collection.iri(record), **one}
            for record, one in zip(page.records, plain, strict=True)
        ]
        said = {"items": items, "total": page.total, "next": following or None}
        content = json.dumps(said, ensure_ascii=False).encode()
    headers = {"Content-Type": chosen, "Vary": "Accept", "ETag": etag(content, chosen)}
    if following:
        headers["Link"] = f'<{following}>; rel="next"'
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)


async def _found(
    request: Request, collection: Collection[Any], adapter: TypeAdapter[Any], key: str
) -> Response:
    chosen = best(request.headers.get("accept"), MEDIA)

    def look(registry: Registry) -> tuple[bytes, bytes]:
        iri = collection.name(registry, key)
        plain = adapter.dump_python(collection.find(registry, key), mode="json")
        said = resource_json(iri, plain)
        if chosen == JSON:
            return said, said
        return graph_text(registry.store.graph(iri), RDF[chosen]), said

    content, said = await server_of(request).graph.read(look)
    headers = {"Content-Type": chosen, "Vary": "Accept", "ETag": etag(said, chosen)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)


def _with_iri(record_type: type[Any]) -> type[Any]:
    """The type of a record in the OpenAPI document, with its IRI."""
    return dataclasses.make_dataclass(
        f"{record_type.__name__}Resource",
        [("iri", str)],
        bases=(record_type,),
        kw_only=True,
        frozen=True,
        namespace={"__doc__": record_type.__doc__},
    )


def _parameters(collection: Collection[Any]) -> list[dict[str, Any]]:
    texts = _WORDS | {name: f"What {name} must be." for name in collection.fields}
    return [
        {"name": name, "in": "query", "description": texts[name], "schema": _schema_of(name)}
        for name in (*ARGUMENTS, *collection.fields)
    ]


def _schema_of(name: str) -> dict[str, Any]:
    if name == "limit":
        return {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}
    return {"type": "string"}


def address_of(collection: Collection[Any], key: str) -> str:
    """Where a resource is."""
    return f"{collection.path}/{quote(key, safe='+:@')}"
