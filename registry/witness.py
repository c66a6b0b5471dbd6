"""A store that notes each write in the graph, in the same transaction: who wrote what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pyoxigraph import Triple

from fitgraph.registry.change import MOST_NAMED, Change
from fitgraph.registry.door import check
from fitgraph.registry.iris import Iri
from fitgraph.registry.query_tokens import TOKEN
from fitgraph.registry.store_base import Listener, Row, Store
from fitgraph.registry.triples.change import change_to_triples
from fitgraph.registry.triples.terms import Term
from fitgraph.registry.update_text import insertion_text


class WitnessedStore:
    """A store, for the writes of one change; several of them are noted as one."""

    def __init__(self, store: Store, change: Change) -> None:
        self._store = store
        self._change = change

    def write(
        self,
        replacements: Mapping[Iri, Iterable[Triple]],
        deletions: Iterable[Iri] = (),
    ) -> None:
        """See ``Store.write``."""
        deletions = tuple(deletions)
        gone = tuple(iri for iri in deletions if self._store.has_graph(iri))
        noted = self._with(self._sorts(replacements), gone)
        self._store.write({**replacements, noted.iri: _let_in(noted)}, deletions)
        self._change = noted

    def write_many(self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
        """See ``Store.write_many``."""
        noted: list[Change] = []

        def with_note() -> Iterator[tuple[Iri, Iterable[Triple]]]:
            written: list[tuple[Iri, bool]] = []
            for iri, triples in graphs:
                written.append((iri, self._store.has_graph(iri)))
                yield iri, triples
            if written:
                noted.append(self._with(written))
                yield noted[0].iri, _let_in(noted[0])

        self._store.write_many(with_note())
        if noted:
            self._change = noted[0]

    def update(self, sparql: str, base_iri: str | None = None) -> None:
        """See ``Store.update``; what it touches is not looked at."""
        last = [one.group() for one in TOKEN.finditer(sparql) if _counts(one.group())][-1:]
        end = "\n" if last == [";"] else "\n;\n"
        note = insertion_text(self._change.iri, _let_in(self._change))
        self._store.update(f"{sparql}{end}{note}", base_iri)

    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """See ``Store.query``."""
        return self._store.query(sparql, bindings)

    def ask(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """See ``Store.ask``."""
        return self._store.ask(sparql, bindings)

    def construct(
        self, sparql: str, bindings: Mapping[str, Term] | None = None
    ) -> frozenset[Triple]:
        """See ``Store.construct``."""
        return self._store.construct(sparql, bindings)

    def graph(self, iri: str) -> frozenset[Triple]:
        """See ``Store.graph``."""
        return self._store.graph(iri)

    def graphs(self) -> tuple[str, ...]:
        """See ``Store.graphs``."""
        return self._store.graphs()

    def has_graph(self, iri: str) -> bool:
        """See ``Store.has_graph``."""
        return self._store.has_graph(iri)

    def read_graphs(self, iris: Iterable[Iri]) -> Mapping[Iri, frozenset[Triple]]:
        """See ``Store.read_graphs``."""
        return self._store.read_graphs(iris)

    def count_triples(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """See ``Store.count_triples``."""
        return self._store.count_triples(iris)

    def listen(self, listener: Listener) -> None:
        """See ``Store.listen``."""
        self._store.listen(listener)

    def close(self) -> None:
        """See ``Store.close``."""
        self._store.close()

    def _sorts(self, iris: Iterable[Iri]) -> list[tuple[Iri, bool]]:
        """Which graphs are there already."""
        return [(iri, self._store.has_graph(iri)) for iri in iris]

    def _with(self, written: list[tuple[Iri, bool]], gone: tuple[Iri, ...] = ()) -> Change:
        """The change with what one more write did."""
        known = self._change
        new = tuple(iri for iri, was_there in written if not was_there)
        old = tuple(iri for iri, was_there in written if was_there)
        return replace(
            known,
            generated=_first(known.generated, new),
            used=_first(known.used, old),
            invalidated=_first(known.invalidated, gone),
            affected_resources=(known.affected_resources or 0) + len(written) + len(gone),
        )


def _first(known: tuple[Iri, ...], more: tuple[Iri, ...]) -> tuple[Iri, ...]:
    return (*known, *more)[:MOST_NAMED]


def _let_in(change: Change) -> tuple[Triple, ...]:
    triples = tuple(change_to_triples(change))
    check("change", triples)
    return triples


def _counts(token: str) -> bool:
    """Whether a token is more than space or a comment."""
    return not token.isspace() and not token.startswith("#")
