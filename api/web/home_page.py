"""The first page: one box that finds everything, what there is, and where to begin."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from fitgraph.api.server.graph import Graph
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.search_entries import entries_of
from fitgraph.api.web.searching import Entry, Found, search
from fitgraph.registry.catalogue import Registry

router = page_router()

_SHOWN: Final = 8
_MOST_WORDS: Final = 200
#: Kinds to look through: title, address of the list, class, kinds of resources that it rests on.
_KINDS: Final = (
    ("Models", "/models", "Model", ("model",)),
    ("Boards", "/boards", "Board", ("board",)),
    ("Microcontrollers", "/mcus", "Mcu", ("mcu",)),
    ("Runtimes", "/runtimes", "Runtime", ("runtime",)),
    ("Things", "/things", "Thing", ("thing",)),
)


@router.get("/")
async def home(request: Request) -> Response:
    """The first page, or what was found where there are words."""
    words = request.query_params.get("q", "")[:_MOST_WORDS].strip()
    known = await known_words(server_of(request).graph)
    if words:
        found = [_found(title, path, entries, words) for title, path, entries in known]
        return page(request, "search", title=f"Search: {words}", words=words,
                    found=sorted(found, key=lambda one: not one.total))  # fmt: skip
    counts = [(title, path, len(entries)) for title, path, entries in known]
    return page(request, "home", title="fitgraph", counts=counts)


async def known_words(graph: Graph, *but: str) -> list[tuple[str, str, tuple[Entry, ...]]]:
    """What is looked through: title and address of each list, with its resources.

    Args:
        graph: that has them.
        but: addresses of lists to leave out.
    """
    return [
        (title, path, await graph.kept(f"search {path}", partial(_look, name, path), *kinds))
        for title, path, name, kinds in _KINDS
        if path not in but
    ]


def _look(class_name: str, path: str, registry: Registry) -> tuple[Entry, ...]:
    return entries_of(registry, class_name, path)


def _found(title: str, path: str, entries: tuple[Entry, ...], words: str) -> Found:
    found = search(entries, words)
    rest = f"{path}?{urlencode({'q': words})}" if path != "/things" else "/things"
    return Found(title, found[:_SHOWN], len(found), rest)
