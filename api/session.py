"""Opens the registry for one command, with the built-in boards and the runtime in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from fitgraph.registry.catalogue import Registry

DEFAULT_STORE = Path(".fitgraph")

# Another command may be writing its result just now, which takes milliseconds.
PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for every command.

    Attributes:
        store: folder of the graph and the blobs.
    """

    store: Path
    debug: bool = False


def store_folder(context: typer.Context) -> Path:
    """The folder that ``--store`` or ``FITGRAPH_STORE`` names."""
    options = context.find_root().obj
    return options.store if isinstance(options, Options) else DEFAULT_STORE


@contextmanager
def reading(context: typer.Context) -> Iterator[Registry]:
    """The registry, for a command that only looks. Several may look at once."""
    from fitgraph.api.first_use import fill
    from fitgraph.registry.catalogue import open_registry

    folder = store_folder(context)
    fill(folder)
    with open_registry(folder, read_only=True, patience_s=PATIENCE_S) as registry:
        yield registry


@contextmanager
def writing(context: typer.Context) -> Iterator[Registry]:
    """The registry, for a command that changes it. Hold it briefly: nobody else can look."""
    from fitgraph.api.first_use import fill
    from fitgraph.registry.catalogue import open_registry

    folder = store_folder(context)
    fill(folder)
    with open_registry(folder, patience_s=PATIENCE_S) as registry:
        yield registry
