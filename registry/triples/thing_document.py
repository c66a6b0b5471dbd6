"""Triples about a thing as a Thing Description: JSON by the terms of TD 1.1.

What JSON-LD reads out of the document are the same triples: terms where their types and
containers fit, prefixed names and value objects where they do not. What JSON-LD itself loses is
lost before: the order of lists that are sets, and names of what stands in ``schemaDefinitions``,
which ``fg:schemaName`` may say.

Source: JSON-LD 1.1 API, section 6 (compaction).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import FG, RDF
from fitgraph.ontology.td_context import TD_11
from fitgraph.ontology.td_terms import PREFIXES, Term
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.thing_json import MAX_DEPTH, Json
from fitgraph.registry.triples.terms import Term as RdfTerm
from fitgraph.registry.triples.thing import RELATIVE, SCHEMA_NAME
from fitgraph.registry.triples.thing_scope import Place, full, outermost
from fitgraph.registry.triples.thing_values import Reading, fits, literal_value

Node = NamedNode | BlankNode

_TYPE: Final = f"{RDF}type"
_FIRST: Final = f"{RDF}first"
_REST: Final = f"{RDF}rest"
_NIL: Final = NamedNode(f"{RDF}nil")
_PARTS: Final = f"{BASE}part/"
_UNNAMED: Final = "@none"
_UNTRANSLATED: Final = frozenset(
    {full("td:name"), full("jsonschema:propertyName"), full("hctl:forContentType")}
)
_SCHEMA_OF_ANSWER: Final = full("hctl:hasAdditionalOutputSchema")


def triples_to_document(
    triples: Iterable[Triple], thing: Iri, prefixes: Mapping[str, str] | None = None
) -> dict[str, Json]:
    """The Thing Description that says these triples.

    Args:
        triples: what is said of the thing and its parts. A part that has no name of its own has
            a blank node, or the IRI that the registry gave it instead.
        thing: what they are about.
        prefixes: to write names under, besides those of TD 1.1 and ``fg``.

    Raises:
        InvalidThingError: a part without a name is one of two things, or of itself; something is
            said of what is no part; parts nest too deep.
    """
    writer = _Writer(triples, {**PREFIXES, "fg": FG, **(prefixes or {})})
    members = writer.node(NamedNode(thing), outermost(), 0)
    writer.refuse_rest(thing)
    return {"@context": writer.context(), "id": thing, **members}


class _Writer:
    """Writes one document."""

    def __init__(self, triples: Iterable[Triple], prefixes: Mapping[str, str]) -> None:
        self.used_prefixes: dict[str, str] = {}
        self._prefixes = {p: n for p, n in prefixes.items() if n.endswith(("/", "#"))}
        self._said: dict[RdfTerm, dict[str, list[RdfTerm]]] = defaultdict(lambda: defaultdict(list))
        self._references: Counter[RdfTerm] = Counter()
        self._names: dict[RdfTerm, str] = {}
        for triple in sorted(triples, key=str):
            if triple.predicate == SCHEMA_NAME and isinstance(triple.object, Literal):
                self._names[triple.subject] = triple.object.value
                continue
            self._said[triple.subject][triple.predicate.value].append(triple.object)
            self._references[triple.object] += 1
        self._written: set[RdfTerm] = set()
        self._reading = Reading(self._short, self._language())

    def context(self) -> Json:
        """What ``@context`` says of the document that was written."""
        said: dict[str, Json] = dict(sorted(self.used_prefixes.items()))
        if self._reading.language:
            said["@language"] = self._reading.language
        return [TD_11, said] if said else TD_11

    def refuse_rest(self, thing: str) -> None:
        """Makes sure that nothing is left over."""
        rest = [subject for subject in self._said if subject not in self._written]
        if rest:
            raise InvalidThingError(
                f"something is said of {_shown(rest[0])}, which is no part of {thing}",
                hint="link what belongs to the thing to it, and leave out the rest",
            )

    def node(self, subject: Node, place: Place, depth: int, index: str = "") -> dict[str, Json]:
        """What is said of a node, but for its id and the property that names it in a map."""
        if depth > MAX_DEPTH:
            raise InvalidThingError(
                f"parts nest more than {MAX_DEPTH} deep", hint="give inner ones things of their own"
            )
        self._written.add(subject)
        members: dict[str, Json] = {}
        for predicate, values in self._said[subject].items():
            if predicate == _TYPE:
                members.update(self._types(values, place))
            elif predicate != index:
                for name, term, some in self._members(predicate, values, place):
                    members[name] = self._value(some, term, place, depth)
        return place.in_order(members)

    # --- members -----------------------------------------------------------------------------

    def _members(
        self, predicate: str, values: Sequence[RdfTerm], place: Place
    ) -> Iterator[tuple[str, Term | None, list[RdfTerm]]]:
        """Members for the values of a property: one for each term that some of them fit."""
        rest = list(values)
        for name, term in place.members(predicate):
            taken = [value for value in rest if self._fits(value, term)]
            rest = [value for value in rest if not self._fits(value, term)]
            if taken:
                yield name, term, taken
        if rest:
            name = place.local(predicate) or self._short(predicate)
            yield name, place.terms.get(name), rest

    def _fits(self, value: RdfTerm, term: Term) -> bool:
        if isinstance(value, Literal):
            return fits(value, term, self._reading)
        if term.container == "@index":
            return value in self._said and not self._is_list(value)
        return not term.language and (term.kind in {"", "@vocab"} or term.kind == "@id")

    def _types(self, values: Sequence[RdfTerm], place: Place) -> dict[str, Json]:
        """Classes: a word of TD 1.1 under its own member, others under ``@type``."""
        members: dict[str, Json] = {}
        others: list[Json] = []
        for value in values:
            iri = value.value if isinstance(value, NamedNode) else ""
            word = place.word(iri)
            if word is not None and place.type_member and place.type_member not in members:
                members[place.type_member] = word
            elif word is not None or iri:
                others.append(word or self._short(iri))
        if others:
            members["@type"] = others[0] if len(others) == 1 else others
        return members

    # --- values ------------------------------------------------------------------------------

    def _value(self, values: list[RdfTerm], term: Term | None, place: Place, depth: int) -> Json:
        inner = place.inside(term) if term is not None else place
        if term is not None and term.container == "@index":
            return self._map(values, term, place, depth)
        if term is not None and term.container == "@language":
            return _languages(values)
        # Blank nodes have no order of their own that lasts.
        written = sorted((self._one(value, term, inner, depth) for value in values), key=_order)
        is_set = term is not None and term.container == "@set"
        return written[0] if len(written) == 1 and not is_set else written

    def _one(self, value: RdfTerm, term: Term | None, place: Place, depth: int) -> Json:
        if isinstance(value, Literal):
            return literal_value(value, term, self._reading)
        assert isinstance(value, NamedNode | BlankNode)
        if value == _NIL or self._is_list(value):
            return {"@list": [self._one(v, term, place, depth + 1) for v in self._items(value)]}
        if value not in self._said or value in self._written:
            return self._reference(value, term, place)
        return {**self._own_address(value), **self.node(value, place, depth + 1)}

    def _own_address(self, node: Node) -> dict[str, Json]:
        if not _is_unnamed(node):
            return {"@id": self._address(node.value)}
        if self._references[node] > 1:
            raise _shared()
        return {}

    def _map(self, values: list[RdfTerm], term: Term, place: Place, depth: int) -> Json:
        """Parts by what they are called."""
        inner, entries = place.inside(term), defaultdict[str, list[Json]](list)
        index = place.terms.get(term.index)
        if index is None:
            named = dict(zip(self._called(values), self._nodes(values, inner, depth), strict=True))
            return dict(sorted(named.items()))
        naming = full(index.iri)
        for value in values:
            name = self._name(self._said[value].get(naming, []), index)
            entries[name or _UNNAMED] += self._nodes([value], inner, depth, naming if name else "")
        return {
            name: items[0] if len(items) == 1 else sorted(items, key=_order)
            for name, items in sorted(entries.items())
        }

    def _nodes(
        self, values: Sequence[RdfTerm], place: Place, depth: int, index: str = ""
    ) -> Iterator[Json]:
        for value in values:
            assert isinstance(value, NamedNode | BlankNode)
            if value in self._written:
                raise _shared()
            yield {**self._own_address(value), **self.node(value, place, depth + 1, index)}

    def _called(self, values: Sequence[RdfTerm]) -> list[str]:
        """Names for schemas of answers: those that are said; else that which an answer refers to
        where there is one, else numbers."""  # noqa: D205, D209
        said = [self._names.get(value, "") for value in values]
        if all(said) and len(set(said)) == len(said) and not any(n.startswith("@") for n in said):
            return said
        return self._answers(len(values))

    def _answers(self, count: int) -> list[str]:
        referred = {
            self._address(value.value)
            for said in self._said.values()
            for value in said.get(_SCHEMA_OF_ANSWER, ())
            if isinstance(value, NamedNode)
        }
        if count == len(referred) == 1:
            return list(referred)
        return [f"schema-{number}" for number in range(1, count + 1)]

    def _name(self, names: Sequence[RdfTerm], index: Term) -> str:
        """The one name of a part in a map; an empty string where it has none, or several."""
        if len(names) != 1:
            return ""
        (said,) = names
        if index.kind == "@id":
            return self._address(said.value) if isinstance(said, NamedNode) else ""
        if not isinstance(said, Literal) or not fits(said, Term(""), self._reading):
            return ""
        return "" if said.value.startswith("@") else said.value

    def _reference(self, value: Node, term: Term | None, place: Place) -> Json:
        if _is_unnamed(value):
            if self._references[value] > 1:
                raise _shared()
            return {}
        if term is not None and term.kind == "@vocab":
            return place.word(value.value) or place.local(value.value) or self._short(value.value)
        address = self._address(value.value)
        return address if term is not None and term.kind == "@id" else {"@id": address}

    def _items(self, head: RdfTerm) -> Iterator[RdfTerm]:
        while head != _NIL:
            self._written.add(head)
            said = self._said[head]
            yield said[_FIRST][0]
            head = said[_REST][0]

    def _is_list(self, head: RdfTerm) -> bool:
        """Whether a node begins a list that nothing else refers into."""
        seen: set[RdfTerm] = set()
        while head != _NIL:
            said = self._said.get(head, {})
            is_cell = set(said) == {_FIRST, _REST} and all(len(v) == 1 for v in said.values())
            is_own = isinstance(head, NamedNode | BlankNode) and _is_unnamed(head)
            if head in seen or not is_cell or not is_own or self._references[head] != 1:
                return False
            seen.add(head)
            head = said[_REST][0]
        return True

    def _language(self) -> str:
        """The language that texts have which nobody translates, such as names of parts.

        They have one where the document that they come from said ``@language``.
        """
        found = {
            value.language
            for said in self._said.values()
            for predicate in _UNTRANSLATED & said.keys()
            for value in said[predicate]
            if isinstance(value, Literal)
        }
        return (found.pop() or "") if len(found) == 1 else ""

    # --- names -------------------------------------------------------------------------------

    def _short(self, iri: str) -> str:
        """The prefixed form of an IRI, or the IRI."""
        for prefix, namespace in self._prefixes.items():
            local = iri.removeprefix(namespace)
            if local != iri and local.replace("-", "_").isidentifier():
                if prefix not in PREFIXES:
                    self.used_prefixes[prefix] = namespace
                return f"{prefix}:{local}"
        return iri

    def _address(self, iri: str) -> str:
        """An IRI, or the reference that was written in its place."""
        reference = iri.removeprefix(RELATIVE)
        is_plain = reference and ":" not in reference and not reference.startswith(("@", "/", "#"))
        return reference if is_plain else iri


def _order(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _languages(values: Sequence[RdfTerm]) -> Json:
    texts: dict[str, list[Json]] = defaultdict(list)
    for value in values:
        assert isinstance(value, Literal)
        texts[value.language or _UNNAMED].append(value.value)
    return {tag: said[0] if len(said) == 1 else said for tag, said in sorted(texts.items())}


def _is_unnamed(node: Node) -> bool:
    return isinstance(node, BlankNode) or node.value.startswith(_PARTS)


def _shown(term: RdfTerm) -> str:
    return "a part without a name" if isinstance(term, BlankNode) else str(term)


def _shared() -> InvalidThingError:
    return InvalidThingError(
        "a part without a name is part of two things, or of itself",
        hint="give it an IRI of its own",
    )
