"""Which model runs on which board, and why not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, get_type_hints

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from fitgraph.api.access import Right
from fitgraph.api.schemas import PageDocument
from fitgraph.api.server.arrow import ARROW, matches_stream, require_arrow
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import MAX_LIMIT
from fitgraph.api.server.matching import Side, Told
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.resources import JSON
from fitgraph.api.server.ruling import forbidden_to, ruled, under_rules
from fitgraph.api.server.state import server_of
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.verdict import Match, Verdict

router = APIRouter(tags=["matches"], dependencies=[Depends(needs(Right.READ))])

Name = Annotated[str | None, Query(min_length=1, max_length=500)]
RuntimeName = Annotated[str, Query(min_length=1, max_length=500)]
_MATCHES: Final = TypeAdapter(tuple[Match, ...])
_TOLD: Final = TypeAdapter(Told)
#: Of the OpenAPI document: a match with what is told of it beside.
ExplainedDocument: Final = dataclasses.make_dataclass(
    "ExplainedMatch",
    [(name, hint) for name, hint in get_type_hints(Told).items() if name != "match"],
    bases=(Match,),
    kw_only=True,
    frozen=True,
    namespace={"__doc__": Told.__doc__},
)


@router.get(
    "/matches",
    operation_id="list_matches",
    response_model=None,
    responses={200: {"model": PageDocument[Match], "content": {ARROW: {}}}},
)
async def matches(
    request: Request,
    *,
    model: Name = None,
    board: Name = None,
    runtime: RuntimeName = DEFAULT_RUNTIME,
    verdict: Verdict | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """Hold a model against all boards, or a board against all models, best first.

    As Arrow, all models are held against all boards where neither is named.
    """
    is_table = best(request.headers.get("accept"), (JSON, ARROW)) == ARROW
    if is_table:
        require_arrow()
    if is_table and model is None and board is None:
        return await _all_pairs(request, runtime)
    if model is None and board is None:
        raise RequestError("neither a model nor a board is named", hint="name one: model=...")
    server = server_of(request)
    shown: Sequence[Match]
    if model is not None and board is not None:
        told = await server.matching.told(model, board, runtime)
        found = await under_rules(server, [told.match])
        found = [one for one in found if verdict in {None, one.verdict}]
        total, shown = len(found), found[offset : offset + limit]
    else:
        side = await ruled(server, await server.matching.side(model, board, runtime))
        total, shown = await server.graph.read(lambda _: _page(side, verdict, offset, limit))
        shown = await under_rules(server, shown)
    following = None
    if offset + limit < total:
        following = str(request.url.include_query_params(offset=offset + limit, limit=limit).query)
    headers = {"Vary": "Accept"}
    if following:
        headers["Link"] = f'</matches?{following}>; rel="next"'
    if is_table:
        return Response(matches_stream(shown), media_type=ARROW, headers=headers)
    rest = json.dumps({"total": total, "next": following and f"/matches?{following}"})
    content = b'{"items": ' + _MATCHES.dump_json(tuple(shown)) + b", " + rest[1:].encode()
    return Response(content, media_type="application/json", headers=headers)


async def _all_pairs(request: Request, runtime: str) -> Response:
    """Every pair, as batches that are made while the client reads."""
    server = server_of(request)
    index = await server.matching.whole(runtime)
    forbidden = None
    if server.policies.rules():
        models = [one.name for one in index.models]
        boards = [one.board_id for one in index.boards]
        forbidden = await forbidden_to(server, models, boards, runtime)
    parts = server.pair_streams.of(index, forbidden)
    return StreamingResponse(parts, media_type=ARROW, headers={"Vary": "Accept"})


@router.get("/matches/{model}/{board}", operation_id="explain", response_model=None,
            responses={200: {"model": ExplainedDocument}})  # fmt: skip
async def explain(
    request: Request,
    model: str,
    board: str,
    runtime: RuntimeName = DEFAULT_RUNTIME,
    remedies: Annotated[
        bool, Query(description="Whether what would make it run is tried, which takes seconds.")
    ] = False,
) -> Response:
    """Give every constraint of one model on one board, and what an inference takes.

    With ``remedies``, where memory peaks and what would make the model run are told as well:
    builds that are made for it, none guessed.
    """
    matching = server_of(request).matching
    told = await matching.told(model, board, runtime, remedies=remedies)
    (found,) = await under_rules(server_of(request), [told.match])
    told = dataclasses.replace(told, match=found)
    plain: Mapping[str, object] = _TOLD.dump_python(told, mode="json")
    match = plain["match"]
    assert isinstance(match, dict)
    return _json({**match, **{name: value for name, value in plain.items() if name != "match"}})


def _page(
    side: Side, verdict: Verdict | None, offset: int, limit: int
) -> tuple[int, tuple[Match, ...]]:
    """How many matches there are, and some of them with their constraints; best verdict first."""
    before = 0
    if verdict is not None:
        before = sum(side.counts[one] for one in list(Verdict)[: list(Verdict).index(verdict)])
    total = sum(side.counts.values()) if verdict is None else side.counts[verdict]
    n_shown = max(0, min(limit, total - offset))
    return total, side.index.decided(side.some(n_shown, before + offset) if n_shown else ())


def _json(said: object) -> Response:
    content = json.dumps(said, ensure_ascii=False).encode()
    return Response(content, media_type="application/json")
