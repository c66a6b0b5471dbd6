"""Our figure beside each row of ``anchors.csv``, with the ratio: ``make bench-anchors``.

Unlike ``anchors.py``, which takes the best build of TFLM with CMSIS-NN, this takes every row as it
stands: the portable kernels, compilers that had to edit a model, each set of flags.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.anchors import CLASS_OF_CORE, AnchorsError, geometric_mean, read_rows
from benchmarks.in_worker import build
from benchmarks.jobs import Job
from benchmarks.models import collected_models, reference_models, shared_data
from benchmarks.records import Build, ModelFile, Refusal
from benchmarks.table import Column, Table, as_markdown, as_rich
from fitgraph.api.output import Step, progress
from fitgraph.ontology.errors import FitgraphError

# A column of the file, and our figure that stands beside it.
FIGURES: Mapping[str, str] = {
    "insns_per_inference": "instructions",
    "arena_bytes": "arena_bytes",
    "code_flash_bytes": "code_bytes",
}
_WORDS = {"instructions": "instructions", "arena_bytes": "arena", "code_bytes": "code flash"}
MARKER = "<!-- anchors: everything between these lines is written by `make bench-anchors` -->"
_FILE_WIDTH = 240


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of one row, and ours.

    Attributes:
        line: of the file, the heading being 1.
        ours: None where the model cannot be built for the core, or its file is not at hand.
        ratio: ours through theirs: below 1, ours is smaller or faster.
    """

    line: int
    model: str
    runtime: str
    core: str
    figure: str
    theirs: int
    ours: int | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class PairSummary:
    """All ratios of one figure against one runtime on one core."""

    runtime: str
    core: str
    figure: str
    n_rows: int
    geometric_mean: float
    median: float
    worst: float
    worst_model: str


@dataclass(frozen=True, slots=True)
class AnchorReport:
    """Every row, and what they come to.

    Attributes:
        refusals: what could not be measured, and why.
    """

    pairs: tuple[Pair, ...]
    summaries: tuple[PairSummary, ...]
    refusals: tuple[str, ...]


def pairs(rows: Sequence[Mapping[str, str]], builds: Iterable[Build]) -> tuple[Pair, ...]:
    """Every figure of every row; rows are those of the file, in order."""
    known = {(one.sha256, one.isa_class): one for one in builds}
    return tuple(
        _pair(line, row, column, known.get((row["sha256"], CLASS_OF_CORE.get(row["core"], ""))))
        for line, row in enumerate(rows, start=2)
        for column in FIGURES
        if row[column].isdecimal() and int(row[column])
    )


def _pair(line: int, row: Mapping[str, str], column: str, build: Build | None) -> Pair:
    theirs = int(row[column])
    ours = None if build is None else int(getattr(build, FIGURES[column]))
    return Pair(
        line=line,
        model=row["model"].rstrip("_"),
        runtime=row["runtime"],
        core=row["core"],
        figure=FIGURES[column],
        theirs=theirs,
        ours=ours,
        ratio=None if ours is None else ours / theirs,
    )


def summarise(found: Iterable[Pair]) -> tuple[PairSummary, ...]:
    """By runtime, core and figure, in the order of the file."""
    groups: dict[tuple[str, str, str], list[tuple[float, str]]] = defaultdict(list)
    for one in found:
        if one.ratio is not None:
            groups[one.runtime, one.core, one.figure].append((one.ratio, one.model))
    return tuple(
        PairSummary(
            *key,
            n_rows=len(group),
            geometric_mean=geometric_mean([ratio for ratio, _ in group]),
            median=median(ratio for ratio, _ in group),
            worst=max(group)[0],
            worst_model=max(group)[1],
        )
        for key, group in groups.items()
    )


