"""Canonical Turtle: one form for one graph, so that a diff shows what changed and nothing else.

``python -m fitgraph.ontology.canonical FILE...`` rewrites files in place.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rdflib import Graph

from fitgraph.ontology.errors import OntologyError


def canonical(turtle: str) -> str:
    """The same graph as Turtle, one triple a line, subjects and values sorted.

    Comments do not survive: say it with ``skos:note`` or ``rdfs:comment``.

    Raises:
        OntologyError: the text is not Turtle.
    """
    try:
        graph = Graph().parse(data=turtle, format="turtle")
    except Exception as error:  # rdflib's parsers raise whatever they met
        raise OntologyError(f"not Turtle: {error}", hint="look at the line named above") from error
    lines = graph.serialize(format="longturtle").rstrip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Rewrites the named files canonically."""
    for name in arguments:
        path = Path(name)
        path.write_text(canonical(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
