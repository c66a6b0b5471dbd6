"""Opens the registry for one command, with the built-in boards and the runtime in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.endpoint import Place

DEFAULT_STORE = ".fitgraph"

# Another command may be writing its result just now, which takes milliseconds.
PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for every command.

    Attributes:
        store: folder of the graph and the blobs, or URL of a SPARQL server.
    """

    store: str
    debug: bool = False


def store_place(context: typer.Context) -> Place:
    """The folder or the server that ``--store`` or ``FITGRAPH_STORE`` names."""
    from fitgraph.registry.endpoint import place

    options = context.find_root().obj
    return place(options.store if isinstance(options, Options) else DEFAULT_STORE, os.environ)


@contextmanager
def reading(context: typer.Context) -> Iterator[Registry]:
    """The registry, for a command that only looks. Several may look at once."""
    from fitgraph.api.first_use import fill
    from fitgraph.registry.catalogue import open_registry

    where = store_place(context)
    fill(where)
    with open_registry(where, read_only=True, patience_s=PATIENCE_S) as registry:
        yield registry


@contextmanager
def writing(context: typer.Context) -> Iterator[Registry]:
    """The registry, for a command that changes it. Hold it briefly: nobody else can look."""
    from fitgraph.api.first_use import fill
    from fitgraph.registry.catalogue import open_registry

    where = store_place(context)
    fill(where)
    with open_registry(where, patience_s=PATIENCE_S) as registry:
        yield registry
