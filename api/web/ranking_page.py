"""The page of matches by two of their figures, with those that nothing beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Request, Response

from fitgraph.api.pictures.scatter import Dot, scatter_svg
from fitgraph.api.server.rankings import ranked_matches
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.verdict_tables import match_address
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.ranking import Axis, Ranked, in_rank_order, pareto_front
from fitgraph.matcher.verdict import Verdict

router = page_router()

Words = Annotated[str, Query(max_length=500)]
#: Rows of the table of what nothing beats, and dots of the picture.
MOST_ROWS: Final = 100
_MOST_DOTS: Final = 400
_UNITS: Final = {
    Axis.ACCURACY: "accuracy",
    Axis.SRAM: "SRAM (B)",
    Axis.FLASH: "flash (B)",
    Axis.LATENCY: "latency, at most (ms)",
    Axis.ENERGY: "energy, at most (µJ)",
    Axis.PRICE: "price class",
}
_GOOD: Final = frozenset({Verdict.FITS, Verdict.LIKELY})


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A match that nothing beats.

    Attributes:
        figures: by axis of which anything is known, as text; a dash where nothing is.
    """

    name: str
    address: str
    verdict: str
    figures: tuple[str, ...]


@router.get("/rankings")
async def ranking_page(
    request: Request,
    *,
    model: Words = "",
    board: Words = "",
    runtime: Annotated[str, Query(min_length=1, max_length=500)] = DEFAULT_RUNTIME,
    q: Words = "",
    x: Axis = Axis.SRAM,
    y: Axis | None = None,
) -> Response:
    """Get the page of what runs, by two figures."""
    server = server_of(request)
    found: Sequence[Ranked] = ()
    if model or board:
        named = model or None, board or None, runtime, _GOOD
        found = await ranked_matches(server, *named, waits=False)
    is_by_board = bool(model)
    found = [one for one in found if _has(one, q, is_by_board=is_by_board)]
    known = [axis for axis in Axis if any(axis in one.figures for one in found)]
    upwards = y or (Axis.ACCURACY if Axis.ACCURACY in known else Axis.FLASH)
    front = await server.graph.read(lambda _: pareto_front(found))
    dots = dots_of(found, front, x, upwards, is_by_board=is_by_board)
    index = await server.matching.index(runtime)
    return page(
        request, "ranking",
        title=_title(model, board),
        name=model or board,
        model=model, board=board, runtime=runtime, words=q,
        x=str(x), y=str(upwards),
        axes=[(str(axis), _UNITS[axis]) for axis in Axis if axis in known or not found],
        units=_UNITS,
        svg=scatter_svg(_title(model, board), _UNITS[x], _UNITS[upwards], dots) if dots else "",
        n_dots=len(dots), n_found=len(found), n_front=len(front),
        rows=[
            _row(one, known, is_by_board=is_by_board)
            for one in in_rank_order(front, (x, upwards))[:MOST_ROWS]
        ],
        most_rows=MOST_ROWS,
        other="board" if is_by_board else "model",
        boards=[] if model or board else [one.board_id for one in index.boards],
    )  # fmt: skip


def dots_of(
    found: Sequence[Ranked], front: Sequence[Ranked], x: Axis, y: Axis, *, is_by_board: bool
) -> tuple[Dot, ...]:
    """Matches of which both figures are known; at each place one, of the front if there is one."""
    unbeaten = {(one.match.model, one.match.board) for one in front}
    places: dict[tuple[float, float], Dot] = {}
    for one in found:
        if x not in one.figures or y not in one.figures:
            continue
        at = one.figures[x], one.figures[y]
        is_front = (one.match.model, one.match.board) in unbeaten
        if at in places and (places[at].is_front or not is_front):
            continue
        name = one.match.board if is_by_board else one.match.model
        figures = (
            f"{_UNITS[axis]} {_figure(value)}" for axis, value in zip((x, y), at, strict=True)
        )
        words = f"{name}: {', '.join(figures)}, {one.match.verdict}"
        places[at] = Dot(words, *at, match_address(one.match.model, one.match.board), is_front)
    ordered = sorted(places.values(), key=lambda dot: not dot.is_front)
    return tuple(ordered[:_MOST_DOTS])


def _has(one: Ranked, words: str, *, is_by_board: bool) -> bool:
    """Whether the name of what is compared has all of some words."""
    name = (one.match.board if is_by_board else one.match.model).lower()
    return all(word in name for word in words.lower().split())


def _row(one: Ranked, axes: Sequence[Axis], *, is_by_board: bool) -> RankedRow:
    match = one.match
    return RankedRow(
        match.board if is_by_board else match.model,
        match_address(match.model, match.board, match.runtime),
        str(match.verdict),
        tuple(_figure(one.figures.get(axis)) for axis in axes),
    )


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.4g}"


def _title(model: str, board: str) -> str:
    if model:
        return f"Boards for {model}, by figures"
    return f"Models for {board}, by figures" if board else "Models or boards by figures"
