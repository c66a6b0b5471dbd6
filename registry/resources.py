"""Named resources in a store: what there is, whether it changed, and writing it whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode, Triple

from fitgraph.ontology.query_files import load_query
from fitgraph.registry.door import check
from fitgraph.registry.errors import ConflictError
from fitgraph.registry.iris import Iri, key_of, operator_iri, operator_set_iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.store_base import Row, Store
from fitgraph.registry.triples.operator import operator_set_to_triples, operator_to_triples
from fitgraph.registry.triples.terms import Term, fg, literal
from fitgraph.registry.vocabulary_graphs import scheme_operators

#: Kinds of resources that have a graph each, and the class that tells them.
CLASSES: Final[Mapping[str, str]] = {
    "model": "Model",
    "variant": "Compression",
    "board": "Board",
    "mcu": "Mcu",
    "runtime": "Runtime",
    "ISA class": "IsaClass",
    "footprint": "Footprint",
    "proof": "Proof",
    "thing": "Thing",
    "description": "ModelDescription",
    "measurement": "Measurement",
}


# Graphs that are held against the store's before the next are made: some MB of triples.
_GRAPHS_AT_ONCE: Final = 200

#: Kind of graphs that other people's triples are kept in; no shape of ours speaks of them.
FOREIGN: Final = "foreign graph"


@dataclass(frozen=True, slots=True)
class Batch:
    """Resources of one kind, to be written with others.

    Attributes:
        kind: of all of them.
        graphs: IRIs to triples.
        replace: whether other content under the same IRI gives way.
        operators: qualified names of operators that the triples refer to.
    """

    kind: str
    graphs: Mapping[Iri, Iterable[Triple]]
    replace: bool = False
    operators: Iterable[str] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding something.

    Attributes:
        iri: of the resource.
        is_new: False when it was there already with the same content.
    """

    iri: Iri
    is_new: bool


