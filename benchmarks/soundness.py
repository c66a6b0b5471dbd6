"""Shows that verdicts are sound: ``python -m benchmarks.soundness``.

Every network of the shared data, and of ours, is built for ISA classes and put into a registry with
all boards. The matcher is asked about every pair whose memory is like no other's, and about boards
whose memory is taken to the limit of the model. What it says fits is linked into the board's own
regions, and a sample is run there and compared with the reference; what it says does not fit for
memory must not link, in whatever regions. Ends with 1 where a verdict is not sound.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.models import REPOSITORY
from benchmarks.soundness_pairs import Kind
from benchmarks.soundness_run import PAIRS, RUNS, Report, Wishes, soundness
from benchmarks.table import Column, Table, as_markdown, as_rich, put_between
from fitgraph.api.output import progress
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.isa import ISA_CLASSES

BEGIN: Final = "<!-- soundness: begin -->"
END: Final = "<!-- soundness: end -->"
_WORK: Final = REPOSITORY / "build" / "soundness"
_FILE_WIDTH: Final = 240


def main() -> int:
    """Measure what the arguments say and print it."""
    arguments = _parser().parse_args()
    n_pairs = None if arguments.every_pair else arguments.pairs
    wishes = Wishes(tuple(arguments.model), tuple(arguments.isa), n_pairs, arguments.runs)
    try:
        with progress("reading models") as step:
            report = soundness(wishes, arguments.work, step)
    except FitgraphError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    else:
        _print(report)
    if arguments.document:
        write_document(report, arguments.document)
    return 1 if report.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soundness",
        description="Hold verdicts against linker and emulator.",
    )
    add = parser.add_argument
    add("--model", action="append", default=[], help="part of a model's name; may be repeated")
    add(
        "--isa",
        action="append",
        default=[],
        choices=sorted(ISA_CLASSES),
        metavar="CLASS",
        help="ISA class; may be repeated",
    )
    add("--pairs", type=int, default=PAIRS, help=f"so many of the pairs ({PAIRS})")
    add(
        "--every-pair",
        action="store_true",
        help="all of them, which takes two to three times as long",
    )
    add("--runs", type=int, default=RUNS, help=f"firmwares to run ({RUNS})")
    add("--json", action="store_true", help="write one JSON object to standard output")
    add("--document", type=Path, metavar="FILE", help="rewrite the figures in a Markdown file")
    add(
        "--work",
        type=Path,
        default=_WORK,
        metavar="FOLDER",
        help="where builds and results are kept, so that a run goes on where one ended",
    )
    return parser


def table(report: Report) -> Table:
    """Pairs by ISA class, what was done to the board, and verdict."""
    columns = [Column("ISA class")]
    cells = [(kind, verdict) for kind in Kind for verdict in ("fits", "no")]
    columns += [Column(f"{kind}: {verdict}") for kind, verdict in cells]
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in report.checked:
        for isa_class in (one.isa_class, "all"):
            counted[isa_class, one.kind, one.verdict] += one.pairs
    classes = sorted({one.isa_class for one in report.checked})
    rows: list[tuple[str | int, ...]] = [
        (name, *(counted[name, kind, verdict] for kind, verdict in cells))
        for name in (*classes, "all")
    ]
    return Table("Pairs that were linked", columns, rows, words(report))


def words(report: Report) -> str:
    """All figures in a paragraph."""
    verdicts = ", ".join(f"{number:,} {verdict}" for verdict, number in report.verdicts.items())
    return (
        f"{report.models} models on {report.boards:,} boards are {verdicts}. Of "
        f"{report.layouts} boards whose memory is like no other's, "
        f"{report.pairs(Kind.AS_IT_IS):,} pairs were linked as they are, and "
        f"{report.pairs() - report.pairs(Kind.AS_IT_IS):,} at the limit, in {report.links:,} "
        f"links; {report.runs} firmwares ran and gave the reference's outputs. Unsound verdicts: "
        f"{len(report.failures)}."
    )


def write_document(report: Report, path: Path) -> None:
    """Puts the table between the marks of a document.

    Raises:
        NoPlaceError: it does not have both.
    """
    put_between(path, "soundness", as_markdown(table(report)))


def _print(report: Report) -> None:
    console = Console(width=None if sys.stdout.isatty() else _FILE_WIDTH, highlight=False)
    console.print(as_rich(table(report)))
    for name, reason in report.refused.items():
        console.print(f"not compiled: {name}: {reason}", markup=False)
    for failure in report.failures:
        console.print(f"UNSOUND: {failure}", markup=False)
    console.print(f"{report.seconds:,.0f} s")


if __name__ == "__main__":
    sys.exit(main())
