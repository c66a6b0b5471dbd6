"""Prints what fitgraph takes and gives: ``make bench``, or ``python -m benchmarks.run --help``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.collect import collect
from benchmarks.jobs import LARGE_MACS, Wishes
from benchmarks.records import Report
from benchmarks.report import as_json, write_csv, write_document
from benchmarks.table import as_rich
from benchmarks.tables import tables
from fitgraph.api.output import progress
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.isa import ISA_CLASSES

# Lines of a table that goes into a file or a pipe are not folded.
_FILE_WIDTH = 240


def main() -> int:
    """Measure what the arguments say and print it."""
    arguments = _parser().parse_args()
    wishes = Wishes(
        models=tuple(arguments.model),
        isa_classes=tuple(arguments.isa),
        quick=arguments.quick,
        full=arguments.full,
    )
    try:
        with progress("measuring") as step:
            report = collect(wishes, step)
        if arguments.csv:
            write_csv(report, arguments.csv)
        if arguments.document:
            write_document(report, arguments.document)
    except FitgraphError as error:
        hint = f" ({error.hint})" if error.hint else ""
        sys.stderr.write(f"{error.message}{hint}\n")
        return error.exit_code
    except OSError as error:  # of --csv and --document
        sys.stderr.write(f"{error.filename or 'the answer'} cannot be written: {error.strerror}\n")
        return FitgraphError.exit_code
    if arguments.json:
        sys.stdout.write(as_json(report))
    else:
        _print(report)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Measure ingest, builds and generated code; nothing is stored.",
    )
    add = parser.add_argument
    add("--model", action="append", default=[], help="part of a model's name; may be repeated")
    add(
        "--isa",
        action="append",
        default=[],
        choices=sorted(ISA_CLASSES),
        metavar="CLASS",
        help="ISA class to build for, whatever the model's size; may be repeated",
    )
    add("--quick", action="store_true", help="our models and the wake words on two classes")
    add(
        "--full",
        action="store_true",
        help=f"all classes also for models of more than {LARGE_MACS:,} MACs",
    )
    add("--json", action="store_true", help="write one JSON object to standard output")
    add("--csv", type=Path, metavar="FOLDER", help="write one CSV file a kind of figure")
    add("--document", type=Path, metavar="FILE", help="rewrite the figures in a Markdown file")
    return parser


def _print(report: Report) -> None:
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else _FILE_WIDTH, highlight=False)
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    for line in (f"Measured on: {machine}.", *report.notes):
        console.print(line, markup=False)
    for table in tables(report):
        console.print()
        console.print(as_rich(table))


if __name__ == "__main__":
    sys.exit(main())
