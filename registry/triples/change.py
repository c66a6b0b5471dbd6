"""A change as triples: a ``prov:Activity`` in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.change import MOST_NAMED, Change
from fitgraph.registry.iris import Iri
from fitgraph.registry.triples.terms import date_time, prov, python_value
from fitgraph.registry.triples.writing import describe

_ENTITIES = ("generated", "used", "invalidated")


def change_to_triples(change: Change) -> Iterator[Triple]:
    """All triples of a change."""
    subject = NamedNode(change.iri)
    yield from describe(
        change.iri,
        "Change",
        agent_name=change.agent_name,
        operation=change.operation or None,
        request_id=change.request_id or None,
        affected_resources=change.affected_resources,
    )
    yield Triple(subject, prov("endedAtTime"), date_time(change.at))
    yield Triple(subject, prov("wasAssociatedWith"), NamedNode(change.agent))
    for name in _ENTITIES:
        for iri in getattr(change, name)[:MOST_NAMED]:
            yield Triple(subject, prov(name), NamedNode(iri))


def change_from_triples(iri: Iri, triples: Iterable[Triple]) -> Change:
    """The change that a graph tells of."""
    said: dict[str, list[str]] = {}
    for triple in triples:
        name = triple.predicate.value.rpartition("#")[2]
        said.setdefault(name, []).append(str(python_value(triple.object)))

    def one(name: str) -> str:
        return min(said.get(name, [""]))

    def iris(name: str) -> tuple[Iri, ...]:
        return tuple(map(Iri, sorted(said.get(name, ()))))

    count = one("affectedResources")
    return Change(
        iri=iri,
        at=one("endedAtTime"),
        agent=Iri(one("wasAssociatedWith")),
        agent_name=one("agentName"),
        operation=one("operation"),
        request_id=one("requestId"),
        generated=iris("generated"),
        used=iris("used"),
        invalidated=iris("invalidated"),
        affected_resources=int(count) if count else None,
    )
