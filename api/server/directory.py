"""The directory of things: each change with its conditions, its events, and what is expired."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fitgraph.api.server.acting import by_itself
from fitgraph.api.server.conditions import etag
from fitgraph.api.server.event_log import EventLog, EventType
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.logs import LOGGER
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.directory_operations import Registered
from fitgraph.registry.errors import InvalidThingError, NotFoundError
from fitgraph.registry.iris import Iri
from fitgraph.registry.merge_patch import patch_between, patched
from fitgraph.registry.registration import MEMBER, enriched, registration_of
from fitgraph.registry.thing_json import Json, parse_document

KIND: Final = "thing"
#: Looks at the tag of what is there, or none, before anything is changed.
Condition = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What a change did.

    Attributes:
        before: the description as it was handed out; None of a new thing.
        after: None of one that is gone.
    """

    thing: Iri
    before: dict[str, Json] | None
    after: dict[str, Json] | None


class Directory:
    """Changes to things, over the graph."""

    def __init__(self, graph: Graph, log: EventLog) -> None:
        self._graph = graph
        self._log = log

    async def create(self, content: bytes) -> Iri:
        """Takes in a description without an id, which gets one.

        Raises:
            InvalidThingError: it has an id, or breaks a rule.
        """
        value = parse_document(content, "the body").value
        if "id" in value or "@id" in value:
            raise _wrong_id("a description with an id is put at /things/{id}")
        thing = Iri(f"urn:uuid:{uuid.uuid4()}")
        return (await self._put(thing, value, lambda _: None)).thing

    async def put(self, thing: str, content: bytes, condition: Condition) -> bool:
        """Takes in a description, or puts it in place of the one that is there.

        Returns:
            Whether the thing is new.

        Raises:
            InvalidThingError: its id is another, or it breaks a rule.
            PreconditionFailedError: what is there is not what the client thinks.
        """
        value = parse_document(content, "the body").value
        said = value.get("id", value.get("@id"))
        if said is not None and said != thing:
            raise _wrong_id(f"{said!r:.100} is not the id in the address")
        return (await self._put(thing, value, condition, has_id=said is not None)).before is None

    async def patch(self, thing: str, content: bytes, condition: Condition) -> None:
        """Changes parts of a description by a merge patch.

        Raises:
            NotFoundError: there is no such thing.
            InvalidThingError: the patch is no object, changes the id, or breaks a rule.
            PreconditionFailedError: what is there is not what the client thinks.
        """
        patch = parse_document(content, "the patch").value

        def change(registry: Registry) -> Change:
            old = _found(registry, thing)
            condition((tag_of(old),))
            said = {} if old.registration is None else old.registration.members()
            value = patched({**old.value, MEMBER: said}, patch)
            assert isinstance(value, dict)
            if value.get("id") != old.iri:
                raise _wrong_id("the id of a thing does not change")
            return _register(registry, old.iri, value, old)

        await self._do(change)

    async def delete(self, thing: str, condition: Condition) -> None:
        """Removes a description.

        Raises:
            NotFoundError: there is no such thing.
            PreconditionFailedError: what is there is not what the client thinks.
        """

        def change(registry: Registry) -> Change:
            old = _found(registry, thing)
            condition((tag_of(old),))
            registry.deregister(old.iri)
            return Change(old.iri, enriched(old.value, old.registration), None)

        await self._do(change)

    async def get(self, thing: str) -> Registered:
        """What the directory has of a thing.

        Raises:
            NotFoundError: there is no such thing.
        """
        return await self._graph.read(lambda registry: _found(registry, thing))

    async def purge(self) -> int:
        """Removes the things whose time is over, and tells how many."""
        now = datetime.now(UTC)
        with by_itself("purge"):
            return await self._purge(now)

    async def _purge(self, now: datetime) -> int:
        expired = await self._graph.read(lambda registry: registry.expired(now))
        for thing in expired:
            await self._purge_one(thing, now)
        return len(expired)

    async def keep_purged(self, every_s: float) -> None:
        """Purges again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.purge()
            except FitgraphError as error:
                LOGGER.warning("purge failed", extra={"fields": {"reason": error.message}})

    async def _purge_one(self, thing: Iri, now: datetime) -> None:
        def change(registry: Registry) -> Change | None:
            if thing not in registry.expired(now):  # it was renewed meanwhile
                return None
            old = registry.registered(thing)
            registry.deregister(thing)
            return None if old is None else Change(thing, enriched(old.value, None), None)

        await self._do(change)

    async def _put(
        self, thing: str, value: dict[str, Json], condition: Condition, *, has_id: bool = True
    ) -> Change:
        def change(registry: Registry) -> Change:
            old = registry.registered(thing)
            condition(() if old is None else (tag_of(old),))
            if old is None and not has_id:
                raise _wrong_id("a description without an id is posted to /things")
            return _register(registry, Iri(thing), {**value, "id": thing}, old)

        done = await self._do(change)
        assert done is not None
        return done

    async def _do(self, change: Callable[[Registry], Change | None]) -> Change | None:
        """Makes a change, then tells of it."""
        done = await self._graph.write(change, KIND)
        if done is None:
            return None
        if done.after is None:
            await self._log.publish(EventType.DELETED, done.thing)
        elif done.before is None:
            await self._log.publish(EventType.CREATED, done.thing, done.after)
        else:
            difference = patch_between(done.before, done.after)
            await self._log.publish(EventType.UPDATED, done.thing, difference)
        return done


def tag_of(found: Registered) -> str:
    """The entity tag of a description: it changes when anything does but ``retrieved``."""
    said = None if found.registration is None else found.registration.members()
    return etag(json.dumps([found.value, said]))


def _register(
    registry: Registry, thing: Iri, value: dict[str, Json], old: Registered | None
) -> Change:
    before = None if old is None else old.registration
    registration = registration_of(value, datetime.now(UTC), before)
    registry.register(value, registration)
    new = registry.registered(thing)
    assert new is not None
    return Change(
        thing,
        None if old is None else enriched(old.value, old.registration),
        enriched(new.value, new.registration),
    )


def _found(registry: Registry, thing: str) -> Registered:
    found = registry.registered(thing)
    if found is None:
        raise NotFoundError(f"there is no thing {thing[:200]!r}", hint="/things lists them")
    return found


def _wrong_id(reason: str) -> InvalidThingError:
    return InvalidThingError(f"the id is not usable here: {reason}", places=(("/id", reason),))
