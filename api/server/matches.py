"""Which model runs on which board, and why not."""

from __future__ import annotations

import json
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from fitgraph.api.access import Right
from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.schemas import PageDocument
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import MAX_LIMIT
from fitgraph.api.server.state import server_of
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.match import match as match_all
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.catalogue import Registry

router = APIRouter(tags=["matches"], dependencies=[Depends(needs(Right.READ))])

Name = Annotated[str | None, Query(min_length=1, max_length=500)]
_MATCHES: Final = TypeAdapter(tuple[Match, ...])
#: Of resources that a verdict rests on.
_KINDS: Final = ("model", "variant", "board", "mcu", "runtime", "footprint", "proof")


@router.get(
    "/matches",
    operation_id="list_matches",
    response_model=None,
    responses={200: {"model": PageDocument[Match]}},
)
async def matches(
    request: Request,
    *,
    model: Name = None,
    board: Name = None,
    runtime: Annotated[str, Query(min_length=1, max_length=500)] = DEFAULT_RUNTIME,
    verdict: Verdict | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """Hold a model against all boards, or a board against all models, best first."""
    if model is None and board is None:
        raise RequestError("neither a model nor a board is named", hint="name one: model=...")

    found = await _found(request, model, board, runtime)
    found = tuple(one for one in found if verdict in {None, one.verdict})
    shown = found[offset : offset + limit]
    following = None
    if offset + limit < len(found):
        following = str(request.url.include_query_params(offset=offset + limit, limit=limit).query)
    said = {
        "items": _MATCHES.dump_python(shown, mode="json"),
        "total": len(found),
        "next": following and f"/matches?{following}",
    }
    return Response(json.dumps(said, ensure_ascii=False).encode(), media_type="application/json")


@router.get("/matches/{model}/{board}", operation_id="explain", response_model=None,
            responses={200: {"model": Match}})  # fmt: skip
async def explain(
    request: Request,
    model: str,
    board: str,
    runtime: Annotated[str, Query(min_length=1, max_length=500)] = DEFAULT_RUNTIME,
) -> Response:
    """Give every constraint of one model on one board, with its numbers and evidence."""
    (found,) = await _found(request, model, board, runtime)
    return Response(TypeAdapter(Match).dump_json(found), media_type="application/json")


async def _found(
    request: Request, model: str | None, board: str | None, runtime: str
) -> tuple[Match, ...]:
    """All matches, kept until something changes that they may rest on."""
    server = server_of(request)

    def look(registry: Registry) -> tuple[Match, ...]:
        compiler = server.compiler if runtime == OWN_RUNTIME else None
        return match_all(registry.store, model, board, runtime, compiler)

    name = json.dumps(["matches", model, board, runtime])
    return await server.graph.kept(name, look, *_KINDS)
