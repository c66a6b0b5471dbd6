"""The report as JSON, as one CSV file a table, and as the end of a Markdown document."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.records import Build, Ingest, Ratio, Refusal, Report, Summary, Validation
from benchmarks.table import as_markdown
from benchmarks.tables import tables
from fitgraph.ontology.errors import FitgraphError

# What stands below this line of a document is ours to rewrite.
MARKER = "<!-- measured: everything below is written by `make bench` -->"


class NoMarkerError(FitgraphError):
    """A document has no place for figures."""

    code: ClassVar[str] = "no-marker"


def as_json(report: Report) -> str:
    """One object with a list for each kind of record."""
    return json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n"


def write_csv(report: Report, folder: Path) -> list[Path]:
    """Writes one file for each kind of record, with the records' names as header."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, tuple[type[Any], Sequence[Any]]] = {
        "ingest": (Ingest, report.ingest),
        "builds": (Build, report.builds),
        "refusals": (Refusal, report.refusals),
        "ratios": (Ratio, report.ratios),
        "summaries": (Summary, report.summaries),
        "optimisations": (Build, report.optimisations),
        "validations": (Validation, report.validations),
    }
    return [_write_one(folder / f"{name}.csv", kind, rows) for name, (kind, rows) in kinds.items()]


def write_document(report: Report, path: Path) -> None:
    """Puts the tables below the marker of a document.

    Raises:
        NoMarkerError: there is no marker in it.
    """
    before, marker, _ = path.read_text(encoding="utf-8").partition(MARKER)
    if not marker:
        raise NoMarkerError(f"{path} has no line {MARKER}", hint="put it where the tables belong")
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    parts = [f"Measured on: {machine}.", *report.notes, *map(as_markdown, tables(report))]
    path.write_text(before + marker + "\n\n" + "\n\n".join(p.strip() for p in parts) + "\n")


def _write_one(path: Path, kind: type[Any], rows: Sequence[Any]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(kind)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    return path
