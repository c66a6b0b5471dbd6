"""The log of changes: who wrote what, when; and how long that is kept."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from fitgraph.api.access import Right
from fitgraph.api.schemas import PageDocument
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.graph import CHANGES, Graph
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import MAX_LIMIT
from fitgraph.api.server.logs import LOGGER
from fitgraph.api.server.settings import Settings
from fitgraph.api.server.state import server_of
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.change import Change, change_key
from fitgraph.registry.iris import Iri, change_iri

router = APIRouter(tags=["operations"], dependencies=[Depends(needs(Right.ADMINISTER))])

_CHANGES: Final = TypeAdapter(tuple[Change, ...])
_EVERY_S: Final = 600.0
Word = Annotated[str, Query(max_length=500)]


@router.get(
    "/audit",
    operation_id="list_changes",
    response_model=None,
    responses={200: {"model": PageDocument[Change]}},
)
async def changes(
    request: Request,
    *,
    agent: Word = "",
    operation: Word = "",
    resource: Annotated[str, Query(max_length=2000)] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Word = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> Response:
    """List what was written to the graph by whom, the last first."""
    graph = server_of(request).graph

    def look(registry: Registry) -> tuple[Iri, ...]:
        return registry.change_iris(agent_name=agent, operation=operation, resource=resource)

    name = json.dumps(["changes", agent, operation, resource])
    known = await graph.kept(name, look, CHANGES)
    low, high = _border(since), _border(until)
    seen = _seen(cursor)
    found = [
        iri
        for iri in reversed(known)
        if (low is None or iri >= low) and (high is None or iri < high)
    ]
    rest = [iri for iri in found if seen is None or iri < seen]
    shown = await graph.read(lambda registry: registry.get_changes(rest[:limit]))
    following = None
    if len(rest) > limit:
        pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        following = f"/audit?{urlencode([*pairs, ('cursor', _cursor(rest[limit - 1]))])}"
    said = {
        "items": _CHANGES.dump_python(shown, mode="json"),
        "total": len(found),
        "next": following,
    }
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    content = json.dumps(said, ensure_ascii=False).encode()
    return Response(content, media_type="application/json", headers=headers)


async def keep_short(graph: Graph, settings: Settings) -> None:
    """Forgets changes that are too old or too many, again and again, until it is cancelled."""
    while True:
        try:
            n_gone = await forget(graph, settings)
        except FitgraphError as error:
            LOGGER.warning("forgetting failed", extra={"fields": {"reason": error.message}})
        else:
            if n_gone:
                LOGGER.info("changes forgotten", extra={"fields": {"count": n_gone}})
        await asyncio.sleep(_EVERY_S)


async def forget(graph: Graph, settings: Settings) -> int:
    """Forgets what the settings do not keep, and tells how many changes that were."""
    before = datetime.now(UTC) - timedelta(days=min(settings.audit_days, 36_500.0))
    most = settings.audit_changes
    if await graph.read(lambda registry: registry.forgettable_changes(before, most)):
        return await graph.unnoted(lambda registry: registry.forget_changes(before, most), CHANGES)
    return 0


def _border(moment: datetime | None) -> Iri | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise RequestError(f"the time {moment.isoformat()} has no zone", hint="append Z for UTC")
    return change_iri(change_key(moment))


def _cursor(seen: Iri) -> str:
    return base64.urlsafe_b64encode(seen.encode()).decode()


def _seen(cursor: str) -> Iri | None:
    if not cursor:
        return None
    try:
        return Iri(base64.urlsafe_b64decode(cursor.encode("ascii")).decode())
    except ValueError as error:
        raise RequestError(
            "the cursor is none that this server gave", hint="begin without a cursor"
        ) from error
