"""The page of matches: a matrix of models and boards, or one of them against all of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from fitgraph.api.server.ruling import forbidden_to, ruled, under_rules
from fitgraph.api.server.state import Server, server_of
from fitgraph.api.web.matrix import Column, Forbidden, columns_of, matrix_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.verdict_tables import match_address, match_row, portion, tallies
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.index.index import Index
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board

router = page_router()

Words = Annotated[str, Query(max_length=200)]
Place = Annotated[int, Query(ge=1, le=10**6)]
#: Models and columns that a page of the matrix has, and matches that a page of a table has.
ROWS: Final = 20
COLUMNS: Final = 36
MATCHES: Final = 50
#: More boards than this are shown by hardware profile unless somebody says otherwise.
_FEW_BOARDS: Final = COLUMNS
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the matrix is to show.

    Attributes:
        models: words that their names have; likewise boards.
        by: ``profile`` or ``board``: what a column is; anything else lets their number decide.
        row: of the pages of models, from 1; likewise column.
    """

    models: str
    boards: str
    vendor: str
    runtime: str
    by: str
    row: int
    column: int

    @property
    def filters(self) -> dict[str, str]:
        """What narrows it, by the names that the address has."""
        return {name: getattr(self, name) for name in ("models", "boards", "vendor", "runtime")}


@router.get("/matches")
async def matches_page(  # noqa: PLR0913 - what an address may ask
    request: Request,
    *,
    model: Words = "",
    board: Words = "",
    runtime: Annotated[str, Query(min_length=1, max_length=500)] = DEFAULT_RUNTIME,
    verdict: Verdict | None = None,
    models: Words = "",
    boards: Words = "",
    vendor: Words = "",
    by: Annotated[str, Query(max_length=10)] = "",
    row: Place = 1,
    column: Place = 1,
) -> Response:
    """Get the page of matches that the address asks for."""
    if model and board:
        return RedirectResponse(match_address(model, board, runtime), 303)
    if model or board:
        return await _one_against_all(request, model, board, runtime, verdict, row)
    asked = Asked(models, boards, vendor, runtime, by, row, column)
    return await _all_against_all(request, asked)


async def _all_against_all(request: Request, asked: Asked) -> Response:
    server, runtime = server_of(request), asked.runtime
    index = await server.matching.index(runtime)
    models = [one for one in index.models if _has(one.name, asked.models)]
    boards = [one for one in index.boards if _is_wanted(one, asked.boards, asked.vendor)]
    by_profile = asked.by == "profile" or (asked.by != "board" and len(boards) > _FEW_BOARDS)
    columns = await server.graph.kept(
        f"columns {asked.boards!r} {asked.vendor!r} {by_profile} {runtime}",
        lambda _: columns_of(index, boards, by_profile=by_profile),
        "board", "mcu", "runtime",
    )  # fmt: skip
    shown_models, n_rows = _portion(models, asked.row, ROWS)
    shown_columns, n_columns = _portion(columns, asked.column, COLUMNS)
    few = await server.matching.of_models(runtime, shown_models, waits=False)
    forbidden = await _forbidden(server, few, shown_columns, runtime)
    matrix = await server.graph.read(lambda _: matrix_of(few, shown_columns, runtime, forbidden))
    return page(
        request, "matrix",
        title="Which model runs on which board",
        matrix=matrix,
        n_models=len(models),
        n_boards=len(boards),
        n_all_columns=len(columns),
        by="profile" if by_profile else "board",
        has_rules=bool(server.policies.rules()),
        filters=asked.filters,
        runtimes=await _runtimes(server),
        vendors=sorted({one.vendor for one in index.boards if one.vendor}),
        row=asked.row, n_rows=n_rows, column=asked.column, n_columns=n_columns,
        waiting=_waiting(few, shown_models, server.matching.looks.is_known, runtime),
        link=lambda **changed: f"/matches?{_query(request, changed)}",
    )  # fmt: skip


async def _runtimes(server: Server) -> tuple[str, ...]:
    """Names of all runtimes."""
    return await server.graph.kept(
        "runtime names", lambda r: tuple(one.name for one in r.list_runtimes()), "runtime"
    )


async def _forbidden(
    server: Server, index: Index, columns: Sequence[Column], runtime: str
) -> Forbidden:
    """Which boards of the columns the server's policies keep each model off."""
    if not server.policies.rules():
        return {}
    models = [one.name for one in index.models]
    boards = [board for column in columns for board in column.boards]
    found = await forbidden_to(server, models, boards, runtime)
    return {
        model: frozenset(board for board, is_so in zip(boards, row, strict=True) if is_so)
        for model, row in zip(models, found.tolist(), strict=True)
    }


async def _one_against_all(
    request: Request, model: str, board: str, runtime: str, verdict: Verdict | None, row: int
) -> Response:
    server = server_of(request)
    side = await server.matching.side(model or None, board or None, runtime, waits=False)
    side = await ruled(server, side)
    counts = side.counts
    start, n_shown, n_rows = portion(counts, verdict, row, MATCHES)
    found = await server.graph.read(lambda _: side.index.decided(side.some(n_shown, start)))
    matches = await under_rules(server, found)
    asked = {"model": model} if model else {"board": board}
    asked |= {} if runtime == DEFAULT_RUNTIME else {"runtime": runtime}
    return page(
        request, "one_against_all",
        title=f"{model} on all boards" if model else f"All models on {board}",
        other="board" if model else "model",
        name=model or board,
        rows=[match_row(one) for one in matches],
        tallies=tallies(counts, "/matches", verdict, **asked),
        total=sum(counts.values()) if verdict is None else counts[verdict],
        runtime=runtime,
        row=row, n_rows=n_rows,
        all=f"/matches?{urlencode(asked)}",
        link=lambda **changed: f"/matches?{_query(request, changed)}",
    )  # fmt: skip


def _has(text: str, words: str) -> bool:
    lowered = text.lower()
    return all(word in lowered for word in words.lower().split())


def _is_wanted(one: Board, words: str, vendor: str) -> bool:
    texts = f"{one.board_id} {one.name} {one.mcu} {one.isa_class or ''}"
    return vendor in {"", one.vendor} and _has(texts, words)


def _portion(all_: Sequence[_T], number: int, size: int) -> tuple[Sequence[_T], int]:
    """One page of a list, and how many pages there are."""
    return all_[(number - 1) * size : number * size], max(1, -(-len(all_) // size))


def _waiting(
    index: Index, models: Sequence[ModelNeeds], is_known: Callable[[str], bool], runtime: str
) -> int:
    """How many models the compiler has not looked at, where that matters."""
    if runtime != DEFAULT_RUNTIME:
        return 0
    return sum(index.told[one.source].is_open and not is_known(one.sha256) for one in models)


def _query(request: Request, changed: dict[str, object]) -> str:
    """What the address asks, with changes; None takes one away."""
    said = {**dict(request.query_params), **changed}
    return urlencode({name: value for name, value in said.items() if value not in {None, ""}})
