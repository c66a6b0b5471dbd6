"""The queries of this room, by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query_text(name: str) -> str:
    """The query of that name in ``queries/``."""
    path = files("fitgraph.matcher").joinpath("queries", f"{name}.rq")
    return path.read_text(encoding="utf-8")
