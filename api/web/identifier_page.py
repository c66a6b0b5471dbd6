"""IRIs of resources in a browser: they lead to the page of what they name."""

from __future__ import annotations

from fastapi import Request, Response

from fitgraph.api.web.addresses import local
from fitgraph.api.web.resource_page import graph_page
from fitgraph.api.web.routing import page_router
from fitgraph.registry.iris import BASE

router = page_router()


@router.get("/id/{rest:path}")
async def identifier_page(request: Request) -> Response:
    """The page of what an IRI names, which may be elsewhere."""
    # IRIs keep their percent signs, which a parameter of the path has no more.
    iri = BASE + request.scope["raw_path"].decode("ascii", "replace").partition("/id/")[2]
    address = local(iri)
    if address.startswith("/id/"):
        return await graph_page(request, iri)
    return Response(status_code=303, headers={"Location": address, "Vary": "Accept"})
