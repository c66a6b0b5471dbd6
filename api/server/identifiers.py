"""IRIs of resources as addresses: what a graph says of the resource that it is named by."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.answers import media, of_status
from fitgraph.api.server.collections import ALL
from fitgraph.api.server.conditions import etag, is_known
from fitgraph.api.server.guard import needs
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.resources import JSON, RDF, address_of
from fitgraph.api.server.state import server_of
from fitgraph.registry.answer_text import graph_text
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.iris import BASE, key_of

router = APIRouter(tags=["identifiers"], dependencies=[Depends(needs(Right.READ))])

_TURTLE: Final = "text/turtle"
_MEDIA: Final = (_TURTLE, *(one for one in RDF if one != _TURTLE), JSON)
_LISTS: Final = {one.path.strip("/").removesuffix("s"): one for one in ALL}


@router.get("/id/{kind}/{key:path}", operation_id="dereference", response_class=Response,
            responses=media(*RDF) | of_status(303, "As JSON it is elsewhere."))  # fmt: skip
async def dereference(request: Request, kind: str, key: str) -> Response:
    """Get what is said of the resource whose IRI ends like this address."""
    # IRIs keep their percent signs, which `key` has no more.
    raw = request.scope["raw_path"].decode("ascii", "replace")
    iri = BASE + raw.partition("/id/")[2]
    chosen = best(request.headers.get("accept"), _MEDIA)
    triples = await server_of(request).graph.read(lambda registry: registry.about(iri))
    if not triples:
        raise NotFoundError(f"there is no {kind[:40]} {key[:200]!r}", hint="/openapi.json")
    if chosen == JSON and kind in _LISTS:
        address = address_of(_LISTS[kind], key_of(iri))
        return Response(status_code=303, headers={"Location": address})
    content = graph_text(triples, RDF.get(chosen, RDF[_TURTLE]))
    shown = chosen if chosen in RDF else _TURTLE
    headers = {"Content-Type": shown, "Vary": "Accept", "ETag": etag(content)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)
