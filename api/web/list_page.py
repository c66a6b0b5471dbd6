"""The page of a list of resources."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request, Response

from fitgraph.api.server.collections import ALL
from fitgraph.api.server.listing import page_of
from fitgraph.api.server.state import server_of
from fitgraph.api.web.addresses import address_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router

router = page_router()

_LISTS = {one.path: one for one in ALL}


async def list_page(request: Request) -> Response:
    """Records of a collection, those that the address asks for."""
    collection = _LISTS[request.url.path]
    records = await server_of(request).graph.kept(
        collection.path, collection.all, *collection.kinds
    )
    arguments = request.query_params.multi_items()
    found = page_of(records, arguments, collection.fields, collection.key)
    following = ""
    if found.cursor:
        rest = [pair for pair in arguments if pair[0] != "cursor"]
        following = f"{collection.path}?{urlencode([*rest, ('cursor', found.cursor)])}"
    rows = [
        (address_of(collection.path, collection.key(one)), collection.key(one),
         [getattr(one, name) for name in collection.fields])
        for one in found.records
    ]  # fmt: skip
    title = collection.path.strip("/").capitalize()
    return page(request, "list", title=title, fields=collection.fields, rows=rows,
                total=found.total, following=following)  # fmt: skip


for _path in _LISTS:
    router.add_api_route(_path, list_page)
