"""A table with headings and formats, for a terminal or a Markdown document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from fitgraph.ontology.errors import FitgraphError


class NoPlaceError(FitgraphError):
    """A document does not say where a table goes."""

    code: ClassVar[str] = "no-place"


Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        form: how a number is written (``str.format``); text stands as it is.
    """

    heading: str
    form: str = "{:,}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title; a note says what a reader must know of them."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


def as_rich(table: Table) -> RichTable:
    """For a terminal: numbers stand right-aligned."""
    made = RichTable(
        title=table.title,
        caption=table.note or None,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    for index, column in enumerate(table.columns):
        made.add_column(column.heading, justify="right" if _is_numeric(table, index) else "left")
    for row in _texts(table):
        made.add_row(*map(Text, row))
    return made


def as_markdown(table: Table) -> str:
    """For a document."""
    rules = ["---:" if _is_numeric(table, index) else "---" for index in range(len(table.columns))]
    headings = [column.heading for column in table.columns]
    lines = [f"| {' | '.join(cells)} |" for cells in (headings, rules, *_texts(table))]
    note = f"{table.note}\n\n" if table.note else ""
    return f"### {table.title}\n\n{note}" + "\n".join(lines) + "\n"


def put_between(path: Path, name: str, text: str) -> None:
    """Puts a text between the marks of this name in a document.

    Raises:
        NoPlaceError: it does not have both.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise NoPlaceError(f"{path} has no lines {begin} and {end}", hint="put them where it goes")
    path.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")


def _is_numeric(table: Table, index: int) -> bool:
    return any(isinstance(row[index], int | float) for row in table.rows)


def _texts(table: Table) -> list[list[str]]:
    return [
        [_text(cell, column.form) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def _text(cell: Cell, form: str) -> str:
    if cell is None:
        return "–"
    return cell if isinstance(cell, str) else form.format(cell)
