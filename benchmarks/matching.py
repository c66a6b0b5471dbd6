"""Times the matcher's index: ``python -m benchmarks.matching``.

Of the whole device catalogue and 1,000 models: to make it, to ask it about one model with reasons,
and to count all pairs of 100,000 variants and 1,000,000 devices. Draws what the count costs.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.machine import describe_machine
from benchmarks.matching_plot import plot
from benchmarks.matching_scale import scaled
from benchmarks.scale_graph import N_MODELS, fill_at_scale
from fitgraph.api.output import progress
from fitgraph.matcher.index.index import Index, index_of
from fitgraph.registry.catalogue import Registry, open_registry

N_VARIANTS: Final = 100_000
N_DEVICES: Final = 1_000_000
RUNS: Final = 5
#: What is aimed at: seconds, milliseconds, seconds and bytes.
INDEX_S, MODEL_MS, COUNT_S, MEMORY_BYTES = 5.0, 10.0, 2.0, 2_000_000_000
_STEPS: Final = ((1_000, 1), (3_000, 2), (10_000, 3), (30_000, 5), (60_000, 8), (N_VARIANTS, 10))

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a count of all pairs took."""

    variants: int
    devices: int
    cells: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures.

    Attributes:
        index_s: to read the graph and make the index.
        cells: distinct needs times distinct profiles of 100,000 variants and 1,000,000 devices.
        model_ms: of one model against the catalogue, the first 20 explained: 95th percentile.
        distinct_s: to tell distinct needs of all variants, once.
        count_s: to count all pairs by verdict, after that.
        peak_bytes: of the process, everything above included.
    """

    machine: dict[str, str]
    models: int
    boards: int
    index_s: float
    model_ms: float
    distinct_s: float
    count_s: float
    cells: int
    counted: dict[str, int]
    peak_bytes: int
    costs: tuple[Cost, ...]

    def meets(self) -> bool:
        """Whether everything is within what is aimed at."""
        return (
            self.index_s <= INDEX_S
            and self.model_ms <= MODEL_MS
            and self.count_s <= COUNT_S
            and self.peak_bytes <= MEMORY_BYTES
        )


def main() -> int:
    """Measure, print, and draw; ends with 1 where a target is missed."""
    arguments = _parser().parse_args()
    with progress("making the graph") as step, tempfile.TemporaryDirectory() as made:
        where = arguments.store or Path(made)
        with open_registry(where) as registry:
            if arguments.store is None:
                fill_at_scale(registry, N_MODELS)
            step("timing the index")
            report = measure(registry)
    print(json.dumps(asdict(report), indent=2))
    if arguments.svg:
        arguments.svg.write_text(
            plot([(one.cells, one.seconds * 1e3) for one in report.costs]), encoding="utf-8"
        )
    return 0 if report.meets() else 1


def measure(registry: Registry) -> Report:
    """All figures on the graph of a registry."""
    index_s, index = _best(lambda: _whole_index(registry), RUNS)
    model_ms = _model_ms(index)
    table = scaled(index.table, N_VARIANTS, N_DEVICES)
    distinct_s, _ = _best(lambda: table.distinct, 1)
    count_s, counted = _best(table.count, RUNS)
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Report(
        machine=dict(describe_machine()),
        models=len(index.models),
        boards=len(index.boards),
        index_s=round(index_s, 3),
        model_ms=round(model_ms, 2),
        distinct_s=round(distinct_s, 3),
        count_s=round(count_s, 3),
        cells=table.n_cells,
        counted={str(verdict): n_pairs for verdict, n_pairs in counted.items()},
        peak_bytes=peak_bytes,
        costs=tuple(_cost(index, *step) for step in _STEPS),
    )


def _whole_index(registry: Registry) -> Index:
    index = index_of(registry.store)
    assert index.table.distinct
    return index


def _model_ms(index: Index) -> float:
    """95th percentile over the models, each asked once after a first one."""
    index.explained(index.models[0].name)
    times = [_best(partial(index.explained, one.name), 1)[0] for one in index.models]
    return statistics.quantiles(times, n=20)[-1] * 1e3


def _cost(index: Index, variants: int, tenths: int) -> Cost:
    """Of some of the variants on all devices of some tenths of the profiles."""
    devices = N_DEVICES * tenths // 10
    table = scaled(index.table, variants, devices)
    cells = table.n_cells
    seconds, _ = _best(table.count, 3)
    return Cost(variants, devices, cells, round(seconds, 4))


def _best(what: Callable[[], _Result], runs: int) -> tuple[float, _Result]:
    """The quickest of some runs, in seconds, and the last answer."""
    times: list[float] = []
    for _ in range(runs):
        begin = time.perf_counter()
        result = what()
        times.append(time.perf_counter() - begin)
    return min(times), result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a registry that was filled before")
    parser.add_argument("--svg", type=Path, help="where to draw what the count costs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
