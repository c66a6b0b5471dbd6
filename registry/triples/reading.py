"""Reads values out of a resource's triples, with errors that name what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.errors import RegistryError
from fitgraph.registry.triples.terms import RDF_TYPE, Term, fg, python_value

Value = str | int | float | bool
Record = TypeVar("Record")


class Facts:
    """The triples of one resource and its parts, by subject and property."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[tuple[Term, NamedNode], list[Term]] = defaultdict(list)
        self._subjects: dict[Term, list[str]] = defaultdict(list)
        for triple in triples:
            self._objects[triple.subject, triple.predicate].append(triple.object)
            if triple.predicate == RDF_TYPE and isinstance(triple.subject, NamedNode):
                self._subjects[triple.object].append(triple.subject.value)

    def all_of(self, class_name: str) -> tuple[str, ...]:
        """IRIs of all individuals of a fitgraph class, sorted."""
        return tuple(sorted(self._subjects[fg(class_name)]))

    def only(self, class_name: str) -> str:
        """IRI of the one individual of a fitgraph class.

        Raises:
            RegistryError: there is none, or there are several.
        """
        found = self.all_of(class_name)
        if len(found) != 1:
            raise RegistryError(
                f"{len(found)} resources of class {class_name} where one was expected",
                hint="the graph was changed by another program; add the resource again",
            )
        return found[0]

    def values(self, subject: str, name: str) -> tuple[Value, ...]:
        """Values of a property, sorted; IRIs as text."""
        terms = self._objects.get((NamedNode(subject), _property(name)), ())
        return tuple(sorted(map(python_value, terms), key=_sort_key))

    def value(self, subject: str, name: str) -> Value | None:
        """The value of a property that a resource has at most once.

        Raises:
            RegistryError: there are several values.
        """
        values = self.values(subject, name)
        if len(values) > 1:
            raise RegistryError(f"{subject} has {len(values)} values of {name}, not one")
        return values[0] if values else None

    def text(self, subject: str, name: str) -> str:
        """A value that must be there, as text."""
        return str(self._needed(subject, name))

    def integer(self, subject: str, name: str) -> int:
        """A value that must be there, as an integer."""
        return int(self._needed(subject, name))

    def optional_integer(self, subject: str, name: str) -> int | None:
        value = self.value(subject, name)
        return None if value is None else int(value)

    def number(self, subject: str, name: str) -> float:
        """A value that must be there, as a float."""
        return float(self._needed(subject, name))

    def texts(self, subject: str, name: str) -> tuple[str, ...]:
        """Values as text, sorted."""
        return tuple(str(value) for value in self.values(subject, name))

    def _needed(self, subject: str, name: str) -> Value:
        value = self.value(subject, name)
        if value is None:
            raise RegistryError(
                f"{subject} lacks {name}",
                hint="the graph was written by another version; add the resource again",
            )
        return value


def refusing_damage(
    read: Callable[[Iterable[Triple]], Record],
) -> Callable[[Iterable[Triple]], Record]:
    """Makes a reader of records refuse values that no record can have, in one sentence."""

    @wraps(read)
    def checked(triples: Iterable[Triple]) -> Record:
        try:
            return read(triples)
        except (KeyError, TypeError, ValueError) as error:
            raise RegistryError(
                f"the graph holds a value that {read.__name__} cannot read: {error}",
                hint="the graph was changed by another program; add the resource again",
            ) from error

    return checked


def local_name(iri: str) -> str:
    """What follows the ``#``: ``int8`` of ``...ontology#int8``."""
    return iri.rpartition("#")[2]


def _sort_key(value: Value) -> tuple[bool, Value]:
    return isinstance(value, str), value  # numbers and texts do not compare


def _property(name: str) -> NamedNode:
    """``fg:name``; a whole IRI is a property of another vocabulary."""
    return NamedNode(name) if ":" in name else fg(name)
