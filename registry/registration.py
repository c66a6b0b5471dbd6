"""What a directory notes of a thing: when its description came, changed, and ends.

Source: Web of Things Discovery, sections 7.2.1 and 7.2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fitgraph.ontology.td_contexts import DISCOVERY
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.thing_json import Json

MEMBER: Final = "registration"
#: RFC 3339, section 5.6; the offset is not optional.
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE
)
#: The vocabulary's ttl is an unsignedInt.
_MAX_TTL_S: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Registration:
    """Times in UTC as RFC 3339 writes them.

    Attributes:
        ttl: seconds that the description holds from when it was modified.
    """

    created: str
    modified: str
    expires: str | None = None
    ttl: int | float | None = None

    def members(self) -> dict[str, Json]:
        """The members of ``registration``."""
        said: dict[str, Json] = {"created": self.created, "modified": self.modified}
        if self.expires is not None:
            said["expires"] = self.expires
        if self.ttl is not None:
            said["ttl"] = self.ttl
        return said


def shown_time(at: datetime) -> str:
    """A time in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def registration_of(
    value: Mapping[str, Json], now: datetime, before: Registration | None
) -> Registration:
    """The registration of a description that comes in now.

    Args:
        value: the description; what it says of ``created`` and ``modified`` does not count, and
            ``expires`` only without ``ttl``.
        now: with a time zone.
        before: of the description that it replaces.

    Raises:
        InvalidThingError: its ``registration`` is not one.
    """
    said = value.get(MEMBER, {})
    places = tuple(_errors(said))
    if places or not isinstance(said, dict):
        path, reason = places[0]
        raise InvalidThingError(f"{path}: {reason}", places=places)
    ttl, expires = said.get("ttl"), said.get("expires")
    modified = shown_time(now)
    created = modified if before is None else before.created
    if isinstance(ttl, int | float):
        return Registration(created, modified, shown_time(now + timedelta(seconds=ttl)), ttl)
    at = datetime.fromisoformat(expires.upper()) if isinstance(expires, str) else None
    return Registration(created, modified, None if at is None else shown_time(at))


def enriched(
    value: Mapping[str, Json], registration: Registration | None, retrieved: datetime | None = None
) -> dict[str, Json]:
    """The description as a directory hands it out, with what is noted of it and the context."""
    said = {} if registration is None else registration.members()
    if retrieved is not None:
        said["retrieved"] = shown_time(retrieved)
    return {**value, "@context": _with_discovery(value.get("@context")), MEMBER: said}


def _with_discovery(context: Json) -> Json:
    parts = context if isinstance(context, list) else [context]
    if DISCOVERY in parts:
        return context
    # Behind the addresses that come first: what a client says itself keeps the last word.
    place = next((at for at, part in enumerate(parts) if not isinstance(part, str)), len(parts))
    return [*parts[:place], DISCOVERY, *parts[place:]]


def _errors(said: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(said, dict):
        yield f"/{MEMBER}", "is not an object"
        return
    ttl, expires = said.get("ttl"), said.get("expires")
    is_number = isinstance(ttl, int | float) and not isinstance(ttl, bool)
    if "ttl" in said and not (is_number and 0 <= ttl <= _MAX_TTL_S):  # type: ignore[operator]
        yield f"/{MEMBER}/ttl", f"{ttl!r:.60} is no number of seconds up to {_MAX_TTL_S:,}"
    if "expires" in said and not _is_time(expires):
        yield f"/{MEMBER}/expires", f"{expires!r:.60} is no date-time of RFC 3339 with an offset"


def _is_time(said: Json) -> bool:
    if not isinstance(said, str) or not _DATE_TIME.fullmatch(said):
        return False
    try:
        datetime.fromisoformat(said.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True
