"""Literals in the form in which the store gives them back.

pyoxigraph keeps numbers and times as values: ``5.0E-1`` comes back as ``0.5``. What is compared
with stored triples must have the same form, or the same content would count as new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal, Quad, Store, Triple

from fitgraph.ontology.namespaces import XSD

_TEXTS: Final = frozenset({f"{XSD}string", f"{XSD}anyURI"})


def as_kept(triples: Iterable[Triple]) -> frozenset[Triple]:
    """The triples as they are when a store has had them."""
    found = frozenset(triples)
    values = frozenset(triple for triple in found if _is_value(triple.object))
    store = Store()
    store.extend(Quad(*triple) for triple in values)
    return (found - values) | {quad.triple for quad in store}


def _is_value(term: object) -> bool:
    if not isinstance(term, Literal) or term.language:
        return False
    return term.datatype.value.startswith(XSD) and term.datatype.value not in _TEXTS
