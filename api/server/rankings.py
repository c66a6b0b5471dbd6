"""Matches in the order of their figures, and those that nothing beats."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from fitgraph.api.access import Right
from fitgraph.api.schemas import PageDocument
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import MAX_LIMIT
from fitgraph.api.server.matches import Name, RuntimeName
from fitgraph.api.server.ruling import ruled, under_rules
from fitgraph.api.server.state import Server, server_of
from fitgraph.matcher.accuracy import comparable
from fitgraph.matcher.columns import accuracies, price_classes
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.ranking import Axis, Ranked, in_rank_order, pareto_front
from fitgraph.matcher.verdict import Verdict

router = APIRouter(tags=["matches"], dependencies=[Depends(needs(Right.READ))])

By = Annotated[list[Axis] | None, Query(description="What to rank by after the verdict.")]
_DOCUMENT: Final = TypeAdapter(dict[str, object])
_KINDS: Final = ("model", "variant", "board", "runtime", "footprint", "proof", "measurement")


@router.get("/rankings", operation_id="rank", response_model=None,
            responses={200: {"model": PageDocument[Ranked]}})  # fmt: skip
async def rankings(  # noqa: PLR0913 - what an address may ask
    request: Request,
    *,
    model: Name = None,
    board: Name = None,
    runtime: RuntimeName = DEFAULT_RUNTIME,
    by: By = None,
    pareto: Annotated[bool, Query(description="Only what nothing else beats.")] = False,
    verdict: Verdict | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """Rank a model on all boards, or all models on a board, by what is known of them.

    No figure is there of an axis of which nothing is known; of intervals it is the upper end.
    """
    verdicts = frozenset(Verdict if verdict is None else [verdict])
    found = await ranked_matches(server_of(request), model, board, runtime, verdicts)
    if pareto:
        found = pareto_front(found)
    ordered = in_rank_order(found, by or ())
    following = None
    if offset + limit < len(ordered):
        query = request.url.include_query_params(offset=offset + limit, limit=limit).query
        following = f"/rankings?{query}"
    document = {"items": ordered[offset : offset + limit], "total": len(ordered)}
    content = _DOCUMENT.dump_json({**document, "next": following})
    return Response(content, media_type="application/json")


async def ranked_matches(
    server: Server,
    model: str | None,
    board: str | None,
    runtime: str,
    verdicts: frozenset[Verdict],
    *,
    waits: bool = True,
) -> tuple[Ranked, ...]:
    """Matches with these verdicts, and their figures.

    Args:
        server: to look at.
        model: its name, or None.
        board: its id, or None.
        runtime: its name.
        verdicts: those that are wanted.
        waits: for models that were not looked at yet.

    Raises:
        RequestError: not just one of model and board is named.
        NotFoundError: there is no such model, board or runtime.
    """
    if (model is None) == (board is None):
        raise RequestError("a ranking is of one model or of one board", hint="name one: board=...")
    side = await server.matching.side(model, board, runtime, waits=waits)
    side = await ruled(server, side)
    index, pairs = side.index, await server.graph.read(lambda _: side.some(None, 0))
    chosen = [one for one in pairs if one.verdict in verdicts]
    known = await server.graph.kept("accuracies", lambda r: accuracies(r.store), *_KINDS)
    prices = await server.graph.kept("prices", lambda r: price_classes(r.store), "board")
    digests = {one.name: one.sha256 for one in index.models}
    accuracy = comparable(known, {digests[one.model] for one in chosen}).by_model
    found = await server.graph.read(
        lambda _: server.ranked_pairs.of(index, chosen, accuracy, prices)
    )
    if not server.policies.rules():
        return found
    matches = await under_rules(server, [one.match for one in found])
    return tuple(replace(one, match=match) for one, match in zip(found, matches, strict=True))
