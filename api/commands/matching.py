"""``fitgraph match`` and ``fitgraph explain``: which model runs on which board, and why not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.asking import (
    DeadlineMs,
    EnergyUj,
    PolicyFolder,
    ReserveFlash,
    ReserveSram,
    SensorsMounted,
    SensorsWanted,
    demand_of,
    question_of,
)
from fitgraph.api.explaining import as_record, print_explanation, print_intervals
from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson, RuntimeName
from fitgraph.api.output import Cell, err, out, print_json, print_table, progress
from fitgraph.api.ranking import PriceFile, RankBy, price_classes, ranked_matches, told_of
from fitgraph.api.session import reading
from fitgraph.api.tables import check_table_name, write_all, write_matches
from fitgraph.api.timing import timing_for
from fitgraph.matcher.verdict import Verdict

if TYPE_CHECKING:
    from fitgraph.matcher.demand import Demand
    from fitgraph.matcher.verdict import Constraint, Match
    from fitgraph.registry.catalogue import Registry

DEFAULT_RUNTIME = "fitgraph-c"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("match")(match)
    app.command("explain")(explain)


def match(
    context: typer.Context,
    model: Annotated[str | None, typer.Argument(help="A model; all of them without it.")] = None,
    board: Annotated[str | None, typer.Option(help="A board; all of them without it.")] = None,
    runtime: RuntimeName = DEFAULT_RUNTIME,
    only: Annotated[Verdict | None, typer.Option(help="Show only this verdict.")] = None,
    reserve_sram: ReserveSram = None,
    reserve_flash: ReserveFlash = None,
    sensor: SensorsWanted = None,
    mounted: SensorsMounted = None,
    deadline_ms: DeadlineMs = None,
    energy_uj: EnergyUj = None,
    policies: PolicyFolder = None,
    pareto: Annotated[bool, typer.Option("--pareto", help="Only what nothing else beats.")] = False,
    rank_by: RankBy = None,
    prices: PriceFile = None,
    to: Annotated[
        Path | None, typer.Option(help="Write a table into this file: .parquet or .arrow.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which models run on which boards, in numbers.

    `fits` is shown by a measurement or a bound; `likely` rests on an estimate; `unknown` lacks
    a fact; `no` is shown by a fact. Ends with 1 when every answer is no, or nothing is left to
    show. `--to` writes what would be shown; with nothing else asked, every pair of a model and a
    board with its verdict, however many there are.
    """
    from fitgraph.matcher.demand import Demand

    if to is not None:
        check_table_name(to)
    demand = demand_of(reserve_sram, reserve_flash, sensor, mounted, deadline_ms, energy_uj)
    is_all = demand == Demand() and not (model or board or only or policies or pareto or rank_by)
    if to is not None and is_all:
        with reading(context) as registry, progress("matching all pairs"):
            n_rows = write_all(registry, runtime, to)
        _tell_written(n_rows, to, as_json=as_json)
        return
    with reading(context) as registry:
        found = tuple(
            one
            for one in _matches(registry, model, board, runtime, demand, policies)
            if only in (None, one.verdict)
        )
        if pareto or rank_by:
            found = ranked_matches(registry, found, rank_by or (), prices, is_front=pareto)
    if to is not None:
        _tell_written(write_matches(found, to), to, as_json=as_json)
    elif as_json:
        print_json(found)
    else:
        print_table(
            "",
            ("verdict", "evidence", "model", "board", "flash B", "of", "SRAM B", "of", "why"),
            [_row(one) for one in found],
        )
        _print_hints(found)
    _tell_notes(found)
    if not any(one.verdict is only or one.verdict is not Verdict.NO for one in found):
        raise typer.Exit(ANSWER_IS_NO)


