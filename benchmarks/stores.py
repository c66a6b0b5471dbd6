"""Times opening, filling and starting: ``python -m benchmarks.stores``.

On a store with the whole device catalogue, and on a SPARQL server of this machine. Each step runs
in a process of its own, whose peak of memory is told; the clock starts when its imports are done,
but for whole commands, which are timed from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.machine import describe_machine
from benchmarks.models import REPOSITORY
from benchmarks.store_steps import BOARDS, Cost
from benchmarks.table import Column, Table, as_markdown, as_rich
from fitgraph.api.output import progress
from fitgraph.ontology.errors import FitgraphError
from tests.support.oxigraph_server import oxigraph_server

BEGIN: Final = "<!-- stores: what follows is written by `python -m benchmarks.stores` -->"
END: Final = "<!-- stores: end -->"
_RUNS: Final = 7
_FILE_WIDTH: Final = 160


@dataclass(frozen=True, slots=True)
class Figure:
    """One step.

    Attributes:
        wall_s: by the clock; the median where it ran several times.
        processor_s: of all threads, which other programs lengthen less.
        peak_mb: largest resident set in 10^6 bytes; None for whole commands.
        target: what it may take.
    """

    step: str
    wall_s: float
    processor_s: float
    peak_mb: float | None = None
    target: str = ""


def main() -> int:
    """Measure, and print or write what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stores", description=__doc__)
    parser.add_argument("--json", action="store_true", help="write one JSON object")
    parser.add_argument("--document", type=Path, metavar="FILE", help="rewrite a Markdown file")
    arguments = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="fitgraph-bench-") as folder, progress("") as step:
        figures = []
        for figure in measure(Path(folder)):
            figures.append(figure)
            step(f"done: {figure.step}")
    if arguments.document:
        _write(arguments.document, machine, figures)
    if arguments.json:
        print(json.dumps({"machine": machine, "figures": [asdict(one) for one in figures]}))
    else:
        Console(width=_FILE_WIDTH).print(as_rich(_table(figures)))
    return 0


def measure(folder: Path) -> Iterator[Figure]:
    """All steps, one after the other."""
    store = folder / "store"
    yield _step("import the device catalogue into a folder", "catalogue", store, "20 s, 600 MB")
    yield _step("import it again, unchanged", "catalogue", store)
    for name in ("reading", "writing"):
        yield _step(f"open that store for {name}", f"open-{name}", store, "0.2 s")
    yield _step("validate one board", "validate", store, "0.06 s")
    boards = _step("", "boards", folder / "boards", "500 boards a second")
    rate = f"import {BOARDS:,} boards: {BOARDS / boards.wall_s:,.0f} a second"
    yield Figure(rate, boards.wall_s, boards.processor_s, boards.peak_mb, boards.target)
    for arguments in (
        ("--help",),
        ("board", "show", "stm32-blue-pill"),
        ("query", "--text", "ASK {}"),
    ):
        yield _command(store, arguments)
    with oxigraph_server(folder / "server") as server:
        yield _step("import the device catalogue into an Oxigraph server", "catalogue", server.url)
        yield _step("import it again, unchanged, on the server", "catalogue", server.url)
        yield _command(server.url, ("board", "show", "stm32-blue-pill"))


def _step(name: str, step: str, store: Path | str, target: str = "") -> Figure:
    command = [sys.executable, "-m", "benchmarks.store_steps", step, str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode:
        last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise FitgraphError(f"{step} failed: {last}")
    cost = Cost(**json.loads(done.stdout))
    return Figure(name, cost.wall_s, cost.processor_s, cost.peak_mb, target)


def _command(store: Path | str, arguments: Sequence[str]) -> Figure:
    """A whole process, from outside; the first run fills caches and does not count."""
    command = [sys.executable, "-m", "fitgraph.api", "--store", str(store), *arguments]
    walls, processors = [], []
    for _ in range(_RUNS + 1):
        before, start = os.times(), time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=REPOSITORY)
        after = os.times()
        walls.append(time.perf_counter() - start)
        processors.append(sum(after[2:4]) - sum(before[2:4]))
    place = " (server)" if isinstance(store, str) else ""
    text = f"`fitgraph {' '.join(arguments)}`{place}"
    return Figure(text, statistics.median(walls[1:]), statistics.median(processors[1:]))


def _table(figures: Sequence[Figure]) -> Table:
    columns = (
        *(Column("step"), Column("by the clock s", "{:.3f}"), Column("processor s", "{:.3f}")),
        *(Column("peak MB", "{:.0f}"), Column("may take")),
    )
    rows = [(f.step, f.wall_s, f.processor_s, f.peak_mb, f.target) for f in figures]
    return Table("Stores", columns, rows)


def _write(path: Path, machine: dict[str, str], figures: Sequence[Figure]) -> None:
    """Puts the table between the markers of a document."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise FitgraphError(f"{path} has no lines {BEGIN} and {END}")
    about = ", ".join(f"{name} {value}" for name, value in machine.items())
    table = as_markdown(_table(figures)).strip()
    path.write_text(f"{before}{BEGIN}\n\nMeasured on: {about}.\n\n{table}\n\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