class Resources:
    """The resources of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def names(self, kind: str) -> dict[str, Iri]:
        """All resources of a kind: names to IRIs; what has no name comes under its IRI."""
        rows = self.rows("resources", {"class": fg(CLASSES[kind])})
        return {
            _text(row["name"] if "name" in row else row["resource"]): Iri(_text(row["resource"]))
            for row in rows
        }

    def resolve(self, kind: str, reference: str) -> Iri:
        """IRI of the resource that a name, a digest's first digits or an IRI means.

        Raises:
            NotFoundError: none is meant, or several are; the hint offers the nearest names.
        """
        if reference and (iri := self._called(kind, reference)) is not None:
            return iri
        names = {**self._other_names(kind), **self.names(kind)}
        return resolve(kind, reference, names, lambda: _offered(kind))

    def _other_names(self, kind: str) -> dict[str, Iri]:
        """What other projects call boards."""
        rows = self.rows("other-names") if kind == "board" else ()
        return {_text(row["name"]): Iri(_text(row["resource"])) for row in rows}

    def _called(self, kind: str, name: str) -> Iri | None:
        """The one resource of that name: the rule, for which no list of all is needed."""
        rows = self.rows("resources-of-a-name", {"class": fg(CLASSES[kind]), "name": literal(name)})
        return Iri(_text(rows[0]["resource"])) if len(rows) == 1 else None

    def require(self, kind: str, iri: Iri) -> None:
        """Makes sure that what is referred to is there.

        Raises:
            NotFoundError: it is not.
        """
        if not self.store.has_graph(iri):
            resolve(kind, key_of(iri), self.names(kind))

    def put(
        self,
        kind: str,
        graphs: Mapping[Iri, Iterable[Triple]],
        *,
        replace: bool,
        operators: Iterable[str] = (),
    ) -> tuple[Added, ...]:
        """Writes resources of one kind, all of them or none; see ``put_together``."""
        return self.put_together((Batch(kind, graphs, replace, operators),))

    def put_together(self, batches: Iterable[Batch]) -> tuple[Added, ...]:
        """Writes resources of several kinds, all of them or none.

        Returns:
            One result a resource, in the order given.

        Raises:
            ConflictError: other content is there and ``replace`` is not set.
            InvalidRecordError: the triples violate a shape.
            StorageError: the store cannot be written.
        """
        added: list[Added] = []
        self.store.write_many(self._changes(batches, added))
        return tuple(added)

    def _changes(
        self, batches: Iterable[Batch], added: list[Added]
    ) -> Iterator[tuple[Iri, frozenset[Triple]]]:
        """Graphs to write, one by one; notes of each resource whether it is among them."""
        for batch in batches:
            is_changed = False
            for iri, wanted, known in self._beside_known(batch.graphs):
                added.append(Added(iri, is_new=wanted != known))
                if wanted != known:
                    _let_in(batch, iri, wanted, known)
                    is_changed = True
                    yield iri, wanted
            if is_changed:
                yield from self._missing_operators(batch.operators).items()

    def _beside_known(
        self, graphs: Mapping[Iri, Iterable[Triple]]
    ) -> Iterator[tuple[Iri, frozenset[Triple], frozenset[Triple]]]:
        """Graphs to come beside what the store has of them, which is read for many at once."""
        for iri, known in self.graphs(graphs):
            yield iri, frozenset(graphs[iri]), known

    def graphs(self, iris: Iterable[Iri]) -> Iterator[tuple[Iri, frozenset[Triple]]]:
        """The triples of several resources, in the order given, read many at once."""
        rest = iter(iris)
        while some := tuple(islice(rest, _GRAPHS_AT_ONCE)):
            known = self.store.read_graphs(some)
            yield from ((iri, known[iri]) for iri in some)

    def triples(self, iris: Iterable[Iri]) -> Iterator[frozenset[Triple]]:
        """The triples alone; see ``graphs``."""
        return (triples for _, triples in self.graphs(iris))

    def referring(self, iri: Iri) -> tuple[Iri, ...]:
        """IRIs of the resources whose graphs speak of this one."""
        rows = self.rows("referring-graphs", {"resource": NamedNode(iri)})
        return tuple(Iri(_text(row["graph"])) for row in rows)

    def rows(self, query: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """Rows of one of the registry's queries."""
        return self.store.query(load_query(query), bindings)

    def iris(self, query: str, column: str, **bindings: Iri | None) -> tuple[Iri, ...]:
        """A column of IRIs; a binding that is None is left free."""
        bound = {name: NamedNode(iri) for name, iri in bindings.items() if iri is not None}
        return tuple(Iri(_text(row[column])) for row in self.rows(query, bound))

    def _missing_operators(self, names: Iterable[str]) -> dict[Iri, frozenset[Triple]]:
        """Operators are shared and never removed; one that no scheme has is written when used.

        So is the set that it belongs to.
        """
        unknown = {operator_iri(n): n for n in names if operator_iri(n) not in scheme_operators()}
        missing = {iri: name for iri, name in unknown.items() if not self.store.has_graph(iri)}
        graphs = {iri: frozenset(operator_to_triples(name)) for iri, name in missing.items()}
        graphs |= self._missing_sets(missing.values())
        if graphs:
            check("operator", (triple for triples in graphs.values() for triple in triples))
        return graphs

    def _missing_sets(self, names: Iterable[str]) -> dict[Iri, frozenset[Triple]]:
        sets = {
            operator_set_iri(prefix): prefix for prefix, _, _ in (n.partition(":") for n in names)
        }
        return {
            iri: frozenset(operator_set_to_triples(prefix))
            for iri, prefix in sets.items()
            if not self.store.has_graph(iri)
        }


def _offered(kind: str) -> Collection[str]:
    """What the device catalogue has of a kind, which is read for this alone."""
    from fitgraph.registry.device_tables import catalogue_names  # noqa: PLC0415

    return catalogue_names(kind)


def _let_in(batch: Batch, iri: Iri, wanted: frozenset[Triple], known: frozenset[Triple]) -> None:
    """Lets a resource pass whose place is free, or may be taken, and that its shapes allow."""
    if known and not batch.replace:
        raise ConflictError(
            f"there is another {batch.kind} {key_of(iri)!r} already",
            hint="remove it first, or choose another name",
        )
    if batch.kind != FOREIGN:
        check(batch.kind, wanted)


def _text(term: Term) -> str:
    """An IRI or a text."""
    return str(getattr(term, "value", term))
