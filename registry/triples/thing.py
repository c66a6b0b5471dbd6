"""A Thing Description as triples, in the graph of its thing.

pyoxigraph reads the JSON-LD: of the readers that were tried it is the only one that gives every
triple of every example of TD 1.1 (maps indexed by a property, contexts within a scope) and no
IRI that is none. Contexts are put in place of their addresses first, so nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from fitgraph.ontology.namespaces import RDF
from fitgraph.ontology.td_contexts import known_contexts
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.thing_json import Json, JsonDocument, walk
from fitgraph.registry.triples.terms import fg

#: Base of a document's relative references, which JSON-LD gives none. No host is ever called so
#: (RFC 2606), and what follows is the reference as it was written.
RELATIVE: Final = "https://things.invalid/-/"
#: Each node within such a context costs its reader again; that of TD 1.1 takes 2 ms each time.
MAX_CONTEXT_ENTRIES: Final = 200
_REFERENCE_KEYS: Final = ("id", "@id")

JSON_LITERAL: Final = NamedNode(f"{RDF}JSON")
DOCUMENT: Final = fg("document")
DEVICE_TYPE: Final = fg("deviceType")
#: What the registry says of a thing besides its document.
RECORD_TERMS: Final = frozenset({DOCUMENT, DEVICE_TYPE})
THING_CLASS: Final = fg("Thing")


def anonymous_iri(text: str) -> Iri:
    """IRI of a thing whose description names none: a digest of it."""
    return Iri(f"{BASE}thing/{hashlib.sha256(text.encode('utf-8')).hexdigest()}")


def document_to_triples(
    document: JsonDocument, thing: Iri, contexts: Mapping[str, object] | None = None
) -> Iterator[Triple]:
    """What a document says, with IRIs in place of blank nodes.

    Args:
        document: a Thing Description or Thing Model.
        thing: what it is about; the root gets this IRI where the document gives it none.
        contexts: besides those that are known, by address.

    Raises:
        InvalidThingError: it is not JSON-LD, has a context that is not known, or names graphs.
    """
    known = {**known_contexts(), **(contexts or {})}
    content = _with_contexts(document, thing, known)
    try:
        quads = tuple(parse(content, format=RdfFormat.JSON_LD, base_iri=RELATIVE))
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise InvalidThingError(
            f"{document.name} is not JSON-LD: {error}",
            hint="check @context and members that begin with @",
        ) from error
    parts = Iri(f"{BASE}part/{hashlib.sha256(thing.encode('utf-8')).hexdigest()[:32]}")
    numbers: dict[str, int] = {}
    for quad in quads:
        if quad.graph_name != DefaultGraph():
            raise InvalidThingError(
                f"{document.name} has a named graph", hint="describe one thing without @graph"
            )
        yield _skolem_triple(quad, parts, numbers)


def record_to_triples(document: JsonDocument, thing: Iri, board: Iri | None) -> Iterator[Triple]:
    """What the registry says of a thing: its document, and the board that it is one of."""
    node = NamedNode(thing)
    rdf_type = NamedNode(f"{RDF}type")
    yield Triple(node, rdf_type, THING_CLASS)
    yield Triple(node, DOCUMENT, Literal(document.text, datatype=JSON_LITERAL))
    if board is not None:
        yield Triple(node, rdf_type, fg("Device"))
        yield Triple(node, DEVICE_TYPE, NamedNode(board))


def _with_contexts(document: JsonDocument, thing: Iri, known: Mapping[str, object]) -> str:
    """The document with contexts in place of their addresses, and the thing's IRI."""
    said = 0
    for path, node in walk(document.value):
        if isinstance(node, dict):
            _refuse_unknown(node, path, document.name, known)
            said += _context_size(node["@context"]) if "@context" in node else 0
    if said > MAX_CONTEXT_ENTRIES:
        raise InvalidThingError(
            f"{document.name} has {said:,} addresses, prefixes and terms in its contexts, more "
            f"than {MAX_CONTEXT_ENTRIES}",
            hint="say @context once, at the top",
        )
    value: dict[str, object] = dict(_filled(document.value, known))
    if not any(key in value for key in _REFERENCE_KEYS):
        value["@id"] = thing
    return json.dumps(value, ensure_ascii=True)


def _context_size(context: Json) -> int:
    """How much a reader has to take in: an address is as good as a term."""
    if isinstance(context, list):
        return sum(map(_context_size, context))
    return 1 + (len(context) if isinstance(context, dict) else 0)


def _refuse_unknown(
    value: Mapping[str, Json], path: str, name: str, known: Mapping[str, object]
) -> None:
    if "@import" in value:
        raise InvalidThingError(
            f"{name}: {path}/@import would have to be fetched", hint="name the context instead"
        )
    said = value.get("@context", [])
    for address in said if isinstance(said, list) else [said]:
        if isinstance(address, str) and address not in known:
            raise InvalidThingError(
                f"{name}: {path}/@context names {address}, which is not known and never fetched",
                hint=f"get it yourself and name it: --context {address}=FILE",
            )


def _filled(value: dict[str, Json], known: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, member in value.items():
        if name == "@context":
            contexts = member if isinstance(member, list) else [member]
            yield name, [known[c] if isinstance(c, str) else c for c in contexts]
        else:
            yield name, _filled_member(member, known)


def _filled_member(value: Json, known: Mapping[str, object]) -> object:
    if isinstance(value, dict):
        return dict(_filled(value, known))
    if isinstance(value, list):
        return [_filled_member(item, known) for item in value]
    return value


def _skolem_triple(quad: Quad, parts: Iri, numbers: dict[str, int]) -> Triple:
    subject = _skolem(quad.subject, parts, numbers)
    assert isinstance(subject, NamedNode)
    return Triple(subject, quad.predicate, _skolem(quad.object, parts, numbers))


def _skolem(
    term: NamedNode | BlankNode | Literal | Triple, parts: Iri, numbers: dict[str, int]
) -> NamedNode | Literal:
    """An IRI for a blank node, by its place in the document (RDF 1.1, section 3.5)."""
    if isinstance(term, BlankNode):
        return NamedNode(f"{parts}/{numbers.setdefault(term.value, len(numbers))}")
    if isinstance(term, Literal) and term.language:
        # Without its direction, which RDF 1.1 does not have; the document keeps it.
        return Literal(term.value, language=term.language)
    assert isinstance(term, NamedNode | Literal)
    return term
