"""What the store lacks and the device catalogue has: shown with a word about it, or taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

from fitgraph.api.output import err, out
from fitgraph.api.session import writing

_Record = TypeVar("_Record")


def is_catalogue_id(file: Path) -> bool:
    """Whether an argument is no file, and looks like none."""
    return not file.suffix and len(file.parts) == 1 and not file.exists()


def add_from_catalogue(context: typer.Context, kind: str, name: str) -> None:
    """Take one board or microcontroller of the device catalogue into the store."""
    with writing(context) as registry:
        added = registry.add_from_catalogue(kind, name)
    verb = "added" if added.is_new else "known already:"
    out().print(f"{verb} {name} (device catalogue)", markup=False)


def stored_or(
    catalogued: Callable[[str], _Record | None],
    stored: Callable[[str], _Record],
    kind: str,
    name: str,
) -> _Record:
    """What the store has of that name, else what the device catalogue has, and a word about it.

    Raises:
        NotFoundError: neither has it.
    """
    from fitgraph.registry.errors import NotFoundError

    try:
        return stored(name)
    except NotFoundError:
        found = catalogued(name)
        if found is None:
            raise
        err().print(
            f"not in the store; this is the device catalogue's. `fitgraph {kind} add {name}` "
            "takes it in",
            markup=False,
        )
        return found
