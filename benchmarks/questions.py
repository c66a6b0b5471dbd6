"""Times every competency question: ``python -m benchmarks.questions``.

On a graph of the whole device catalogue and 1,000 models, embedded, with values that a user would
give. Each question is asked once to warm up, then many times; the 95th percentile counts.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Final

from rich.console import Console

from benchmarks.machine import describe_machine
from benchmarks.question_values import values_of
from benchmarks.scale_graph import N_MODELS, fill_at_scale
from benchmarks.table import Column, Table, as_markdown, as_rich
from fitgraph.api.output import progress
from fitgraph.ontology.errors import FitgraphError
from fitgraph.ontology.questions import Question, questions
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.question_values import bindings

BEGIN: Final = "<!-- questions: what follows is written by `python -m benchmarks.questions` -->"
END: Final = "<!-- questions: end -->"
RUNS: Final = 30
#: What a question may take.
TARGET_MS: Final = 50.0
_PERCENTILE: Final = 0.95
_FILE_WIDTH: Final = 160


class NoPlaceError(FitgraphError):
    """A document has no place for the figures."""

    code: ClassVar[str] = "no-marker"


@dataclass(frozen=True, slots=True)
class Timing:
    """One question.

    Attributes:
        rows: of its answer.
        median_ms: by the clock.
        p95_ms: 95th percentile by the clock.
        p95_processor_ms: 95th percentile of processor time, which other programs do not lengthen.
    """

    question: str
    number: int
    rows: int
    median_ms: float
    p95_ms: float
    p95_processor_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """All questions, and what they were asked of."""

    machine: Mapping[str, str]
    triples: int
    timings: tuple[Timing, ...]


def main() -> int:
    """Measure what the arguments say and print it."""
    arguments = _parser().parse_args()
    with progress("making the graph") as step, tempfile.TemporaryDirectory() as made:
        folder = arguments.store or Path(made)
        machine = describe_machine()
        if not (folder / "graph").is_dir():
            with open_registry(folder) as registry:
                fill_at_scale(registry, arguments.models)
        with open_registry(folder, read_only=True) as registry:
            timings = []
            for done, question in enumerate(questions(), start=1):
                step(question.name, done=done, total=len(questions()))
                timings.append(measure(registry, question, arguments.runs))
            report = Report(machine, _triples(registry), tuple(timings))
    if arguments.document:
        write_document(report, arguments.document)
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    else:
        console = Console(width=None if sys.stdout.isatty() else _FILE_WIDTH, highlight=False)
        console.print(as_rich(table(report)))
    return 0


def measure(registry: Registry, question: Question, runs: int) -> Timing:
    """Times of one question, after one run that does not count."""
    values = bindings(registry, question, values_of(registry, question))
    rows = registry.store.query(question.sparql, values)
    clock, processor = zip(*_times(registry, question, values, runs), strict=True)
    return Timing(
        question=question.name,
        number=question.number,
        rows=len(rows),
        median_ms=percentile(clock, 0.5),
        p95_ms=percentile(clock, _PERCENTILE),
        p95_processor_ms=percentile(processor, _PERCENTILE),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed."""
    return round(sorted(values)[math.ceil(share * len(values)) - 1], 2)


def table(report: Report) -> Table:
    """A row a question."""
    slow = [one for one in report.timings if one.p95_ms > TARGET_MS]
    return Table(
        title=f"Questions on {report.triples:,} triples",
        columns=[
            Column("question"),
            Column("rows"),
            Column("median ms", "{:.1f}"),
            Column("p95 ms", "{:.1f}"),
            Column("p95 processor ms", "{:.1f}"),
        ],
        rows=[
            (f"CQ{t.number:02} {t.question}", t.rows, t.median_ms, t.p95_ms, t.p95_processor_ms)
            for t in report.timings
        ],
        note=f"{len(report.timings) - len(slow)} of {len(report.timings)} questions take at most "
        f"{TARGET_MS:.0f} ms at the 95th percentile by the clock.",
    )


def write_document(report: Report, path: Path) -> None:
    """Puts the table between the markers of a document.

    Raises:
        NoPlaceError: they are not in it.
    """
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlaceError(f"{path} has no lines {BEGIN} and {END}", hint="put them where it goes")
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    text = f"Measured on: {machine}.\n\n{as_markdown(table(report))}"
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _times(
    registry: Registry, question: Question, values: Mapping[str, object], runs: int
) -> Iterator[tuple[float, float]]:
    for _ in range(runs):
        clock, processor = time.perf_counter(), time.process_time()
        registry.store.query(question.sparql, values)  # type: ignore[arg-type]
        yield (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def _triples(registry: Registry) -> int:
    (row,) = registry.store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    return int(getattr(row["n"], "value", "0"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    add = parser.add_argument
    add("--models", type=int, default=N_MODELS, help="how many models the graph has")
    add("--runs", type=int, default=RUNS, help="how often each question is asked")
    add("--store", type=Path, help="keep the graph in this folder, and take it where it is there")
    add("--json", action="store_true", help="write one JSON object to standard output")
    add("--document", type=Path, metavar="FILE", help="rewrite the figures in a Markdown file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
