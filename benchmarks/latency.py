"""Holds estimates of latency and energy against results: ``python -m benchmarks.latency``.

Every board is left out in turn: the model is fitted on the others, widths included, and its
intervals are held against what was published of the board. ``--document`` puts the figures into a
document, between its two markers.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.table import Column, Table, as_markdown
from fitgraph.matcher.latency.calibration import (
    Calibration,
    Setting,
    Told,
    calibrated,
    setting_of,
    told_cycles,
    told_joules,
)
from fitgraph.matcher.latency.published import Published, published

#: Share of results that intervals hold of boards left out.
TARGET: Final = 0.9
_BEGIN: Final = "<!-- latency: begin -->"
_END: Final = "<!-- latency: end -->"


@dataclass(frozen=True, slots=True)
class Held:
    """One result against what was told of it.

    Attributes:
        ratio: middle of the interval to what was published.
        reach: of the interval to either side of its middle, as a factor.
        is_inside: whether the interval holds the result.
    """

    board: str
    core: str
    ratio: float
    reach: float
    is_inside: bool


def left_out(results: Sequence[Published]) -> tuple[list[Held], list[Held]]:
    """Latency and energy of every board by a model that never saw it."""
    latency, energy = [], []
    for board in sorted({one.board for one in results}):
        known = calibrated([one for one in results if one.board != board])
        for one in results:
            if one.board == board:
                latency.append(_latency(known, one))
                energy += [] if one.energy_uj is None else [_energy(known, one, one.energy_uj)]
    return latency, energy


def coverage(held: Sequence[Held]) -> float:
    """Share of results within their intervals."""
    return sum(one.is_inside for one in held) / len(held)


def main() -> int:
    """Measure and print; ends with 1 where intervals hold less than they are to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", type=Path, help="a document to put the figures into")
    arguments = parser.parse_args()
    latency, energy = left_out(published())
    text = "\n".join(
        as_markdown(table) for table in (_table("latency", latency), _table("energy", energy))
    )
    print(text)
    if arguments.document is not None:
        _put(arguments.document, text)
    return 0 if min(coverage(latency), coverage(energy)) >= TARGET else 1


def _latency(known: Calibration, one: Published) -> Held:
    told = told_cycles(known.cycles, setting_of(one))
    value = math.log(one.cycles / known.units.of(one.work))
    return _held(one, value, told.middle, told.spread * known.width)


def _energy(known: Calibration, one: Published, energy_uj: float) -> Held:
    cycles: Told = told_cycles(known.cycles, setting_of(one))
    spent = told_joules(known.joules, Setting(one.group, setting_of(one).library))
    value = math.log(energy_uj * 1e3 / known.units.of(one.work))
    reach = math.hypot(cycles.spread * known.width, spent.spread * known.energy_width)
    return _held(one, value, cycles.middle + spent.middle, reach)


def _held(one: Published, value: float, middle: float, reach: float) -> Held:
    return Held(
        one.board,
        one.core,
        math.exp(middle - value),
        math.exp(reach),
        is_inside=abs(value - middle) <= reach,
    )


def _table(what: str, held: Sequence[Held]) -> Table:
    rows = []
    for board in sorted({one.board for one in held}):
        own = [one for one in held if one.board == board]
        rows.append((board, ", ".join(sorted({one.core for one in own})), *_figures(own)))
    return Table(
        f"{what.capitalize()} of boards left out",
        (
            Column("board"),
            Column("core"),
            Column("results"),
            Column("inside %", "{:.0f}"),
            Column("median error, factor", "{:.2f}"),
            Column("interval reaches, factor", "{:.1f}"),
        ),
        [*rows, ("all", "", *_figures(held))],
    )


def _figures(held: Sequence[Held]) -> tuple[int, float, float, float]:
    errors = [max(one.ratio, 1 / one.ratio) for one in held]
    return (
        len(held),
        100 * coverage(held),
        statistics.median(errors),
        statistics.median(one.reach for one in held),
    )


def _put(document: Path, text: str) -> None:
    before, _, rest = document.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    whole = f"{before}{_BEGIN}\n\n{text}\n{_END}{after}"
    document.write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
