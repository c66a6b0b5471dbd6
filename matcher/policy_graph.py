"""The graph that policies are held against: models, boards, and what is known of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fitgraph.matcher.policy_reach import Reach
from fitgraph.matcher.query_files import query_text
from fitgraph.ontology.namespaces import FG, RDF

if TYPE_CHECKING:  # see ``policies``
    from rdflib import Graph, URIRef

    from fitgraph.registry.store_base import Row, Store
    from fitgraph.registry.triples.terms import Term

    Facts = Sequence[tuple[str, Term]]

#: What is part of a resource, or stands behind it.
_PARTS: Final = frozenset({f"{FG}hasMemoryRegion", f"{FG}hasOperatorUse", f"{FG}hasMcu"})
#: So many resources are looked up one by one; of more, all facts of a predicate are read at once.
_FEW: Final = 100


@dataclass(frozen=True, slots=True)
class Pair:
    """IRIs of what is matched."""

    model: str
    board: str
    runtime: str

    @property
    def resources(self) -> tuple[str, str, str]:
        """All three."""
        return self.model, self.board, self.runtime


@dataclass(frozen=True, slots=True)
class Described:
    """Resources with what rules read of them.

    Attributes:
        resources: their IRIs.
        facts: of a resource or of a part of one: predicate and value.
    """

    resources: frozenset[str]
    reach: Reach
    facts: Callable[[str], Facts]

    def key(self, iri: str) -> str:
        """Text that is the same for resources that rules cannot tell apart."""
        if not self.reach.is_blind:
            return iri
        return self._key(iri, iri, set()) or iri

    def nodes(self, pairs: Sequence[Pair]) -> tuple[Graph, dict[Pair, tuple[URIRef, ...]]]:
        """The graph of these pairs, and for each the nodes that a rule may speak of."""
        from rdflib import Graph, URIRef  # noqa: PLC0415 - see ``policies``

        graph = Graph()
        nodes: dict[Pair, tuple[URIRef, ...]] = {}
        for number, pair in enumerate(pairs):
            match = URIRef(f"urn:fitgraph:match:{number}")
            graph.add((match, URIRef(f"{RDF}type"), URIRef(f"{FG}Match")))
            for name in ("model", "board", "runtime"):
                graph.add((match, URIRef(f"{FG}{name}"), URIRef(getattr(pair, name))))
            nodes[pair] = (match, *map(URIRef, pair.resources))
        seen: set[str] = set()
        text = "".join(
            line
            for iri in sorted({one for pair in pairs for one in pair.resources})
            for line in self._lines(iri, seen)
        )
        return graph.parse(data=text, format="nt"), nodes

    def _key(self, iri: str, whole: str, seen: set[str]) -> str | None:
        """None for what a rule names, and for a part that stands in several places."""
        if iri in self.reach.names or iri in seen:
            return None
        seen.add(iri)
        said = []
        for predicate, value in self.facts(iri):
            text: str | None = str(value)
            if isinstance(value, NamedNode) and value.value == whole:
                text = "itself"
            elif isinstance(value, NamedNode) and predicate in _PARTS:
                text = self._key(value.value, whole, seen)
            if text is None:
                return None
            said.append(f"{predicate} {text}")
        return f"({' '.join(sorted(said))})"

    def _lines(self, iri: str, seen: set[str]) -> Iterator[str]:
        """N-Triples of all that rules read of a resource, its parts, and others it leads to."""
        if iri in seen:
            return
        seen.add(iri)
        for predicate, value in self.facts(iri):
            yield f"<{iri}> <{predicate}> {value} .\n"
            if isinstance(value, NamedNode) and (
                predicate in _PARTS or value.value in self.resources
            ):
                yield from self._lines(value.value, seen)


def described(store: Store, resources: Iterable[str], reach: Reach) -> Described:
    """What rules of this reach read of resources."""
    iris = frozenset(resources)
    if reach.predicates is None or len(iris) <= _FEW:
        return Described(iris, reach, _one_by_one(store, reach))
    return Described(iris, reach, _at_once(store, reach.predicates))


def _one_by_one(store: Store, reach: Reach) -> Callable[[str], Facts]:
    known: dict[str, Facts] = {}

    def facts(iri: str) -> Facts:
        if iri not in known:
            rows = store.query(query_text("facts_of"), {"subject": NamedNode(iri)})
            found = (_fact(row) for row in rows)
            known[iri] = tuple(one for one in found if reach.reads(one[0]))
        return known[iri]

    return facts


def _at_once(store: Store, predicates: Iterable[str]) -> Callable[[str], Facts]:
    known: defaultdict[str, list[tuple[str, Term]]] = defaultdict(list)
    for predicate in sorted(predicates):
        for row in store.query(query_text("facts_of"), {"predicate": NamedNode(predicate)}):
            subject = row["subject"]
            if isinstance(subject, NamedNode):
                known[subject.value].append(_fact(row))
    return lambda iri: known.get(iri, ())


def _fact(row: Row) -> tuple[str, Term]:
    predicate = row["predicate"]
    assert isinstance(predicate, NamedNode)
    return predicate.value, row["object"]
