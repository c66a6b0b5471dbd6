"""Bytes to a JSON document, within bounds: what is no JSON that can be kept is refused.

Python's parser takes more than JSON (NaN, repeated members) and answers deep nesting with a
``RecursionError``. The text is kept as it was written but for white space between its tokens, so
that numbers, order and escapes survive.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

from fitgraph.registry.errors import InvalidThingError, NotFoundError

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

#: The largest TD that is known has 0.2 MB.
MAX_BYTES: Final = 4 << 20
#: A TD nests about ten levels: affordance, schema, member, item.
MAX_DEPTH: Final = 64
#: Each may become a node of the graph.
MAX_VALUES: Final = 50_000
#: Python refuses to read longer ones back, and no datasheet has them.
_MAX_DIGITS: Final = 400

#: A text, with what stands around it told apart by ``split``.
_TEXT: Final = re.compile(r'("(?:[^"\\]|\\.)*")', re.DOTALL)
#: White space, but not that between two bare words, which it tells apart.
_SPACE: Final = re.compile(
    r"(?<![\w.+\- \t\r\n])[ \t\r\n]+(?![ \t\r\n])|(?<![ \t\r\n])[ \t\r\n]+(?![\w.+\- \t\r\n])"
)
_MARKS: Final = re.compile(r"[\[\]{},]")


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A JSON object as it was handed in.

    Attributes:
        text: without white space between tokens; else as it was written.
        value: what it says.
        name: of the file, for sentences.
    """

    text: str
    value: dict[str, Json]
    name: str


def read_document(path: Path) -> JsonDocument:
    """The JSON object in a file.

    Raises:
        NotFoundError: there is no such file.
        InvalidThingError: it cannot be read, is too large, or see ``parse_document``.
    """
    return parse_document(read_content(path), path.name)


def read_content(path: Path) -> bytes:
    """The content of a file, of which no more is read than a description may have.

    Raises:
        NotFoundError: there is no such file.
        InvalidThingError: it cannot be read, or is too large.
    """
    try:
        if not path.exists():
            raise NotFoundError(f"no file {path}", hint="check the path")
        if not path.is_file():
            raise InvalidThingError(f"{path} is not a regular file", hint="name a .json file")
        _check_size(path.stat().st_size, path.name)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidThingError(
            f"{path} cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error


def parse_document(content: bytes, name: str) -> JsonDocument:
    """The JSON object in ``content``.

    Raises:
        InvalidThingError: it has more than ``MAX_BYTES``, ``MAX_DEPTH`` levels or ``MAX_VALUES``
            values, is not UTF-8, not JSON or not an object, repeats a member, or has a number or
            a text that nothing else could read.
    """
    _check_size(len(content), name)
    text = _decoded(content, name)
    minified = _minified(text, name)
    try:
        value = json.loads(
            minified,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise InvalidThingError(
            f"{name} is not JSON: {_place(text, name)}", hint="check the file with a JSON editor"
        ) from error
    except _RefusedError as error:
        raise InvalidThingError(f"{name}: {error.reason}", hint=error.hint) from error
    if any(isinstance(one, _Repeating) for one in objects(value)):
        _refuse_repeated(value, name)
    if not isinstance(value, dict):
        raise InvalidThingError(
            f"{name} is {kind_of(value)}, not an object", hint="a Thing Description is one object"
        )
    return JsonDocument(minified, value, name)


def kind_of(value: Json) -> str:
    """What a value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, (int, float)):
        return "a number"
    return (
        "a text"
        if isinstance(value, str)
        else f"an {'array' if isinstance(value, list) else 'object'}"
    )


def walk(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every value in a document with its JSON pointer (RFC 6901), outer ones first."""
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from walk(member, f"{path}/{step(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, f"{path}/{index}")


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """Every object in a document, in any order."""
    todo: list[Json] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
            todo += one.values()
        elif isinstance(one, list):
            todo += one


def step(name: str) -> str:
    """A member's name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


class _RefusedError(Exception):
    """Raised inside the parser, which knows no file name."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise InvalidThingError(
            f"{name} has more than the {MAX_BYTES:,} bytes of a Thing Description",
            hint="keep data out of it and link to them instead",
        )


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidThingError(
            f"{name} is not UTF-8 text: byte {error.start} does not decode",
            hint="save the file as UTF-8",
        ) from error


def _minified(text: str, name: str) -> str:
    """The text without white space between tokens, when it nests and counts within bounds."""
    parts = _TEXT.split(text)
    without_space = {part: _SPACE.sub("", part) for part in set(parts[::2])}
    parts[::2] = [without_space[part] for part in parts[::2]]
    marks = _MARKS.findall("".join(parts[::2]))
    depths = accumulate((mark in "[{") - (mark in "]}") for mark in marks)
    values = sum(mark in "[{," for mark in marks)
    _check_bounds(max(depths, default=0), values, name)
    return "".join(parts)


def _check_bounds(depth: int, values: int, name: str) -> None:
    if depth > MAX_DEPTH:
        raise InvalidThingError(
            f"{name} nests {depth:,} levels deep, more than {MAX_DEPTH}",
            hint="describe nested data in a schema of its own and link to it",
        )
    if values > MAX_VALUES:
        raise InvalidThingError(
            f"{name} has more than {MAX_VALUES:,} values",
            hint="split it: one description for each thing",
        )


def _place(text: str, name: str) -> str:
    """What is wrong and where, by the lines of the text as it was written."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"{error.msg[0].lower()}{error.msg[1:]} (line {error.lineno}, column {error.colno})"
    return f"a token of {name} does not read"


class _Repeating(dict[str, Json]):
    """Members of which one is repeated; the parser does not know where it stands."""

    repeated = ""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    repeating, seen = _Repeating(members), set[str]()
    for name, _ in pairs:
        if name in seen:
            repeating.repeated = name
        seen.add(name)
    return repeating


def _refuse_repeated(value: Json, name: str) -> None:
    for path, member in walk(value):
        if isinstance(member, _Repeating):
            raise InvalidThingError(
                f"{name}: {path}/{step(member.repeated)} stands there twice",
                hint="give each its own name; JSON readers would keep only one",
            )


def _no_constant(word: str) -> NoReturn:
    raise _RefusedError(f"{word} is no JSON number", "leave the member out if there is no value")


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= _MAX_DIGITS else math.inf
    if math.isinf(value):
        raise _RefusedError(
            f"the number {digits[:40]} is beyond what a double holds", "check its exponent"
        )
    return value


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise _RefusedError(f"the number {digits[:40]}... has {len(digits):,} digits", "shorten it")
    return int(digits)
