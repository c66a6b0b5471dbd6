"""What a Thing Description may say, and probably does not mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fitgraph.ontology.td_contexts import is_prefix_only
from fitgraph.registry.thing import Finding
from fitgraph.registry.thing_json import Json, walk

#: Kinds of data with the member that says what is in them.
_CONTENTS: Final = {"array": "items", "object": "properties"}


def thing_warnings(value: Mapping[str, Json]) -> tuple[Finding, ...]:
    """What is worth a look, in the order of the document."""
    return tuple(found for path, member in walk(dict(value)) for found in _of(path, member))


def _of(path: str, member: Json) -> Iterator[Finding]:
    if "/@context" in path:
        return
    if isinstance(member, dict):
        yield from _contexts(path, member.get("@context", []))
        yield from _schema(path, member)
        yield from _answers(path, member)


def _contexts(path: str, said: Json) -> Iterator[Finding]:
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, str) and is_prefix_only(one):
            yield Finding(
                f"{path}/@context",
                f"of {one} only the prefix is known: its terms count as those of TD 1.1",
            )


def _answers(path: str, member: Mapping[str, Json]) -> Iterator[Finding]:
    answers = member.get("additionalResponses")
    for index, answer in enumerate(answers if isinstance(answers, list) else []):
        if answer == {}:
            yield Finding(f"{path}/additionalResponses/{index}", "says nothing of the response")


def _schema(path: str, member: Mapping[str, Json]) -> Iterator[Finding]:
    """Of a data schema; what else has these members is taken for one."""
    kind = member.get("type")
    inside = _CONTENTS.get(kind) if isinstance(kind, str) else None
    if inside is not None and not {inside, "const", "enum", "default"} & member.keys():
        yield Finding(path, f"is of type {kind} and has no {inside}")
    if {"enum", "const"} <= member.keys():
        yield Finding(path, "has enum and const; one of them is enough")
    unit = member.get("unit")
    if isinstance(unit, str) and ":" not in unit and kind is not None:
        yield Finding(
            f"{path}/unit", f"{unit[:60]!r} is a text, not the IRI of a unit (of QUDT or OM)"
        )
