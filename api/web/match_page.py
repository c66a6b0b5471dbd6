"""The page of one model on one board: the verdict, why, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Request, Response

from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.pictures.memory_map import memory_map_svg
from fitgraph.api.pictures.need_bar import need_bar_svg
from fitgraph.api.pictures.placed import uses_of, whole_uses
from fitgraph.api.server.matching import Told
from fitgraph.api.server.ruling import under_rules
from fitgraph.api.server.state import Server, server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.verdict_tables import match_address, reason
from fitgraph.matcher.decide import best_footprint
from fitgraph.matcher.explanation import Remedy
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.timing import Interval
from fitgraph.matcher.verdict import Constraint, Match, Verdict
from fitgraph.ontology.errors import FitgraphError

router = page_router()

#: Shares of the peak that the operators around it have: so many are shown.
_MOST_MOMENTS: Final = 13
_LABELS: Final = {"isa_class": "ISA class", "sram": "SRAM", "number_format": "number format"}
#: Units of which more or less says something.
_MEASURES: Final = frozenset({"B", "ms", "uJ"})
_HOLDS: Final = {True: "holds", False: "violated", None: "open"}


@dataclass(frozen=True, slots=True)
class Row:
    """A constraint with its bar.

    Attributes:
        state: ``holds``, ``violated`` or ``open``.
        label: its name in words.
        bar: what is needed against what there is, or an empty string.
    """

    constraint: Constraint
    state: str
    label: str
    bar: str


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """What would help, and where it leads."""

    kind: str
    verdict: str
    words: str
    command: str
    saved_bytes: int | None
    address: str


@dataclass(frozen=True, slots=True)
class MomentRow:
    """An operator near the peak, with its share of it in percent."""

    operator: str
    live_bytes: int
    share: float
    is_peak: bool


@router.get("/matches/{model}/{board}")
async def match_page(
    request: Request,
    model: str,
    board: str,
    runtime: Annotated[str, Query(min_length=1, max_length=500)] = DEFAULT_RUNTIME,
    *,
    remedies: bool = False,
) -> Response:
    """Get the page that explains a match; with remedies where they are asked for."""
    server = server_of(request)
    told = await server.matching.told(model, board, runtime, waits=remedies)
    before = told.match.verdict
    problem: FitgraphError | None = None
    if remedies:
        try:
            told = await server.matching.told(model, board, runtime, remedies=True)
        except FitgraphError as error:
            problem = error
    (found,) = await under_rules(server, [told.match])
    return page(
        request, "match",
        title=f"{found.model} on {found.board}",
        found=found,
        why=answer_of(found),
        before=str(before),
        unmeasured=told.match.verdict is not before,
        rows=[_row(one) for one in found.constraints],
        intervals=_intervals(told),
        map_svg=await _map(server, found),
        told=told,
        moments=moments_of(told),
        remedies=None if told.remedies is None else [_remedy(one, told) for one in told.remedies],
        problem=problem,
        runtime=runtime,
        is_default=runtime == DEFAULT_RUNTIME,
        runtimes=await server.graph.kept(
            "runtime names", lambda r: tuple(one.name for one in r.list_runtimes()), "runtime"
        ),
        build=_command(found, runtime),
        is_looked_at=server.matching.looks.is_known((await server.matching.model(model)).sha256),
    )  # fmt: skip


def answer_of(found: Match) -> str:
    """Why the verdict is what it is, in a sentence or two."""
    if found.verdict is Verdict.FITS:
        sram = found.constraint("sram")
        left = "" if sram.margin is None else f": {sram.margin:,.0f} B of {sram.region} are left"
        return f"Every constraint is shown by a measurement or a bound{left}."
    words = reason(found)
    start = {
        Verdict.LIKELY: "Nothing speaks against it, but a figure is not shown: ",
        Verdict.UNKNOWN: "A fact is missing: ",
        Verdict.NO: "A fact rules it out: ",
    }[found.verdict]
    return f"{start}{words}."


def moments_of(told: Told) -> list[MomentRow]:
    """Operators around the peak, in their order."""
    peak = told.peak
    if peak is None or not peak.timeline:
        return []
    sizes = [one.live_bytes for one in peak.timeline]
    middle = sizes.index(max(sizes))
    start = max(0, min(middle - _MOST_MOMENTS // 2, len(sizes) - _MOST_MOMENTS))
    return [
        MomentRow(one.operator, one.live_bytes, 100 * one.live_bytes / max(peak.live_bytes, 1),
                  start + place == middle)
        for place, one in enumerate(peak.timeline[start : start + _MOST_MOMENTS])
    ]  # fmt: skip


def _row(one: Constraint) -> Row:
    bar = need_bar_svg(one) if one.unit in _MEASURES else ""
    return Row(one, _HOLDS[one.satisfied], _LABELS.get(one.name, one.name), bar)


def _remedy(one: Remedy, told: Told) -> RemedyRow:
    is_known = one.match.model == told.match.model
    return RemedyRow(
        str(one.kind),
        str(one.match.verdict),
        one.words,
        one.command,
        one.saved_bytes,
        match_address(one.match.model, one.match.board, one.match.runtime) if is_known else "",
    )


def _intervals(told: Told) -> list[tuple[str, str, str, str]]:
    """Name, words, evidence and source of what an inference takes."""
    known: tuple[tuple[str, str, Interval | None], ...] = (
        ("latency", "ms", told.latency_ms),
        ("energy", "µJ", told.energy_uj),
    )
    return [
        (name, span(one, unit), str(one.evidence), one.source)
        for name, unit, one in known
        if one is not None
    ]


def span(interval: Interval, unit: str) -> str:
    """Both ends in three digits: ``392 to 7,280 ms``."""
    if interval.high is None:
        return f"at least {_three_digits(interval.low)} {unit}"
    return f"{_three_digits(interval.low)} to {_three_digits(interval.high)} {unit}"


def _three_digits(figure: float) -> str:
    rounded = float(f"{figure:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


async def _map(server: Server, found: Match) -> str:
    """The board's memory with the model in it, as far as a footprint tells."""
    board = await server.matching.board(found.board)
    model = await server.matching.model(found.model)
    told = (await server.matching.index(found.runtime)).told[model.source]
    footprint = best_footprint(told.footprints, board)
    uses = whole_uses(found) if footprint is None else uses_of(footprint, board)
    return memory_map_svg(board, uses)


def _command(found: Match, runtime: str) -> str:
    """What builds it, where something here does; else an empty string."""
    if found.verdict in {Verdict.NO, Verdict.UNKNOWN}:
        return ""
    under = "" if runtime == OWN_RUNTIME else f" --runtime {runtime}"
    return f"fitgraph build {found.model} --board {found.board}{under}"
