"""Which matches are worth a look: the Pareto front, and stable orders by one axis after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Final

from fitgraph.matcher.timing import Interval
from fitgraph.matcher.verdict import Match, Verdict

_VERDICTS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Axis(StrEnum):
    """What matches are ranked by; more accuracy is better, less of everything else."""

    ACCURACY = "accuracy"
    SRAM = "sram"
    FLASH = "flash"
    LATENCY = "latency"
    ENERGY = "energy"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A match with the figures that it is ranked by.

    Attributes:
        figures: by axis; an axis of which nothing is known is not there.
    """

    match: Match
    figures: Mapping[Axis, float]


def ranked(
    match: Match,
    accuracy: float | None = None,
    latency_ms: Interval | None = None,
    energy_uj: Interval | None = None,
    price_class: int | None = None,
) -> Ranked:
    """The match with its figures; of intervals the upper end, which is what can be relied on."""
    required = {one.name: one.required for one in match.constraints}
    known = {
        Axis.ACCURACY: accuracy,
        Axis.SRAM: required.get("sram"),
        Axis.FLASH: required.get("flash"),
        Axis.LATENCY: None if latency_ms is None else latency_ms.high,
        Axis.ENERGY: None if energy_uj is None else energy_uj.high,
        Axis.PRICE: price_class,
    }
    return Ranked(match, {axis: figure for axis, figure in known.items() if figure is not None})


def pareto_front(candidates: Iterable[Ranked]) -> tuple[Ranked, ...]:
    """Those that no other one beats: not worse on any axis or in its verdict, better somewhere.

    One whose figure on an axis is not known is neither better nor worse than one whose is, so
    nothing is passed over for want of a figure. In the order of ``in_rank_order``.
    """
    alike: defaultdict[frozenset[Axis], list[Ranked]] = defaultdict(list)
    for one in candidates:
        alike[frozenset(one.figures)].append(one)
    return in_rank_order(one for some in alike.values() for one in _front(some))


def _front(found: Iterable[Ranked]) -> list[Ranked]:
    """The front of those whose figures are of the same axes.

    In order of their costs, nobody is beaten by one who comes later, and who beats a beaten one
    beats whom that one beats: so each is held against the front alone.
    """
    front: list[tuple[tuple[float, ...], Ranked]] = []
    for costs, one in sorted(((_costs(one), one) for one in found), key=itemgetter(0)):
        if not any(_is_better(other, costs) for other, _ in front):
            front.append((costs, one))
    return [one for _, one in front]


def in_rank_order(candidates: Iterable[Ranked], by: Sequence[Axis] = ()) -> tuple[Ranked, ...]:
    """By verdict, then by the axes in turn, then by names; what is not known comes last."""
    return tuple(sorted(candidates, key=lambda one: _key(one, by)))


def _is_better(costs: tuple[float, ...], others: tuple[float, ...]) -> bool:
    """Whether no cost is higher, and one is lower."""
    return costs != others and all(a <= b for a, b in zip(costs, others, strict=True))


def _costs(one: Ranked) -> tuple[float, ...]:
    """Figures of which less is better, the verdict first."""
    figures = (_cost(one, axis) for axis in Axis if axis in one.figures)
    return (_VERDICTS[one.match.verdict], *figures)


def _cost(one: Ranked, axis: Axis) -> float:
    figure = one.figures[axis]
    return -figure if axis is Axis.ACCURACY else figure


def _key(one: Ranked, by: Sequence[Axis]) -> tuple[object, ...]:
    axes = (
        (axis not in one.figures, _cost(one, axis) if axis in one.figures else 0) for axis in by
    )
    match = one.match
    return (_VERDICTS[match.verdict], *axes, match.model, match.board, match.runtime)
