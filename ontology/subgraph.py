"""Triples of one or many resources, indexed for looking up what is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import RDF, RDFS

Term = NamedNode | BlankNode | Literal | Triple

_TYPE: Final = NamedNode(f"{RDF}type")
_SUBCLASS: Final = NamedNode(f"{RDFS}subClassOf")
_FIRST: Final = NamedNode(f"{RDF}first")
_REST: Final = NamedNode(f"{RDF}rest")
_NIL: Final = NamedNode(f"{RDF}nil")


class Subgraph:
    """A set of triples that does not change."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._facts: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._members: dict[Term, list[Term]] = {}
        self._with_parents: list[Term] = []
        for triple in frozenset(triples):
            of_subject = self._facts.setdefault(triple.subject, {})
            of_subject.setdefault(triple.predicate, []).append(triple.object)
            if triple.predicate == _TYPE:
                self._members.setdefault(triple.object, []).append(triple.subject)
            elif triple.predicate == _SUBCLASS:
                self._with_parents.append(triple.subject)

    def values(self, subject: Term, predicate: NamedNode) -> Sequence[Term]:
        """Objects of the triples with this subject and predicate, in no order."""
        of_subject = self._facts.get(subject)
        return () if of_subject is None else of_subject.get(predicate, ())

    def value(self, subject: Term, predicate: NamedNode) -> Term | None:
        """The object, where there is one at most; any of them otherwise."""
        return next(iter(self.values(subject, predicate)), None)

    def subjects(self, predicate: NamedNode | None = None) -> Iterable[Term]:
        """All subjects, or those that have a value of this property."""
        if predicate is None:
            return tuple(self._facts)
        return tuple(subject for subject, facts in self._facts.items() if predicate in facts)

    def predicates(self, subject: Term) -> Iterable[NamedNode]:
        """Properties that the subject has a value of."""
        return tuple(self._facts.get(subject, ()))

    def instances(self, of_class: NamedNode) -> Iterable[Term]:
        """Individuals of a class, or of a subclass that these triples name."""
        classes = self._subclasses(of_class)
        return tuple({one for name in classes for one in self._members.get(name, ())})

    def is_a(self, individual: Term, of_class: NamedNode) -> bool:
        """Whether it is an individual of the class, or of a subclass that these triples name."""
        types = self.values(individual, _TYPE)
        if of_class in types:
            return True
        return not self._subclasses(of_class).isdisjoint(types)

    def items(self, head: Term) -> Sequence[Term]:
        """Members of an RDF list, up to where it comes back to itself."""
        found: list[Term] = []
        seen: set[Term] = set()
        at: Term | None = head
        while at is not None and at != _NIL and at not in seen:
            seen.add(at)
            found += self.values(at, _FIRST)
            at = self.value(at, _REST)
        return found

    def _subclasses(self, of_class: NamedNode) -> set[Term]:
        found: set[Term] = {of_class}
        if not self._with_parents:
            return found
        below = {subject: set(self.values(subject, _SUBCLASS)) for subject in self._with_parents}
        while new := {name for name, above in below.items() if above & found} - found:
            found |= new
        return found
