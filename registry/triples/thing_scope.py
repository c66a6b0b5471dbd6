"""Which terms of Thing Description 1.1 hold at a place in a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from fitgraph.ontology.td_terms import (
    INNER_PREFIXES,
    PREFIXES,
    PROPERTY_MEMBERS,
    TERMS,
    Scope,
    Term,
)
from fitgraph.registry.thing_json import Json

_NAMESPACES: Final = {**INNER_PREFIXES[Scope.SCHEMA], **PREFIXES}
#: Written under its prefix, and always a list: TD 1.1, section 10.3.5.
_PREFIXED: Final[Mapping[str, Term]] = {"tm:optional": Term("tm:optional", container="@set")}


@dataclass(frozen=True, eq=False)
class Place:
    """Where in a document: what its members and values stand for.

    Attributes:
        vocabulary: what a name stands in that is no term.
        terms: that hold here.
    """

    vocabulary: str
    terms: Mapping[str, Term]

    def inside(self, term: Term) -> Place:
        """The place of a member's values."""
        return _inside(self, term)

    def members(self, predicate: str) -> tuple[tuple[str, Term], ...]:
        """Members that stand for a property."""
        return _by_iri(self).get(predicate, ())

    def word(self, iri: str) -> str | None:
        """The word for a class or an individual."""
        return _words(self).get(iri)

    def in_order(self, members: dict[str, Json]) -> dict[str, Json]:
        """Members as the Recommendation's tables have them; what is none of them comes last."""
        ranks = _ranks(self)
        return dict(
            sorted(members.items(), key=lambda one: (ranks.get(one[0], len(ranks)), one[0]))
        )

    @property
    def type_member(self) -> str:
        """The member that says the kind in a word of TD 1.1: ``type``, ``scheme`` or none."""
        return next((name for name, term in self.terms.items() if term.iri == "@type"), "")

    def local(self, iri: str) -> str | None:
        """The name alone of what stands in the vocabulary and is no term."""
        name = iri.removeprefix(self.vocabulary)
        is_name = name != iri and name.isidentifier() and name not in self.terms
        return name if is_name else None


def full(prefixed: str) -> str:
    """An IRI from the prefixed form that the table of terms has."""
    prefix, _, local = prefixed.partition(":")
    return _NAMESPACES[prefix] + local


@cache
def outermost() -> Place:
    """The place of a thing itself."""
    return Place(PREFIXES[Scope.THING], {**TERMS[Scope.THING], **_PREFIXED})


@cache
def _inside(place: Place, term: Term) -> Place:
    if term == PROPERTY_MEMBERS:
        deeper = {"properties": TERMS[Scope.SCHEMA]["properties"]}
        return replace(place, terms={**place.terms, **deeper})
    if term.scope is None:
        return place
    own = dict(TERMS[term.scope])
    if term == TERMS[Scope.THING]["properties"]:
        own["properties"] = PROPERTY_MEMBERS
    return Place(PREFIXES[term.scope], {**place.terms, **own})


@cache
def _ranks(place: Place) -> Mapping[str, int]:
    names = ("@id", "@type", place.type_member, *place.terms)
    return {name: rank for rank, name in reversed(tuple(enumerate(names)))}


@cache
def _by_iri(place: Place) -> Mapping[str, tuple[tuple[str, Term], ...]]:
    found: dict[str, list[tuple[str, Term]]] = {}
    for name, term in place.terms.items():
        if term.is_member and not term.iri.startswith("@"):
            found.setdefault(full(term.iri), []).append((name, term))
    return {iri: tuple(members) for iri, members in found.items()}


@cache
def _words(place: Place) -> Mapping[str, str]:
    return dict(_values(place))


def _values(place: Place) -> Iterator[tuple[str, str]]:
    for name, term in place.terms.items():
        if not term.is_member:
            yield full(term.iri), name
