"""Loads SPARQL queries, which live in files of their own and open with their question."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import QUERIES_FOLDER


@cache
def load_query(name: str, folder: Path = QUERIES_FOLDER) -> str:
    """Text of the query ``<name>.rq``.

    Args:
        name: file name without ``.rq``.
        folder: where it lies; another room keeps its queries in a folder of its own.

    Raises:
        OntologyError: there is no such query.
    """
    try:
        return (folder / f"{name}.rq").read_text(encoding="utf-8")
    except OSError as error:
        known = sorted(path.stem for path in folder.glob("*.rq"))
        raise OntologyError(
            f"there is no query {name!r} in {folder}", hint=f"known: {', '.join(known)}"
        ) from error