def explain(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    board: Annotated[str, typer.Argument(help="Id of the board.")],
    runtime: RuntimeName = DEFAULT_RUNTIME,
    reserve_sram: ReserveSram = None,
    reserve_flash: ReserveFlash = None,
    sensor: SensorsWanted = None,
    mounted: SensorsMounted = None,
    deadline_ms: DeadlineMs = None,
    energy_uj: EnergyUj = None,
    policies: PolicyFolder = None,
    prices: PriceFile = None,
    calibration: Annotated[
        Path | None, typer.Option(help="An .npz file to try int8 with; else random values.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Build nothing; offer only what the graph knows.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say why a model does not run on a board, in numbers, and what would make it run.

    Every remedy that is offered was built for the board's ISA class, or rests on a footprint in
    the graph. Ends with 1 when the answer is no.
    """
    from fitgraph.api.compiler import compiler_for
    from fitgraph.api.workshop import Bench
    from fitgraph.matcher.explain import explain as explain_match

    demand = demand_of(reserve_sram, reserve_flash, sensor, mounted, deadline_ms, energy_uj)
    with reading(context) as registry, progress(f"explaining {model} on {board}") as step:
        told = explain_match(
            registry.store,
            model,
            board,
            runtime,
            compiler_for(registry, runtime),
            question_of(registry.store, demand, policies, timing_for(registry)),
            None if quick else Bench(registry, calibration, step),
            None if prices is None else price_classes(prices),
        )
        found = told.match
        intervals = told_of(registry)(found)
    if as_json:
        print_json(as_record(told, *intervals))
    else:
        _print_constraints(found)
        print_intervals(*intervals)
        print_explanation(told)
        _print_hints([found])
    if found.verdict is Verdict.NO:
        raise typer.Exit(ANSWER_IS_NO)


def _tell_written(n_rows: int, file: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"rows": n_rows, "file": str(file)})
    else:
        out().print(f"wrote {n_rows:,} rows into {file}", markup=False)


def _print_constraints(found: Match) -> None:
    title = f"{found.model} on {found.board} under {found.runtime}: {found.verdict}"
    out().print(f"{title}\n", markup=False)
    print_table(
        "",
        ("constraint", "holds", "required", "available", "margin", "unit", "evidence", "why"),
        [
            (c.name, _holds(c), c.required, c.available, c.margin, c.unit, c.evidence, c.message)
            for c in found.constraints
        ],
    )


def _matches(
    registry: Registry,
    model: str | None,
    board: str | None,
    runtime: str,
    demand: Demand,
    policies: Path | None,
) -> tuple[Match, ...]:
    from fitgraph.api.compiler import compiler_for
    from fitgraph.matcher.match import match as match_all

    question = question_of(registry.store, demand, policies, timing_for(registry))
    compiler = compiler_for(registry, runtime)
    return match_all(registry.store, model, board, runtime, compiler, question)


def _row(match: Match) -> tuple[Cell, ...]:
    flash, sram = match.constraint("flash"), match.constraint("sram")
    return (
        match.verdict,
        match.evidence,
        match.model,
        match.board,
        flash.required,
        flash.available,
        sram.required,
        sram.available,
        "; ".join(dict.fromkeys(c.message for c in match.constraints if _speaks(c, match.verdict))),
    )


def _speaks(constraint: Constraint, verdict: Verdict) -> bool:
    """Whether the constraint is why the verdict is no better."""
    if verdict is Verdict.NO:
        return constraint.satisfied is False
    return verdict is Verdict.UNKNOWN and constraint.satisfied is None


def _print_hints(matches: Iterable[Match]) -> None:
    """What would settle or mend the matches, each hint once."""
    matches = tuple(matches)
    open_classes = {
        (one.model, one.runtime, c.hint)
        for one in matches
        for c in one.constraints
        if _is_unmeasured(c)
    }
    unmeasured = Counter(one[:2] for one in open_classes)
    hints = [
        f"run `fitgraph footprint {model}{_under(runtime)}` to measure it for every board"
        for (model, runtime), classes in sorted(unmeasured.items())
        if classes > 1
    ]
    hints += [
        c.hint
        for one in matches
        for c in one.constraints
        if c.hint and not (_is_unmeasured(c) and unmeasured[one.model, one.runtime] > 1)
    ]
    for hint in dict.fromkeys(hints):
        out().print(f"hint: {hint}", markup=False)


def _tell_notes(matches: Iterable[Match]) -> None:
    """What was asked and means nothing on some boards, each once, on stderr."""
    boards: defaultdict[str, set[str]] = defaultdict(set)
    for one in matches:
        for note in one.notes:
            boards[note.removeprefix(f"{one.board} has ")].add(one.board)
    for words, some in sorted(boards.items()):
        who = f"{len(some):,} boards have" if len(some) > 1 else f"{min(some)} has"
        err().print(f"note: {who} {words}", markup=False)


def _under(runtime: str) -> str:
    return "" if runtime == DEFAULT_RUNTIME else f" --runtime {runtime}"


def _is_unmeasured(constraint: Constraint) -> bool:
    return constraint.unit == "B" and constraint.hint.startswith("run `fitgraph footprint")


def _holds(constraint: Constraint) -> str:
    return {True: "yes", False: "no", None: "?"}[constraint.satisfied]
