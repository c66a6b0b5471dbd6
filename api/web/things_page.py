"""Pages of the directory: all things, and one with its description."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request, Response

from fitgraph.api.server.collections import DEVICES
from fitgraph.api.server.state import server_of
from fitgraph.api.web.addresses import address_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.search_entries import entries_of
from fitgraph.api.web.searching import search
from fitgraph.registry.registration import enriched

router = page_router()

_SHOWN: Final = 200
_MOST_WORDS: Final = 200
_AFFORDANCES: Final = ("properties", "actions", "events")


@router.get("/things")
async def things_page(request: Request) -> Response:
    """All things, or those with some words."""
    words = request.query_params.get("q", "")[:_MOST_WORDS]
    known = await server_of(request).graph.kept(
        "search /things", lambda registry: entries_of(registry, "Thing", "/things"), "thing"
    )
    found = search(known, words) if words.strip() else known
    return page(request, "things", title="Things", words=words, found=found[:_SHOWN],
                total=len(found), n_all=len(known))  # fmt: skip


@router.get("/things/{thing:path}")
async def thing_page(request: Request, thing: str) -> Response:
    """A thing: what it is, what it offers, and its description as it was handed in."""
    server = server_of(request)
    found = await server.directory.get(thing)
    devices = await server.graph.kept(DEVICES.path, DEVICES.all, *DEVICES.kinds)
    value: dict[str, Any] = enriched(found.value, found.registration, datetime.now(UTC))
    value.get("registration", {}).pop("retrieved", None)  # it would make each response another
    offers = [
        (kind, name, one if isinstance(one, dict) else {})
        for kind in _AFFORDANCES
        for name, one in _members(value.get(kind))
    ]
    return page(
        request,
        "thing",
        title=_text(value.get("title")) or thing,
        thing=thing,
        address=address_of("/things", thing),
        value=value,
        description=_text(value.get("description")),
        boards=[one.board for one in devices if one.thing == thing],
        offers=[(kind, name, _text(one.get("type")), _text(one.get("description")) or
                 _text(one.get("title"))) for kind, name, one in offers],
        document=json.dumps(value, ensure_ascii=False, indent=2),
    )  # fmt: skip


def _members(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
