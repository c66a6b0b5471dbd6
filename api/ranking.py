"""Ranks matches by what the graph and a file of prices tell of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.ranking import Axis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fitgraph.matcher.verdict import Match
    from fitgraph.registry.store_base import Store

RankBy = Annotated[
    list[Axis] | None, typer.Option(help="What to rank by after the verdict; one after another.")
]
PriceFile = Annotated[
    Path | None, typer.Option(help="A CSV file with the columns board and price_class (1, 2, ...).")
]


def ranked_matches(
    store: Store,
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
    from fitgraph.matcher.columns import accuracies, models
    from fitgraph.matcher.ranking import in_rank_order, pareto_front, ranked

    known = accuracies(store)
    accuracy = {one.name: known.get(one.sha256) for one in models(store)}
    classes = {} if prices is None else price_classes(prices)
    found = [
        ranked(one, accuracy.get(one.model), price_class=classes.get(one.board)) for one in matches
    ]
    front = pareto_front(found) if is_front else found
    return tuple(one.match for one in in_rank_order(front, by))


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
