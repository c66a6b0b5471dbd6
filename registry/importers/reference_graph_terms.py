"""The reference graph's vocabulary under one set of names, whichever namespace a file uses.

The paper's files and the follow-up's differ in nothing but namespaces: their terms are called by
``prefix:local`` here, the same for both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import RDF, RDFS
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.triples.terms import Term

PAPER: Final = "http://tinyml-schema.org/"
FOLLOW_UP: Final = "https://w3id.org/tinyml-schema/"
_FOLLOW_UP_BASE: Final = f"{FOLLOW_UP}neural-network-schema/"

#: Editions of the graph by what their resources' IRIs start with, and where each comes from.
EDITIONS: Final[Mapping[str, str]] = {"paper": PAPER, "seloc": FOLLOW_UP}
SOURCES: Final[Mapping[str, str]] = {
    "paper": "https://github.com/Haoyu-R/How-to-Manage-TinyML-at-Scale",
    "seloc": "https://github.com/Haoyu-R/SeLoC-ML",
}

_NAMESPACES: Final[Mapping[str, str]] = {
    f"{PAPER}networkschema#": "nnet",
    f"{FOLLOW_UP}neural-network-schema#": "nnet",
    f"{PAPER}s3n_extend/": "s3n_extend",
    f"{_FOLLOW_UP_BASE}s3n_extend/": "s3n_extend",
    f"{PAPER}sosa_extend/": "sosa_extend",
    f"{_FOLLOW_UP_BASE}sosa_extend/": "sosa_extend",
    f"{PAPER}ssn_extend/": "ssn_extend",
    f"{_FOLLOW_UP_BASE}ssn_extend/": "ssn_extend",
    "http://w3id.org/s3n/": "s3n",
    "http://www.w3.org/ns/ssn/systems/": "ssn-system",
    "http://www.w3.org/ns/ssn/": "ssn",
    "http://www.ontology-of-units-of-measure.org/resource/om-2/": "om",
    "https://schema.org/": "schema",
    "https://www.w3.org/2019/wot/td#": "td",
    RDF: "rdf",
    RDFS: "rdfs",
}


def compact(iri: str) -> str:
    """``nnet:Conv2D`` for either of its IRIs; an IRI of another namespace as it is."""
    for namespace, prefix in _NAMESPACES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def edition(iri: str) -> str:
    """``paper`` or ``seloc``, by whose resource it is; an empty string for anybody else's."""
    return next((name for name, start in EDITIONS.items() if iri.startswith(start)), "")


class Described:
    """What triples say, by subject and compact property."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[tuple[str, str], list[Term]] = defaultdict(list)
        self._subjects: dict[tuple[str, str], list[str]] = defaultdict(list)
        for triple in triples:
            name = compact(triple.predicate.value)
            self._objects[_text(triple.subject), name].append(triple.object)
            if not isinstance(triple.object, Literal):
                self._subjects[name, _text(triple.object)].append(_text(triple.subject))

    def instances(self, class_name: str) -> tuple[str, ...]:
        """IRIs of the individuals of a class, in any namespace, sorted."""
        found = {
            subject
            for (name, value), subjects in self._subjects.items()
            if name == "rdf:type" and compact(value) == class_name
            for subject in subjects
        }
        return tuple(sorted(found))

    def parts(self, subject: str, name: str) -> tuple[str, ...]:
        """IRIs that a property leads to, in the file's order."""
        return tuple(_text(t) for t in self._terms(subject, name) if not isinstance(t, Literal))

    def owners(self, name: str, part: str) -> tuple[str, ...]:
        """IRIs that lead by a property to this one."""
        return tuple(self._subjects.get((name, part), ()))

    def names(self, subject: str, name: str) -> tuple[str, ...]:
        """What a property leads to, as compact names."""
        return tuple(compact(part) for part in self.parts(subject, name))

    def texts(self, subject: str, name: str) -> tuple[str, ...]:
        """Lexical forms of a property's literals."""
        return tuple(t.value for t in self._terms(subject, name) if isinstance(t, Literal))

    def text(self, subject: str, name: str) -> str:
        """The lexical form of a literal that must be there once.

        Raises:
            InvalidImportError: there is none, or several.
        """
        found = sorted(set(self.texts(subject, name)))
        if len(found) == 1:
            return found[0]
        said = "nothing" if not found else " and ".join(map(repr, found[:3]))
        raise InvalidImportError(
            f"{subject} has {said} for {name}, where one value is needed",
            hint="get the file again from its source; nothing was imported",
        )

    def _terms(self, subject: str, name: str) -> list[Term]:
        return self._objects.get((subject, name), [])


def _text(term: Term) -> str:
    if isinstance(term, Triple):
        raise InvalidImportError(f"a triple inside a triple is not RDF 1.1: {term}")
    return term.value if isinstance(term, NamedNode) else str(term)
