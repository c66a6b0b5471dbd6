"""Pages of the list of things (Web of Things Discovery, section 7.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlencode

from fitgraph.api.server.faults import RequestError
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.directory_operations import Registered
from fitgraph.registry.iris import Iri
from fitgraph.registry.registration import enriched
from fitgraph.registry.thing_json import Json

#: Things that one response has at most, whether or not the client sets a limit.
MAX_PAGE: Final = 10_000
#: Up to so many are asked for one by one; else all are read at once.
_FEW: Final = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ThingPage:
    """What a client asks of the list.

    Attributes:
        size: things that the page has at most.
        sort_by: JSON pointer of a member; by id where there is none.
    """

    offset: int
    size: int
    form: Literal["array", "collection"]
    sort_by: str | None
    sort_order: Literal["asc", "desc"]

    def of(self, registry: Registry, ids: Sequence[Iri]) -> tuple[list[Registered], int]:
        """The things of the page, and how many there are in all.

        Args:
            ids: of all things, in order.

        Raises:
            RequestError: they cannot be sorted so.
        """
        place = slice(self.offset, self.offset + self.size)
        if self.sort_by is None and self.size <= _FEW:
            some = (registry.registered(iri) for iri in self._ordered(ids)[place])
            return [one for one in some if one is not None], len(ids)
        found = self._ordered(_sorted(registry.all_registered(), self.sort_by or "/id"))
        return list(found[place]), len(found)

    def collection(self, members: list[dict[str, Json]], total: int) -> dict[str, object]:
        """The page with what is said of the list."""
        following = self.following(total)
        return {
            "@context": "https://www.w3.org/2022/wot/discovery",
            "@type": "ThingCollection",
            "@id": self._address(self.offset),
            "total": total,
            "members": members,
            **({"next": following} if following else {}),
        }

    def following(self, total: int) -> str | None:
        """Address of the next page; None behind the last."""
        behind = self.offset + self.size
        return self._address(behind) if behind < total else None

    def _ordered(self, things: Sequence[T]) -> Sequence[T]:
        return things if self.sort_order == "asc" else things[::-1]

    def _address(self, offset: int) -> str:
        said: dict[str, Any] = {"offset": offset, "limit": self.size}
        said |= {"format": self.form} if self.form == "collection" else {}
        said |= {} if self.sort_by is None else {"sort_by": self.sort_by}
        said |= {} if self.sort_order == "asc" else {"sort_order": self.sort_order}
        return f"/things?{urlencode(said)}"


def _sorted(found: tuple[Registered, ...], pointer: str) -> list[Registered]:
    """By one member, those without it last; ties by id.

    Raises:
        RequestError: a value has no order, or the values are of several types.
    """
    steps = [one.replace("~1", "/").replace("~0", "~") for one in pointer.strip("/").split("/")]
    known: list[tuple[Any, Registered]] = []
    rest: list[Registered] = []
    for one in found:
        value = _member(enriched(one.value, one.registration), steps)
        if value is None:
            rest.append(one)
        else:
            known.append((value, one))
    types = {float if isinstance(value, int | float) else type(value) for value, _ in known}
    if types - {str, float} or len(types) > 1:
        raise RequestError(
            f"things cannot be sorted by {pointer!r:.100}",
            hint="name a member that has texts or numbers, such as title or /registration/created",
        )
    return [one for _, one in sorted(known, key=lambda pair: (pair[0], pair[1].iri))] + rest


def _member(value: Json, steps: list[str]) -> Json:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value
