"""A Thing Description as triples, in the graph of its thing.

pyoxigraph reads the JSON-LD: of the readers that were tried it is the only one that gives every
triple of every example of TD 1.1 (maps indexed by a property, contexts within a scope) and no
IRI that is none. Contexts are put in place of their addresses first, so nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.namespaces import RDF
from fitgraph.ontology.td_contexts import known_contexts
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.thing_json import Json, JsonDocument
from fitgraph.registry.triples.terms import fg
from fitgraph.registry.triples.thing_contexts import with_contexts

#: Base of a document's relative references, which JSON-LD gives none. No host is ever called so
#: (RFC 2606), and what follows is the reference as it was written.
RELATIVE: Final = "https://things.invalid/-/"
#: IRIs of things that have no id begin with it.
ANONYMOUS: Final = f"{BASE}thing/"
_DEFAULT: Final = DefaultGraph()
_REFERENCE_KEYS: Final = ("id", "@id")

JSON_LITERAL: Final = NamedNode(f"{RDF}JSON")
DOCUMENT: Final = fg("document")
DEVICE_TYPE: Final = fg("deviceType")
#: Name of what stands in ``schemaDefinitions``, which JSON-LD does not keep.
SCHEMA_NAME: Final = fg("schemaName")
#: The same while a document is read, so that no document can say it.
NAMING: Final = NamedNode(f"{BASE}part/schema-name")
_DEFINITIONS: Final = "schemaDefinitions"
#: What the registry says of a thing besides its document.
RECORD_TERMS: Final = frozenset({DOCUMENT, DEVICE_TYPE, SCHEMA_NAME})
THING_CLASS: Final = fg("Thing")


def anonymous_iri(text: str) -> Iri:
    """IRI of a thing whose description names none: a digest of it."""
    return Iri(f"{ANONYMOUS}{hashlib.sha256(text.encode('utf-8')).hexdigest()}")


def document_to_triples(
    document: JsonDocument, thing: Iri, contexts: Mapping[str, object] | None = None
) -> Iterator[Triple]:
    """What a document says by the context of TD 1.1, with IRIs in place of blank nodes.

    Args:
        document: a Thing Description or Thing Model.
        thing: what it is about; the root gets this IRI where the document gives it none.
        contexts: besides those that are known, by address.

    Raises:
        InvalidThingError: it is not JSON-LD, has a context that is not known, or names graphs.
    """
    said = document_and_names(document, thing, contexts)
    yield from (triple for triple in said if triple.predicate != NAMING)


def schema_names(triples: Iterable[Triple]) -> frozenset[Triple]:
    """What ``document_and_names`` says of names, as the registry keeps it."""
    return frozenset(
        Triple(triple.subject, SCHEMA_NAME, triple.object)
        for triple in triples
        if triple.predicate == NAMING
    )


def document_and_names(
    document: JsonDocument, thing: Iri, contexts: Mapping[str, object] | None = None
) -> Iterator[Triple]:
    """See ``document_to_triples``; and how what stands in ``schemaDefinitions`` is called."""
    known = {**known_contexts(), **(contexts or {})}
    content = _json_ld(document, thing, known)
    try:
        quads = tuple(parse(content, format=RdfFormat.JSON_LD, base_iri=RELATIVE))
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise InvalidThingError(
            f"{document.name} is not JSON-LD: {error}",
            hint="check @context and members that begin with @",
        ) from error
    unnamed = _Unnamed(f"{BASE}part/{hashlib.sha256(thing.encode('utf-8')).hexdigest()[:32]}")
    for quad in quads:
        if quad.graph_name != _DEFAULT:
            raise InvalidThingError(
                f"{document.name} has a named graph", hint="describe one thing without @graph"
            )
        yield Triple(unnamed.subject(quad.subject), quad.predicate, unnamed.object(quad.object))


def record_to_triples(document: JsonDocument, thing: Iri, board: Iri | None) -> Iterator[Triple]:
    """What the registry says of a thing: its document, and the board that it is one of."""
    node = NamedNode(thing)
    rdf_type = NamedNode(f"{RDF}type")
    yield Triple(node, rdf_type, THING_CLASS)
    yield Triple(node, DOCUMENT, Literal(document.text, datatype=JSON_LITERAL))
    if board is not None:
        yield Triple(node, rdf_type, fg("Device"))
        yield Triple(node, DEVICE_TYPE, NamedNode(board))


def _json_ld(document: JsonDocument, thing: Iri, known: Mapping[str, object]) -> str:
    """The document with contexts in place of their addresses, and the thing's IRI."""
    value = with_contexts(document, known)
    if not any(key in value for key in _REFERENCE_KEYS):
        value["@id"] = thing
    definitions = value.get(_DEFINITIONS)
    if isinstance(definitions, dict):
        value[_DEFINITIONS] = {name: _named(name, said) for name, said in definitions.items()}
    return json.dumps(value, ensure_ascii=True)


def _named(name: str, schema: Json) -> Json:
    return {**schema, NAMING.value: {"@value": name}} if isinstance(schema, dict) else schema


class _Unnamed:
    """IRIs for blank nodes, by their places in the document (RDF 1.1, section 3.5)."""

    def __init__(self, parts: str) -> None:
        self._parts = parts
        self._made: dict[str, NamedNode] = {}

    def subject(self, term: NamedNode | BlankNode | Triple) -> NamedNode:
        if isinstance(term, NamedNode):
            return term
        assert isinstance(term, BlankNode)
        found = self._made.get(term.value)
        if found is None:
            found = NamedNode(f"{self._parts}/{len(self._made)}")
            self._made[term.value] = found
        return found

    def object(self, term: NamedNode | BlankNode | Literal | Triple) -> NamedNode | Literal:
        if not isinstance(term, Literal):
            return self.subject(term)
        # Without its direction, which RDF 1.1 does not have; the document keeps it.
        return Literal(term.value, language=term.language) if term.language else term