def measure(data: Path, step: Step) -> AnchorReport:
    """Builds every model of the file that is at hand, for every core that has a row of it.

    Raises:
        AnchorsError: the file cannot be read.
    """
    rows = read_rows(data / "anchors.csv")
    classes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["core"] in CLASS_OF_CORE:
            classes[row["sha256"]].add(CLASS_OF_CORE[row["core"]])
    names = {row["sha256"]: row["model"].rstrip("_") for row in rows}
    models = {one.sha256: one for one in _models(data, names) if one.sha256 in classes}
    done = _built([Job(models[sha], tuple(sorted(classes[sha])), macs=0) for sha in models], step)
    refused = [
        f"{one.model} on {one.isa_class}: {one.reason}" for one in done if isinstance(one, Refusal)
    ]
    absent = [f"{names[sha]}: its file is not at hand" for sha in names if sha not in models]
    found = pairs(rows, [one for one in done if isinstance(one, Build)])
    return AnchorReport(found, summarise(found), (*refused, *absent))


def _models(data: Path, names: Mapping[str, str]) -> list[ModelFile]:
    return [*reference_models(data), *collected_models(data, names)]


def _built(jobs: Sequence[Job], step: Step) -> list[Build | Refusal]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        tasks: list[Future[list[Build | Refusal]]] = [pool.submit(build, job) for job in jobs]
        step("building, running and comparing", done=0, total=len(tasks))
        for done, _ in enumerate(as_completed(tasks), start=1):
            step("building, running and comparing", done=done, total=len(tasks))
        return [one for task in tasks for one in task.result()]


def tables(report: AnchorReport) -> list[Table]:
    """The summary, then a table of rows for each runtime and core."""
    groups: dict[tuple[str, str], dict[int, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for one in report.pairs:
        groups[one.runtime, one.core][one.line].append(one)
    return [_summary(report), *(_rows(*key, by_line) for key, by_line in groups.items())]


def _summary(report: AnchorReport) -> Table:
    columns = (
        *(Column("runtime"), Column("core"), Column("figure"), Column("rows")),
        *(Column("geometric mean", "{:.2f}"), Column("median", "{:.2f}")),
        *(Column("worst", "{:.2f}"), Column("worst model")),
    )
    rows = [
        (
            *(one.runtime, one.core, _WORDS[one.figure], one.n_rows, one.geometric_mean),
            *(one.median, one.worst, one.worst_model),
        )
        for one in report.summaries
    ]
    return Table("Ratios to each runtime, ours through theirs", columns, rows)


def _rows(runtime: str, core: str, by_line: Mapping[int, Sequence[Pair]]) -> Table:
    columns = [Column("model"), Column("line")]
    for word in _WORDS.values():
        columns += [Column(word), Column("theirs"), Column("ratio", "{:.2f}")]
    rows = []
    for line, found in by_line.items():
        by_figure = {one.figure: one for one in found}
        cells = [by_figure.get(figure) for figure in _WORDS]
        values = [
            value
            for cell in cells
            for value in ((None,) * 3 if cell is None else (cell.ours, cell.theirs, cell.ratio))
        ]
        rows.append((found[0].model, line, *values))
    return Table(f"{runtime} on {core}", columns, rows)


def write_document(report: AnchorReport, path: Path) -> None:
    """Puts the summary between the markers of a document.

    Raises:
        AnchorsError: it does not have two of them.
    """
    parts = path.read_text(encoding="utf-8").split(MARKER)
    if len(parts) != 3:
        raise AnchorsError(f"{path} has no two lines {MARKER}")
    before, _, after = parts
    path.write_text(f"{before}{MARKER}\n\n{as_markdown(_summary(report))}\n{MARKER}{after}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Our figure beside each row of anchors.csv.")
    parser.add_argument("--json", action="store_true", help="write one JSON object")
    parser.add_argument("--document", type=Path, metavar="FILE", help="rewrite the summary in it")
    arguments = parser.parse_args()
    data = shared_data()
    if data is None:
        sys.stderr.write("there is no shared data; FITGRAPH_SHARED_DATA names its folder\n")
        return FitgraphError.exit_code
    try:
        with progress("measuring") as step:
            report = measure(data, step)
        if arguments.document:
            write_document(report, arguments.document)
    except FitgraphError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
        return 0
    console = Console(width=None if sys.stdout.isatty() else _FILE_WIDTH, highlight=False)
    for table in tables(report):
        console.print(as_rich(table))
    for refusal in report.refusals:
        console.print(refusal, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
