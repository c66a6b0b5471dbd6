"""The vocabulary on a page: what the terms mean that facts are said in."""

from __future__ import annotations

from functools import cache
from itertools import groupby

from fastapi import Request, Response

from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.ontology.terms import Term, read_graph, terms_of

router = page_router()


@router.get("/terms")
async def terms_page(request: Request) -> Response:
    """All terms by module, each under its name."""
    modules = await server_of(request).graph.read(lambda _: _modules())
    return page(request, "terms", title="Vocabulary", modules=modules)


@cache
def _modules() -> tuple[tuple[str, tuple[Term, ...]], ...]:
    """Terms by the module that defines them; the files are those of this version."""
    terms = sorted(terms_of(read_graph()), key=lambda term: (term.module, term.name.lower()))
    return tuple((name, tuple(some)) for name, some in groupby(terms, lambda term: term.module))
