"""Matches as rows of a table: what a model's and a board's page have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.verdict import Match, Verdict

#: Matches that a page of one model or one board shows.
TOP: Final = 20


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One match.

    Attributes:
        address: of the page that explains it.
        why: the sentences that keep the verdict from being better, or an empty string.
    """

    model: str
    board: str
    address: str
    verdict: str
    evidence: str
    flash_bytes: int | None
    flash_margin: int | None
    sram_bytes: int | None
    sram_margin: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many matches have a verdict.

    Attributes:
        address: of a page with them.
        is_chosen: whether they are shown.
    """

    verdict: str
    count: int
    address: str
    is_chosen: bool


def match_address(model: str, board: str, runtime: str = DEFAULT_RUNTIME) -> str:
    """Where a match is explained."""
    query = "" if runtime == DEFAULT_RUNTIME else f"?{urlencode({'runtime': runtime})}"
    return f"/matches/{quote(model, safe='')}/{quote(board, safe='')}{query}"


def match_row(one: Match) -> MatchRow:
    """A match as a row."""
    flash, sram = one.constraint("flash"), one.constraint("sram")
    return MatchRow(
        one.model,
        one.board,
        match_address(one.model, one.board, one.runtime),
        str(one.verdict),
        str(one.evidence),
        _whole(flash.required),
        _whole(flash.margin),
        _whole(sram.required),
        _whole(sram.margin),
        reason(one),
    )


def portion(
    counts: Mapping[Verdict, int], verdict: Verdict | None, page: int = 1, size: int = TOP
) -> tuple[int, int, int]:
    """Where the matches of a page begin, best first, how many it has, and how many pages there are.

    Args:
        counts: of all matches.
        verdict: that alone is shown; None for all.
        page: its number, from 1.
        size: of a page.
    """
    before = 0
    if verdict is not None:
        before = sum(counts[one] for one in list(Verdict)[: list(Verdict).index(verdict)])
    total = sum(counts.values()) if verdict is None else counts[verdict]
    skipped = min((page - 1) * size, total)
    return before + skipped, min(size, total - skipped), max(1, -(-total // size))


def tallies(
    counts: Mapping[Verdict, int], address: str, chosen: Verdict | None, **query: str
) -> tuple[Tally, ...]:
    """Counts by verdict, each with the address of a page that shows these alone."""
    return tuple(
        Tally(str(one), counts[one], f"{address}?{urlencode({**query, 'verdict': str(one)})}",
              one is chosen)
        for one in Verdict
    )  # fmt: skip


def reason(one: Match) -> str:
    """Why a verdict is no better, in one sentence or two; an empty string where it fits."""
    wanted = {Verdict.NO: False, Verdict.UNKNOWN: None}
    speaking: Sequence[str] = ()
    if one.verdict in wanted:
        speaking = [c.message for c in one.constraints if c.satisfied is wanted[one.verdict]]
    elif one.verdict is Verdict.LIKELY:
        speaking = [c.message for c in one.constraints if not c.is_proven]
    return "; ".join(dict.fromkeys(speaking))


def _whole(figure: float | None) -> int | None:
    return None if figure is None else int(figure)
