"""A thing: its description as it was handed in, and what the registry knows it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fitgraph.registry.iris import BASE, Iri, key_of
from fitgraph.registry.thing_json import Json

_BOARDS: Final = f"{BASE}board/"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one place in a description.

    Attributes:
        path: JSON pointer; empty for the whole.
        reason: one sentence.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Thing:
    """A Thing Description, or a Thing Model.

    Attributes:
        iri: of the thing; also names its graph.
        title: an empty string where it has none.
        is_model: whether it is a Thing Model.
        board: IRI of the board that the device is one of, or None.
        document: the description as it was handed in, as JSON text.
    """

    iri: Iri
    title: str
    is_model: bool
    board: Iri | None
    document: str


def is_model(value: Mapping[str, Json]) -> bool:
    """Whether a document says that it is a Thing Model."""
    types = value.get("@type")
    return "tm:ThingModel" in (types if isinstance(types, list) else [types])


def links(value: Mapping[str, Json], *relations: str) -> tuple[tuple[str, str, str], ...]:
    """Links of these relations: path, address and media type."""
    said = value.get("links", [])
    return tuple(
        (f"/links/{index}", str(link.get("href", "")), str(link.get("type", "")))
        for index, link in enumerate(said if isinstance(said, list) else [])
        if isinstance(link, dict) and link.get("rel") in relations
    )


def linked_board(value: Mapping[str, Json]) -> Iri | None:
    """The board that a device's link of rel type names."""
    found = [href for _, href, _ in links(value, "type") if href.startswith(_BOARDS)]
    return Iri(_BOARDS + key_of(found[0])) if found else None
