"""Where the tokens of a store are kept."""

from __future__ import annotations

from pathlib import Path

from fitgraph.api.access import FILE_NAME
from fitgraph.registry.catalogue import DEFAULT_FOLDER
from fitgraph.registry.endpoint import Place


def token_path(where: Place, named: str) -> Path:
    """The file of the tokens: the one that is named, else beside the store."""
    if named:
        return Path(named)
    return (where if isinstance(where, Path) else Path(DEFAULT_FOLDER)) / FILE_NAME
