"""What counts of instructions add to estimates of latency: ``python -m benchmarks.latency_counts``.

Holds the intervals of models against instructions that were counted in emulators of TFLM with both
kernel libraries, and these against the cycles that were published of the same benchmarks on a
Cortex-M4. Needs the shared data.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks.models import shared_data
from benchmarks.table import Column, Table, as_markdown
from fitgraph.matcher.demanded import narrowed
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.latency.published import published
from fitgraph.matcher.latency.timing import CalibratedTiming
from fitgraph.matcher.latency.work import work_of
from fitgraph.matcher.timing import Interval, latency_of_instructions
from fitgraph.registry.board import Board
from fitgraph.registry.read_model import read_model

_CORES: Final = {
    "cortex-m0": ("armv6-m", "Cortex-M0"),
    "cortex-m4f": ("armv7e-m+fp", "Cortex-M4F"),
    "cortex-m7": ("armv7e-m+fp.dp", "Cortex-M7"),
    "cortex-m55": ("armv8.1-m.main+mve", "Cortex-M55"),
}
_BENCHMARKS: Final = {"kws_ref_model": "kws", "ad01_int8": "ad"}
_HZ: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Count:
    """Instructions of one model, and its interval without and with them.

    Attributes:
        narrowing: the interval's ends as a ratio, without over with; 1 where nothing changes.
    """

    model: str
    core: str
    library: str
    instructions: int
    narrowing: float


def counts(data: Path) -> Iterator[Count]:
    """All that were counted of models which are there."""
    folders = (data / "reference_kg" / "models", data / "models")
    files = [path for folder in folders for path in sorted(folder.glob("*.tflite"))]
    by_digest = {sha256(path.read_bytes()).hexdigest(): path for path in files}
    with (data / "anchors.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = by_digest.get(row["sha256"])
            if path is not None and row["core"] in _CORES and row["runtime"].startswith("tflm"):
                yield _count(row, path)


def _count(row: dict[str, str], path: Path) -> Count:
    isa_class, core = _CORES[row["core"]]
    library = "reference" if "reference" in row["runtime"] else "CMSIS-NN"
    runtime = "tflm" if library == "reference" else "tflm+cmsis-nn"
    board = Board("one", "one", "", "", core, isa_class, _HZ, ())
    instructions, work = int(float(row["insns_per_inference"])), work_of(read_model(path))
    timing = CalibratedTiming(lambda *_: work)
    told = timing.latency_ms(ModelNeeds(row["model"], row["sha256"]), board, runtime)
    bound = latency_of_instructions(instructions, board, "")
    both = narrowed(told, bound)
    assert told is not None
    assert both is not None
    return Count(row["model"], core, library, instructions, _reach(told) / _reach(both))


def _reach(told: Interval) -> float:
    return told.high / told.low if told.high is not None else math.inf


def cycles_by_instruction(data: Path) -> dict[str, list[float]]:
    """Of benchmarks on a Cortex-M4 with CMSIS-NN: published cycles by instructions of TFLM's."""
    with (data / "anchors.csv").open(newline="", encoding="utf-8") as file:
        counted = {
            _BENCHMARKS[row["model"]]: float(row["insns_per_inference"])
            for row in csv.DictReader(file)
            if row["model"] in _BENCHMARKS
            and row["core"] == "cortex-m4f"
            and row["runtime"].startswith("tflm+cmsis-nn")
        }
    return {
        name: sorted(
            one.cycles / instructions
            for one in published()
            if one.benchmark == name and one.core == "Cortex-M4" and "cmsis-nn" in one.software
        )
        for name, instructions in counted.items()
    }


def table(found: list[Count]) -> Table:
    """How many intervals counts narrow, and by how much."""
    rows = []
    for core, library in dict.fromkeys((one.core, one.library) for one in found):
        some = [one.narrowing for one in found if (one.core, one.library) == (core, library)]
        changed = [one for one in some if one > 1]
        middle = statistics.median(changed) if changed else None
        rows.append((core, library, len(some), len(changed), middle))
    columns = ("core", "kernels", "models", "lower end raised", "narrower by, median factor")
    forms = ("{:,}",) * 4 + ("{:.2f}",)
    made = [Column(name, form) for name, form in zip(columns, forms, strict=True)]
    return Table("Intervals with counts of instructions", made, rows)


def main() -> int:
    """Measure and print."""
    data = shared_data()
    if data is None:
        sys.stderr.write("the shared data is not there\n")
        return 2
    found = list(counts(data))
    sys.stdout.write(as_markdown(table(found)))
    for name, some in cycles_by_instruction(data).items():
        shown = ", ".join(f"{one:.2f}" for one in some)
        sys.stdout.write(f"{name} on a Cortex-M4, cycles an instruction: {shown}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
