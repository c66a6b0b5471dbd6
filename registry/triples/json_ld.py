"""Triples of resources as one JSON-LD document that is complete in itself, and back.

The context is in the document: those terms of ours that it uses, and PROV-O's. So it can be read
anywhere, without a network.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.files import CONTEXT
from fitgraph.ontology.namespaces import FG, PROV, RDFS, XSD
from fitgraph.registry.errors import InvalidRecordError
from fitgraph.registry.triples.terms import RDF_TYPE, Term

_PREFIXES: Final[Mapping[str, str]] = {"fg": FG, "prov": PROV, "rdfs": RDFS, "xsd": XSD}
# XML Schema's types whose values JSON has, too.
_NATIVE: Final = frozenset({f"{XSD}integer", f"{XSD}boolean", f"{XSD}string"})

Node = dict[str, Any]


def to_json_ld(resources: Mapping[str, Iterable[Triple]]) -> dict[str, Any]:
    """One document of several resources, each with its parts inside it.

    Args:
        resources: IRI to triples. A part is what has triples and is an object of one of them.
    """
    nodes = [_tree(iri, triples) for iri, triples in resources.items()]
    words = {name for node in nodes for name in _names(node)}
    return {"@context": _context(words), "@graph": nodes}


def from_json_ld(text: str) -> frozenset[Triple]:
    """All triples of a document.

    Raises:
        InvalidRecordError: it is not JSON-LD, or its context lies elsewhere.
    """
    try:
        quads = list(parse(text, format=RdfFormat.JSON_LD))
    except (SyntaxError, ValueError) as error:
        raise InvalidRecordError(
            f"the document is not JSON-LD: {error}", hint="hand in a proof.json that a build wrote"
        ) from error
    return frozenset(Triple(quad.subject, quad.predicate, quad.object) for quad in quads)


def _tree(iri: str, triples: Iterable[Triple]) -> Node:
    by_subject: dict[Term, list[Triple]] = defaultdict(list)
    for triple in triples:
        by_subject[triple.subject].append(triple)

    def node(subject: Term, above: frozenset[Term]) -> Node:
        made: Node = {"@id": _iri(subject)}
        values: dict[str, list[Any]] = defaultdict(list)
        for triple in sorted(by_subject[subject], key=str):
            is_type = triple.predicate == RDF_TYPE
            name = "@type" if is_type else _short(triple.predicate.value)
            values[name].append(
                _short(_iri(triple.object)) if is_type else value(triple.object, above | {subject})
            )
        made |= {name: found[0] if len(found) == 1 else found for name, found in values.items()}
        return made

    def value(term: Term, above: frozenset[Term]) -> Any:  # noqa: ANN401 - JSON
        if isinstance(term, Literal):
            return _literal(term)
        is_part = term in by_subject and term not in above
        return node(term, above) if is_part else {"@id": _iri(term)}

    return node(NamedNode(iri), frozenset())


def _iri(term: Term) -> str:
    if not isinstance(term, NamedNode):
        raise InvalidRecordError(f"{term} has no IRI")
    return term.value


def _literal(literal: Literal) -> Any:  # noqa: ANN401 - JSON
    datatype = literal.datatype.value
    if literal.language is not None:
        return {"@value": literal.value, "@language": literal.language}
    if datatype in _NATIVE:
        return literal.value if datatype == f"{XSD}string" else json.loads(literal.value)
    return {"@value": literal.value, "@type": _short(datatype)}


def _short(iri: str) -> str:
    for prefix, namespace in _PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _names(value: object) -> Iterable[str]:
    """Names of all members, and of all classes."""
    if isinstance(value, list):
        for one in value:
            yield from _names(one)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            if name == "@type":
                yield from member if isinstance(member, list) else [member]
            else:
                yield from _names(member)


def _context(names: set[str]) -> dict[str, Any]:
    entries = {name: entry for name, entry in _vocabulary().items() if name in names}
    return {"@version": 1.1, **_PREFIXES, **entries}


@cache
def _vocabulary() -> Mapping[str, Any]:
    context: Mapping[str, Any] = json.loads(CONTEXT.read_text(encoding="utf-8"))["@context"]
    return context
