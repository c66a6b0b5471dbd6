"""Lists of records: which of them, in which order, and which page; nothing of HTTP.

Records are filtered and sorted by their plain fields: texts, numbers and truths. A cursor tells the
last record that a client has seen, so that pages fit together whatever is added meanwhile.
"""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import json
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar, get_args, get_origin, get_type_hints

from fitgraph.api.server.faults import RequestError

T = TypeVar("T")
Plain = str | int | float | bool | None
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000
#: Arguments that are no fields.
ARGUMENTS: Final = ("q", "sort", "cursor", "limit")
_TRUTHS: Final = {"true": True, "false": False}
_PLAIN: Final = (str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some records of a list.

    Attributes:
        total: how many there are on all pages.
        cursor: of the next page; an empty string on the last.
    """

    records: tuple[T, ...]
    total: int
    cursor: str


def plain_fields(record_type: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass that have a plain value."""
    hints = get_type_hints(record_type)
    names = [field.name for field in dataclasses.fields(record_type)]
    return tuple(name for name in names if _is_plain(hints[name]))


def page_of(
    records: Iterable[T],
    arguments: Sequence[tuple[str, str]],
    fields: Sequence[str],
    key: Callable[[T], str],
) -> Page[T]:
    """The page that is asked for.

    Args:
        records: all there are.
        arguments: ``q`` for words, ``sort`` by fields (``-`` for downwards), ``cursor``, ``limit``,
            and fields with values that they must have.
        fields: that may be named.
        key: tells records apart.

    Raises:
        RequestError: an argument is unknown, or has a value that is none.
    """
    said = _arguments(arguments, fields)
    limit = _limit(said.get("limit"))
    order = _order(said.get("sort", ""), fields)
    wanted = {name: value for name, value in said.items() if name not in ARGUMENTS}
    found = [one for one in records if _suits(one, wanted, said.get("q", ""), fields)]
    found.sort(key=key)
    for name, is_downwards in reversed(order):
        found.sort(key=_by(name), reverse=is_downwards)
    start = _start(found, said.get("cursor"), key, is_by_key=not order)
    shown = tuple(found[start : start + limit])
    has_more = start + limit < len(found)
    return Page(shown, len(found), _cursor(key(shown[-1])) if has_more else "")


def as_csv(records: Iterable[object], fields: Sequence[str]) -> bytes:
    """The plain fields of records, a record a line."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(fields)
    for record in records:
        lines.writerow(_cell(getattr(record, name)) for name in fields)
    return out.getvalue().encode()


def _is_plain(hint: Any) -> bool:  # noqa: ANN401 - a type, or what stands for one
    if get_origin(hint) is types.UnionType or type(None) in get_args(hint):
        return all(one is type(None) or _is_plain(one) for one in get_args(hint))
    hint = getattr(hint, "__supertype__", hint)
    return isinstance(hint, type) and (hint in _PLAIN or issubclass(hint, StrEnum))


def _arguments(arguments: Sequence[tuple[str, str]], fields: Sequence[str]) -> Mapping[str, str]:
    said = dict(arguments)
    unknown = sorted(said.keys() - {*ARGUMENTS, *fields})
    if unknown or len(said) < len(arguments):
        raise RequestError(
            f"there is no argument {unknown[0]!r:.100}" if unknown else "an argument comes twice",
            hint=f"known: {', '.join((*ARGUMENTS, *fields))}",
        )
    return said


def _limit(said: str | None) -> int:
    if said is None:
        return DEFAULT_LIMIT
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= MAX_LIMIT):
        raise RequestError(f"limit is {said!r:.40}", hint=f"a number from 1 to {MAX_LIMIT}")
    return int(said)


def _order(said: str, fields: Sequence[str]) -> list[tuple[str, bool]]:
    order = [(name.removeprefix("-"), name.startswith("-")) for name in said.split(",") if name]
    unknown = [name for name, _ in order if name not in fields]
    if unknown:
        raise RequestError(
            f"nothing can be sorted by {unknown[0]!r:.100}", hint=f"known: {', '.join(fields)}"
        )
    return order


def _suits(record: object, wanted: Mapping[str, str], words: str, fields: Sequence[str]) -> bool:
    if any(not _is(getattr(record, name), value) for name, value in wanted.items()):
        return False
    texts = [getattr(record, name) for name in fields] if words else []
    text = "\n".join(one for one in texts if isinstance(one, str)).lower()
    return all(word in text for word in words.lower().split())


def _is(value: Plain, said: str) -> bool:
    if value is None:
        return said == ""
    if isinstance(value, bool):
        return _TRUTHS.get(said) is value
    if isinstance(value, str):
        return value == said
    try:
        return value == float(said)
    except ValueError:
        return False


def _by(name: str) -> Callable[[object], tuple[bool, Any]]:
    return lambda record: _rank(getattr(record, name))


def _rank(value: Plain) -> tuple[bool, Any]:
    """What is not known comes last, or first downwards."""
    return (value is None, 0 if value is None else value)


def _start(
    found: Sequence[T], cursor: str | None, key: Callable[[T], str], *, is_by_key: bool
) -> int:
    """Behind the record of the cursor, or where it would be if it is gone."""
    if cursor is None:
        return 0
    try:
        seen = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        assert isinstance(seen, str)
    except (ValueError, AssertionError) as error:
        raise RequestError(
            "the cursor is none that this server gave", hint="begin without a cursor"
        ) from error
    at = next((at for at, one in enumerate(found) if key(one) == seen), None)
    if at is not None:
        return at + 1
    if not is_by_key:
        raise RequestError(
            f"{seen!r:.100}, where the cursor stands, is gone", hint="begin without a cursor"
        )
    return next((at for at, one in enumerate(found) if key(one) > seen), len(found))


def _cursor(seen: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(seen).encode()).decode()


def _cell(value: Plain) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
