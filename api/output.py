"""What goes to the screen: tables and JSON to stdout, progress and complaints to stderr."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from rich.console import Console

if TYPE_CHECKING:
    from rich.table import Table

# Lines of a table that goes into a file or a pipe are not folded.
_FILE_WIDTH = 1000

Cell = str | int | float | None


def out() -> Console:
    """The console for answers."""
    is_terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if is_terminal else _FILE_WIDTH,
        soft_wrap=not is_terminal,
        highlight=False,
        emoji=False,
    )


def err() -> Console:
    """The console for progress and complaints."""
    return Console(file=sys.stderr, highlight=False, emoji=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Write a record, or several, as JSON: the only thing on stdout."""
    sys.stdout.write(to_json(value))


def to_json(value: object) -> str:
    """A record, or several, as JSON text."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=plain) + "\n"


def plain(value: object) -> object:
    """Records as dictionaries, everything else that JSON does not know as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(value)
            if not field.name.startswith("_")
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table; columns of numbers stand right-aligned, with thousands separated."""
    out().print(table(title, columns, rows))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table of cells."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [list(row) for row in rows]
    made = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        is_number = any(isinstance(row[index], (int, float)) for row in cells)
        made.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in cells:
        made.add_row(*(Text(_text(cell)) for cell in row))
    return made


def shortened(text: str, room: int) -> str:
    """The text, or its start with dots behind it."""
    return text if len(text) <= room else f"{text[: max(0, room - 1)]}…"


def print_fields(fields: Mapping[str, Cell]) -> None:
    """Write one record, a field a line."""
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        out().print(f"{name:<{width}}  {_text(value)}", markup=False)


class Step(Protocol):
    """Says what is being done now."""

    def __call__(self, now: str, *, done: int | None = None, total: int | None = None) -> None:
        """Show a new description, and how far it is where that is known."""
        ...


@contextmanager
def progress(description: str) -> Iterator[Step]:
    """A bar on stderr for what may take over a second; nothing where stderr is no terminal.

    Yields:
        What to call with each new step.
    """
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    is_shown = sys.stderr.isatty()
    with Progress(*columns, console=err(), transient=True, disable=not is_shown) as bar:
        task = bar.add_task(description, total=None)

        def step(now: str, *, done: int | None = None, total: int | None = None) -> None:
            bar.update(task, description=now, completed=done, total=total)

        yield step


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.6g}"
    return f"{cell:,}" if isinstance(cell, int) else cell
