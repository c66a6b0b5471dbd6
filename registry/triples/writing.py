"""Writes the values of a resource as triples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.registry.triples.terms import RDF_TYPE, RDFS_LABEL, fg, literal

#: None is left out; a tuple or set gives one triple a member.
Values = (
    NamedNode
    | Literal
    | str
    | int
    | float
    | bool
    | None
    | tuple["NamedNode | Literal | str | int | float | bool", ...]
)


def describe(subject: str, class_name: str, **values: Values) -> Iterator[Triple]:
    """Triples of one individual of a fitgraph class.

    Args:
        subject: its IRI.
        class_name: local name of its class.
        **values: by the local name of the property in Python's spelling: ``base_address`` is
            ``fg:baseAddress``, ``label`` is ``rdfs:label``.
    """
    node = NamedNode(subject)
    yield Triple(node, RDF_TYPE, fg(class_name))
    yield from properties(subject, values)


def properties(subject: str, values: Mapping[str, Values]) -> Iterator[Triple]:
    """Triples of an individual's properties alone; see ``describe``."""
    node = NamedNode(subject)
    for name, value in values.items():
        for single in value if isinstance(value, tuple) else (value,):
            if single is not None:
                yield Triple(node, _property(name), _term(single))


def iri(text: str) -> NamedNode:
    """A reference to another resource."""
    return NamedNode(text)


def individual(member: StrEnum) -> NamedNode:
    """The fitgraph individual of an enumeration's member: ``fg:int8``, ``fg:measured``."""
    return fg(member.value)


@cache
def _property(name: str) -> NamedNode:
    if name == "label":
        return RDFS_LABEL
    head, *tail = name.split("_")
    return fg(head + "".join(word.capitalize() for word in tail))


def _term(value: NamedNode | Literal | str | float | bool) -> NamedNode | Literal:  # noqa: FBT001
    return value if isinstance(value, NamedNode | Literal) else literal(value)
