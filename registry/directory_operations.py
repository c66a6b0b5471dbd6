"""The directory of things: descriptions with what is noted of them, in one write.

What is noted stands in a graph of its own beside the thing's, so that a description stays as it was
handed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import XSD
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.registration import MEMBER, Registration, shown_time
from fitgraph.registry.resources import FOREIGN, Batch
from fitgraph.registry.store_base import Row
from fitgraph.registry.thing import is_model
from fitgraph.registry.thing_json import Json, JsonDocument
from fitgraph.registry.thing_operations import ThingOperations
from fitgraph.registry.thing_rules import is_iri
from fitgraph.registry.triples.kept import as_kept
from fitgraph.registry.triples.terms import python_value

_DISCOVERY: Final = "https://www.w3.org/2021/wot/discovery#"
_TIME: Final = NamedNode(f"{XSD}dateTime")


@dataclass(frozen=True, slots=True)
class Registered:
    """A description in the directory.

    Attributes:
        value: as it was handed in, with an id.
        registration: None where it came by another way.
    """

    iri: Iri
    value: dict[str, Json]
    registration: Registration | None


class DirectoryOperations(ThingOperations):
    """Operations of a directory."""

    def register(self, value: dict[str, Json], registration: Registration) -> Iri:
        """Puts a description in place of what the directory has of the thing.

        Args:
            value: with an id; its own ``registration`` is left out.
            registration: what is noted.

        Raises:
            InvalidThingError: it breaks a rule, or is a model.
            ConflictError: the id is that of another resource.
            NotFoundError: the board that it is of is not there.
        """
        if is_model(value):
            raise InvalidThingError(
                "this is a Thing Model, and a directory has Thing Descriptions",
                hint="add it with `fitgraph thing add`",
                places=(("/@type", "says that this is a Thing Model"),),
            )
        own = {name: said for name, said in value.items() if name != MEMBER}
        text = json.dumps(own, ensure_ascii=False, separators=(",", ":"))
        thing, triples = self._thing_graph(JsonDocument(text, own, "the description"))
        notes = as_kept(_notes(thing, registration))
        self._resources.put_together(
            (
                Batch("thing", {thing: triples}, replace=True),
                Batch(FOREIGN, {_registration_iri(thing): notes}, replace=True),
            )
        )
        return thing

    def registered(self, thing: str) -> Registered | None:
        """What the directory has of a thing."""
        if not is_iri(thing):
            return None
        rows = self._resources.rows("registered-things", {"thing": NamedNode(thing)})
        return registered_of(rows[0]) if rows else None

    def all_registered(self) -> tuple[Registered, ...]:
        """All that the directory has, by id."""
        return tuple(map(registered_of, self._resources.rows("registered-things")))

    def registered_iris(self) -> tuple[Iri, ...]:
        """Ids of all things in the directory, sorted by code points."""
        return tuple(sorted(self._resources.iris("described-things", "thing")))

    def expired(self, now: datetime) -> tuple[Iri, ...]:
        """Ids of the things whose time is over."""
        bound = {"now": Literal(shown_time(now), datatype=_TIME)}
        rows = self._resources.rows("expired-things", bound)
        return tuple(Iri(str(python_value(row["thing"]))) for row in rows)

    def deregister(self, thing: Iri) -> None:
        """Removes a thing that is there, with what is noted of it."""
        self.store.write({}, (thing, _registration_iri(thing)))

    def remove_thing(self, reference: str) -> Iri:
        """Removes a thing with what is noted of it, and returns its IRI."""
        thing = self.resolve_thing(reference)
        self.deregister(thing)
        return thing


def registered_of(row: Row) -> Registered:
    """A row of ``registered-things``."""
    said = {name: python_value(term) for name, term in row.items()}
    iri, value = Iri(str(said["thing"])), json.loads(str(said["document"]))
    if "created" not in said:
        return Registered(iri, {**value, "id": iri}, None)
    expires, ttl = said.get("expires"), said.get("ttl")
    assert ttl is None or isinstance(ttl, int | float)
    registration = Registration(
        _time(said["created"]),
        _time(said["modified"]),
        None if expires is None else _time(expires),
        ttl,
    )
    return Registered(iri, value, registration)


def _time(said: object) -> str:
    """A time as it was shown; the store leaves out zeros at the end of a fraction."""
    return shown_time(datetime.fromisoformat(str(said)))


def _notes(thing: Iri, registration: Registration) -> Iterator[Triple]:
    node = NamedNode(_registration_iri(thing))
    yield Triple(NamedNode(thing), _term("hasRegistrationInformation"), node)
    times = {
        "dateCreated": registration.created,
        "dateModified": registration.modified,
        "expires": registration.expires,
    }
    for name, said in times.items():
        if said is not None:
            yield Triple(node, _term(name), Literal(said, datatype=_TIME))
    if registration.ttl is not None:
        yield Triple(node, _term("ttl"), Literal(registration.ttl))


def _registration_iri(thing: str) -> Iri:
    return Iri(f"{BASE}registration/{hashlib.sha256(thing.encode()).hexdigest()[:32]}")


def _term(name: str) -> NamedNode:
    return NamedNode(_DISCOVERY + name)
