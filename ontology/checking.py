"""Holds a file of RDF against the shapes of all classes that it has individuals of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Triple, parse

from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.validate import kinds_in, validate
from fitgraph.ontology.violation import Violation

#: The largest that is read: some 300,000 triples.
MAX_BYTES: Final = 64 << 20
FORMATS: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
}


def check_file(path: Path) -> dict[str, tuple[Violation, ...]]:
    """What breaks the rules in a file, by kind of resource; all graphs of it count as one.

    Raises:
        OntologyError: it cannot be read, or has nothing that there are shapes for.
    """
    triples = frozenset(_triples(path))
    kinds = kinds_in(triples)
    if not kinds:
        raise OntologyError(
            f"{path.name} has nothing that there are shapes for",
            hint="a resource says its class: <plan/spring> a fg:Plan",
        )
    return {kind: validate(triples, kind) for kind in kinds}


def _triples(path: Path) -> Iterator[Triple]:
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise OntologyError(
            f"{path.name} ends in none of {', '.join(FORMATS)}", hint="give Turtle or N-Triples"
        )
    try:
        if path.stat().st_size > MAX_BYTES:
            raise OntologyError(
                f"{path.name} has more than {MAX_BYTES:,} bytes", hint="check it in parts"
            )
        yield from (quad.triple for quad in parse(path=path, format=form))
    except SyntaxError as error:
        raise OntologyError(
            f"{path.name} is not {form.name}: {' '.join(str(error).split())[:300]}",
            hint="correct the file",
        ) from error
    except OSError as error:
        raise OntologyError(
            f"{path} cannot be read: {error.strerror or error}", hint="check the path"
        ) from error
