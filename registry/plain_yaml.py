"""YAML text becomes plain text, lists and mappings, with nothing in it that can bite.

Every scalar stays the text that was written: YAML 1.1 would read ``no`` as false, ``010`` as 8
and ``12:30`` as 750, and an error could not show the value as its author wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import yaml

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

_KIND_TAGS: Final = {
    yaml.ScalarEvent: "tag:yaml.org,2002:str",
    yaml.SequenceStartEvent: "tag:yaml.org,2002:seq",
    yaml.MappingStartEvent: "tag:yaml.org,2002:map",
}
# libyaml's parser is ten times as fast; PyYAML's own gives the same events.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlainYamlError(Exception):
    """The text is not YAML of the plain kind; ``args[0]`` says why, in one clause."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a text may hold.

    Attributes:
        max_depth: levels of nesting.
        max_nodes: values in all, keys included.
    """

    max_depth: int = 6
    max_nodes: int = 4000


#: Enough for what one person writes about one thing.
SMALL: Final = Limits()


def read_plain_yaml(text: str, limits: Limits = SMALL) -> Plain | None:
    """The one document in ``text``; ``None`` when it holds nothing.

    Raises:
        PlainYamlError: see ``read_plain_documents``; or there is more than one document.
    """
    documents = _Reader(text, limits, tags_as_keys=False).documents()
    first = next(documents, None)
    for line, _ in documents:
        raise PlainYamlError(
            f"expected a single document in the stream, but found another document on line {line}"
        )
    return first[1] if first else None


def read_plain_documents(
    text: str, limits: Limits = SMALL, *, tags_as_keys: bool = False
) -> Iterator[tuple[int, Plain]]:
    """The documents in ``text`` with their first lines, read one by one.

    Args:
        text: any number of documents.
        limits: of all of them together.
        tags_as_keys: whether ``!Ram {size: 1}`` becomes ``{"Ram": {"size": "1"}}``, as serde
            writes variants; else a tag is refused.

    Raises:
        PlainYamlError: the text does not parse, has an alias, a tag, a repeated key, a key that
            is no text, or more than the limits allow.
    """
    return _Reader(text, limits, tags_as_keys=tags_as_keys).documents()


class _Reader:
    """Builds values from the events of one text."""

    def __init__(self, text: str, limits: Limits, *, tags_as_keys: bool) -> None:
        self._text = text
        self._limits = limits
        self._tags_as_keys = tags_as_keys
        self._n_nodes = 0

    def documents(self) -> Iterator[tuple[int, Plain]]:
        try:
            events = iter(yaml.parse(self._text, Loader=_LOADER))
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    yield _line(event), self._value(events, next(events), 1)
        except yaml.YAMLError as error:
            raise PlainYamlError(_reason(error)) from error
        except UnicodeEncodeError as error:
            raise PlainYamlError("a character that Unicode does not have") from error

    def _value(self, events: Iterator[Any], event: Any, depth: int) -> Plain:  # noqa: ANN401 - PyYAML's
        # An alias lets a few hundred bytes expand to gigabytes ("billion laughs").
        if isinstance(event, yaml.AliasEvent):
            raise PlainYamlError(f"an alias (*) on line {_line(event)}")
        self._n_nodes += 1
        if depth > self._limits.max_depth:
            raise PlainYamlError(f"nesting deeper than {self._limits.max_depth} levels")
        if self._n_nodes > self._limits.max_nodes:
            raise PlainYamlError(f"more than {self._limits.max_nodes} values")
        variant = self._variant(event)
        value = self._plain(events, event, depth)
        return value if variant is None else {variant: value}

    def _plain(self, events: Iterator[Any], event: Any, depth: int) -> Plain:  # noqa: ANN401 - PyYAML's
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, depth)
        return self._mapping(events, depth)

    def _list(self, events: Iterator[Any], depth: int) -> list[Plain]:
        found: list[Plain] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(events, event, depth + 1))
        return found

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._value(events, event, depth + 1)
            if not isinstance(key, str):
                raise PlainYamlError(f"a key that is no text on line {_line(event)}")
            if key in found:
                raise PlainYamlError(f"the key {key!a} twice on line {_line(event)}")
            found[key] = self._value(events, next(events), depth + 1)
        return found

    def _variant(self, event: Any) -> str | None:  # noqa: ANN401 - PyYAML's
        """The name of a serde variant that a local tag gives, if such are taken."""
        tag = event.tag
        if tag is None or tag == _KIND_TAGS[type(event)]:
            return None
        if self._tags_as_keys and tag.startswith("!") and tag != "!":
            return str(tag[1:])
        raise PlainYamlError(f"the tag {tag} on line {_line(event)}")


def _line(event: Any) -> int:  # noqa: ANN401 - PyYAML's
    return int(event.start_mark.line) + 1


def _reason(error: yaml.YAMLError) -> str:
    """What the parser found wrong, and where, in one clause."""
    if isinstance(error, yaml.MarkedYAMLError):
        clauses = [clause for clause in (error.context, error.problem) if clause]
        where = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return f"{', '.join(clauses)}{where}"
    return str(error).splitlines()[0]
