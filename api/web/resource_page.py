"""The page of a resource that has none of its own: what its graph says, as it is."""

from __future__ import annotations

from fastapi import Request, Response

from fitgraph.api.server.collections import ALL
from fitgraph.api.server.resources import Collection
from fitgraph.api.server.state import server_of
from fitgraph.api.web.facts import Description, describe
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.iris import BASE, key_of

router = page_router()

_LISTS = {one.path: one for one in ALL}


async def resource_page(request: Request, collection: Collection[object], key: str) -> Response:
    """The page of a resource in a collection, by its key or what else it is called."""

    def look(registry: Registry) -> tuple[str, Description]:
        iri = collection.name(registry, key)
        return iri, describe(iri, registry.store.graph(iri))

    iri, found = await server_of(request).graph.read(look)
    return described(request, iri, key, found)


async def graph_page(request: Request, iri: str) -> Response:
    """The page of the resource that an IRI names.

    Raises:
        NotFoundError: nothing is said of it.
    """
    found = await server_of(request).graph.read(lambda registry: describe(iri, registry.about(iri)))
    if not (found.facts or found.parts):
        raise NotFoundError(
            f"nothing is known of {iri.removeprefix(BASE)[:200]!r}", hint="search for it by name"
        )
    return described(request, iri, key_of(iri), found)


def described(request: Request, iri: str, name: str, found: Description) -> Response:
    """The page of what is said of a resource."""
    return page(request, "resource", title=name, iri=iri, found=found)


for _collection in _LISTS.values():

    @router.get(f"{_collection.path}/{{key:path}}")
    async def _page(request: Request, key: str) -> Response:
        path = request.scope["route"].path.partition("/{")[0]
        return await resource_page(request, _LISTS[path], key)
