"""Ranks matches by what the graph and a file of prices tell of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.timing import timing_for
from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.ranking import Axis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fitgraph.matcher.facts import InstructionCount
    from fitgraph.matcher.timing import Interval
    from fitgraph.matcher.verdict import Match
    from fitgraph.registry.catalogue import Registry

RankBy = Annotated[
    list[Axis] | None, typer.Option(help="What to rank by after the verdict; one after another.")
]
PriceFile = Annotated[
    Path | None, typer.Option(help="A CSV file with the columns board and price_class (1, 2, ...).")
]


def ranked_matches(
    registry: Registry,
    matches: Iterable[Match],
    by: Sequence[Axis],
    prices: Path | None,
    *,
    is_front: bool,
) -> tuple[Match, ...]:
    """Matches in rank order, or those of the Pareto front.

    Raises:
        InvalidDemandError: the file of prices is none.
    """
    from fitgraph.matcher.accuracy import comparable
    from fitgraph.matcher.columns import accuracies, models
    from fitgraph.matcher.columns import price_classes as known_classes
    from fitgraph.matcher.ranking import in_rank_order, pareto_front, ranked

    matches = tuple(matches)
    digests = {one.name: one.sha256 for one in models(registry.store)}
    asked = {digests[one.model] for one in matches}
    known = comparable(accuracies(registry.store), asked).by_model
    accuracy = {name: known.get(digest) for name, digest in digests.items()}
    classes = {**known_classes(registry.store), **({} if prices is None else price_classes(prices))}
    is_timed = is_front or not {Axis.LATENCY, Axis.ENERGY}.isdisjoint(by)
    told = told_of(registry) if is_timed else _nothing
    found = [
        ranked(one, accuracy.get(one.model), *told(one), classes.get(one.board)) for one in matches
    ]
    front = pareto_front(found) if is_front else found
    return tuple(one.match for one in in_rank_order(front, by))


def told_of(registry: Registry) -> Callable[[Match], tuple[Interval | None, Interval | None]]:
    """Tells latency (ms) and energy (uJ) of matches; not below what instructions show."""
    from fitgraph.matcher.columns import boards, instruction_counts, models
    from fitgraph.matcher.demanded import counted, narrowed

    timing = timing_for(registry)
    needs = {one.name: one for one in models(registry.store)}
    places = {one.board_id: one for one in boards(registry.store)}
    counts: dict[str, Mapping[str, Sequence[InstructionCount]]] = {}

    def told(one: Match) -> tuple[Interval | None, Interval | None]:
        model, board, runtime = needs[one.model], places[one.board], one.runtime
        if runtime not in counts:
            counts[runtime] = instruction_counts(registry.store, runtime)
        bound = counted(model, board, counts[runtime].get(model.sha256, ()))
        latency = narrowed(timing.latency_ms(model, board, runtime), bound)
        return latency, timing.energy_uj(model, board, runtime)

    return told


def _nothing(_: Match) -> tuple[None, None]:
    return None, None


def price_classes(path: Path) -> dict[str, int]:
    """Price classes by the id of the board; 1 is the cheapest.

    Raises:
        InvalidDemandError: the file cannot be read, lacks a column, or a class is no number.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [(row["board"], int(row["price_class"])) for row in csv.DictReader(lines)]
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        reason = f"it has no column {error}" if isinstance(error, KeyError) else error
        raise InvalidDemandError(
            f"{path} is no file of prices: {reason}",
            hint="write a CSV file with the columns board and price_class, a whole number",
        ) from error
    return dict(rows)
