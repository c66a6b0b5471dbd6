"""What happened to things lately, and who waits for more.

Events are kept for those who come back with the id of the last one that they saw. Ids are
microseconds, so that they rise also from one run of the server to the next.
"""

from __future__ import annotations

import asyncio
import json
import time
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from fitgraph.api.server.faults import OverloadedError
from fitgraph.registry.thing_json import Json

#: A few MB of events; who misses more lists the things anew.
_KEPT: Final = 10_000


class EventType(StrEnum):
    """Types of events (WoT Discovery, section 7.3.3)."""

    CREATED = "thing_created"
    UPDATED = "thing_updated"
    DELETED = "thing_deleted"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        number: its id; later ones are larger.
        thing: id of the thing.
        difference: the description of a new thing, or what changed in one as a merge patch: JSON,
            which takes a tenth of the memory of its values.
    """

    number: int
    type: EventType
    thing: str
    difference: str = "{}"


class EventLog:
    """The events of one server."""

    def __init__(self, most_readers: int) -> None:
        self._events: deque[Event] = deque(maxlen=_KEPT)
        self._last = time.time_ns() // 1000
        self._news = asyncio.Condition()
        self._most_readers = most_readers
        self._readers = 0
        self._is_closed = False

    @property
    def n_readers(self) -> int:
        """How many read."""
        return self._readers

    async def publish(
        self, kind: EventType, thing: str, difference: Mapping[str, Json] | None = None
    ) -> None:
        """Notes an event and wakes who waits."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        text = json.dumps(difference or {}, ensure_ascii=False, separators=(",", ":"))
        self._events.append(Event(self._last, kind, thing, text))
        async with self._news:
            self._news.notify_all()

    async def close(self) -> None:
        """Ends all that read."""
        self._is_closed = True
        async with self._news:
            self._news.notify_all()

    def enter(self) -> None:
        """Takes a reader in.

        Raises:
            OverloadedError: there are as many as there may be.
        """
        if self._readers >= self._most_readers:
            raise OverloadedError(
                f"{self._readers:,} streams of events are open already",
                hint="close one, or ask later",
                headers={"Retry-After": "10"},
            )
        self._readers += 1

    def leave(self) -> None:
        """Lets a reader go."""
        self._readers -= 1

    async def after(self, number: int | None, pause_s: float) -> AsyncIterator[Event | None]:
        """Events after the one of this number, or that are still to come if it is None.

        Yields:
            None where nothing has happened for ``pause_s``.
        """
        seen = self._last if number is None else number
        while not self._is_closed:
            for event in self._since(seen):
                seen = event.number
                yield event
            try:
                async with asyncio.timeout(pause_s), self._news:
                    await self._news.wait_for(partial(self._has_news, seen))
            except TimeoutError:
                yield None

    def _has_news(self, seen: int) -> bool:
        return self._is_closed or bool(self._events and self._events[-1].number > seen)

    def _since(self, seen: int) -> list[Event]:
        start = bisect_right(self._events, seen, key=lambda event: event.number)
        return [self._events[at] for at in range(start, len(self._events))]
