"""The JSON-LD context of the vocabulary, for hardware facts that ride in Thing Descriptions.

Terms carry their prefix (``fg:clockHz``), so that the context can stand beside any other: a Thing
Description has a ``version`` of its own. ``python -m fitgraph.ontology.context`` writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from fitgraph.ontology.files import CONTEXT
from fitgraph.ontology.namespaces import FG, XSD
from fitgraph.ontology.terms import Kind, Term, read_graph, terms_of

Entry = str | Mapping[str, str]

_PREFIXES: Final[Mapping[str, str]] = {"fg": FG, "xsd": XSD}


def context(terms: Iterable[Term]) -> dict[str, Mapping[str, Entry | float]]:
    """A JSON-LD 1.1 context with every term; properties say the type of their values."""
    entries: dict[str, Entry | float] = {"@version": 1.1, **_PREFIXES}
    entries |= {f"fg:{term.name}": _entry(term) for term in terms}
    return {"@context": entries}


def _entry(term: Term) -> Entry:
    if term.kind is Kind.OBJECT_PROPERTY:
        return {"@id": term.iri, "@type": "@id"}
    datatypes = [name.replace(XSD, "xsd:") for name in term.ranges if name.startswith(XSD)]
    if len(datatypes) == 1:
        return {"@id": term.iri, "@type": datatypes[0]}
    return term.iri


def text() -> str:
    """The context as a JSON document."""
    return json.dumps(context(terms_of(read_graph())), indent=2) + "\n"


def main() -> None:
    """Writes the context."""
    CONTEXT.parent.mkdir(exist_ok=True)
    CONTEXT.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
