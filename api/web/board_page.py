"""The page of a board: its memory to scale, what it has, and what runs on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from fitgraph.api.pictures.memory_map import memory_map_svg
from fitgraph.api.server.ruling import ruled, under_rules
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.verdict_tables import match_row, portion, tallies
from fitgraph.matcher.doubt import doubt_of_core, sure_part
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.placement import capacity_bytes
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.claim import Claim, contradictions
from fitgraph.registry.iris import board_iri
from fitgraph.registry.thing_board import model_text

router = page_router()

_KINDS: Final = ("board", "mcu")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A memory region.

    Attributes:
        usable_bytes: what a firmware may take of it.
        is_sure: whether a fit may rest on it.
    """

    region: MemoryRegion
    usable_bytes: int
    is_sure: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """Everything of a board that its page shows.

    Attributes:
        doubt: why its core is not known well enough for a fit, or an empty string.
        disputed: claims of properties that sources disagree about.
        thing_model: its W3C Thing Model.
    """

    board: Board
    regions: tuple[RegionRow, ...]
    doubt: str
    disputed: dict[str, tuple[Claim, ...]]
    map_svg: str
    thing_model: str


@router.get("/boards/{key:path}")
async def board_page(request: Request, key: str, verdict: Verdict | None = None) -> Response:
    """Get the page of a board."""
    server = server_of(request)

    def look(registry: Registry) -> BoardView:
        return view_of(registry.get_board(key))

    view = await server.graph.kept(f"board page {key}", look, *_KINDS)
    board_id = view.board.board_id
    side = await server.matching.side(None, board_id, DEFAULT_RUNTIME, waits=False)
    side = await ruled(server, side)
    counts = side.counts
    start, n_shown, _ = portion(counts, verdict)
    found = await server.graph.read(lambda _: side.index.decided(side.some(n_shown, start)))
    matches = await under_rules(server, found)
    return page(
        request, "board",
        title=view.board.name,
        iri=board_iri(board_id),
        view=view,
        rows=[match_row(one) for one in matches],
        tallies=tallies(counts, request.url.path, verdict),
        n_models=sum(counts.values()),
        runtime=DEFAULT_RUNTIME,
    )  # fmt: skip


def view_of(board: Board) -> BoardView:
    """What is shown of a board."""
    sure = set(sure_part(board).regions)
    return BoardView(
        board,
        tuple(RegionRow(one, capacity_bytes(one), one in sure) for one in board.regions),
        doubt_of_core(board),
        contradictions(board.claims),
        memory_map_svg(board),
        json.dumps(json.loads(model_text(board)), indent=2, ensure_ascii=False),
    )
