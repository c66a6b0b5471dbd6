"""A thing that is described in RDF alone, such as in Turtle, as a Thing Description."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from fitgraph.ontology.td_terms import TERMS, Scope
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.thing import Finding
from fitgraph.registry.thing_json import MAX_BYTES, MAX_VALUES, JsonDocument, parse_document
from fitgraph.registry.triples.terms import RDF_TYPE
from fitgraph.registry.triples.thing import RELATIVE
from fitgraph.registry.triples.thing_document import triples_to_document
from fitgraph.registry.triples.thing_scope import full

#: How files end that hold RDF.
FORMATS: Final = {
    ".ttl": RdfFormat.TURTLE, ".turtle": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES, ".n3": RdfFormat.TURTLE,
}  # fmt: skip

_ROOTS: Final = (NamedNode(full("td:Thing")), NamedNode(full("tm:ThingModel")))
#: Texts that TD 1.1 reads as English where they are plain.
_ENGLISH: Final = {
    NamedNode(full(term.iri)): term.language
    for term in TERMS[Scope.THING].values()
    if term.language
}
_PARTS: Final = f"{BASE}part/"


@dataclass(frozen=True, slots=True)
class Described:
    """A Thing Description that was made of RDF.

    Attributes:
        document: of the thing, not yet checked.
        notes: on what is said otherwise in it than in the RDF.
    """

    document: JsonDocument
    notes: tuple[Finding, ...]


def read_rdf(content: bytes, name: str, form: RdfFormat = RdfFormat.TURTLE) -> Described:
    """The Thing Description of the one thing that RDF describes.

    Args:
        content: of a file.
        name: of the file.
        form: of the content.

    Raises:
        InvalidThingError: it is too large, does not parse, has named graphs, or describes no
            thing or several.
    """
    triples, prefixes = _parsed(content, name, form)
    thing = _the_thing(triples, name)
    notes: list[Finding] = []
    try:
        made = triples_to_document(_in_english(triples, notes), thing, prefixes)
    except InvalidThingError as error:
        raise InvalidThingError(f"{name}: {error.message}", hint=error.hint) from error
    document = parse_document(json.dumps(made, ensure_ascii=False).encode(), name)
    return Described(document, tuple(notes))


def _parsed(
    content: bytes, name: str, form: RdfFormat
) -> tuple[tuple[Triple, ...], dict[str, str]]:
    if len(content) > MAX_BYTES:
        raise InvalidThingError(
            f"{name} has more than the {MAX_BYTES:,} bytes of a Thing Description",
            hint="describe one thing a file",
        )
    try:
        parser = parse(content, format=form, base_iri=RELATIVE)
        triples = tuple(_bounded(parser, name))
        return triples, dict(parser.prefixes)
    except (SyntaxError, ValueError) as error:
        raise InvalidThingError(
            f"{name} is not RDF that can be read: {' '.join(str(error).split())[:300]}",
            hint="a Thing Description in Turtle ends in .ttl, one in JSON in .json or .jsonld",
        ) from error


def _bounded(parser: Iterable[Quad], name: str) -> Iterator[Triple]:
    for number, quad in enumerate(parser):
        if number >= MAX_VALUES:
            raise InvalidThingError(
                f"{name} has more than {MAX_VALUES:,} triples", hint="describe one thing a file"
            )
        yield Triple(quad.subject, quad.predicate, quad.object)


def _the_thing(triples: Iterable[Triple], name: str) -> Iri:
    """What says that it is a thing or a model; without such, what is part of nothing."""
    subjects = {_name(t.subject) for t in triples} - {""}
    typed = {_name(t.subject) for t in triples if t.predicate == RDF_TYPE and t.object in _ROOTS}
    parts = {_name(t.object) for t in triples if t.object != t.subject}
    found = sorted((typed & subjects) or (subjects - parts))
    if len(found) != 1:
        several = (
            f"{len(found)} things: {', '.join(found[:3])}" if found else "no thing with an IRI"
        )
        raise InvalidThingError(
            f"{name} describes {several}", hint="describe one thing a file, of type td:Thing"
        )
    if found[0].startswith(RELATIVE):
        raise InvalidThingError(
            f"{name} names its thing <{found[0].removeprefix(RELATIVE)}>, which is relative",
            hint="give it an absolute IRI, such as urn:uuid:...",
        )
    return Iri(found[0])


def _name(term: object) -> str:
    """The IRI of what has one; an empty string for a part without a name."""
    is_named = isinstance(term, NamedNode) and not term.value.startswith(_PARTS)
    return term.value if isinstance(term, NamedNode) and is_named else ""


def _in_english(triples: Iterable[Triple], notes: list[Finding]) -> Iterator[Triple]:
    """Titles without a language as the English texts that TD 1.1 has for plain ones."""
    for triple in triples:
        language = _ENGLISH.get(triple.predicate)
        text = triple.object
        if language and isinstance(text, Literal) and text == Literal(text.value):
            short = triple.predicate.value.rpartition("#")[2]
            notes.append(
                Finding(short, f"'{text.value[:60]}' has no language; TD 1.1 reads it as English")
            )
            yield Triple(triple.subject, triple.predicate, Literal(text.value, language=language))
        else:
            yield triple
