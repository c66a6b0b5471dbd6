"""Where the tokens of a store are kept, and what else is no part of its graph."""

from __future__ import annotations

from pathlib import Path

from fitgraph.api.access import FILE_NAME
from fitgraph.registry.catalogue import DEFAULT_FOLDER
from fitgraph.registry.endpoint import Place


def token_path(where: Place, named: str) -> Path:
    """The file of the tokens: the one that is named, else beside the store."""
    if named:
        return Path(named)
    return beside(where) / FILE_NAME


def beside(where: Place) -> Path:
    """The folder for what is kept beside a graph."""
    return where if isinstance(where, Path) else Path(DEFAULT_FOLDER)
