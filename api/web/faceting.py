"""Which records of a list are asked for, and how many there would be with each other value.

Nothing here knows of HTTP or HTML. Values of one facet widen the choice, facets narrow it. The
counts of a facet are those that hold without its own choice, so that they tell what a click gives.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: Runs of digits; longer ones are no numbers that anybody counts by.
_DIGITS: Final = re.compile(r"([0-9]{1,18})")
Plain = str | int | float | None


@dataclass(frozen=True, slots=True)
class Facet:
    """A property to choose by.

    Attributes:
        name: of the argument in the address.
        values: that a record has.
        order: of the values, where it is not by how many have them.
    """

    name: str
    label: str
    values: Callable[[Any], Iterable[str]]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A property that the table shows.

    Attributes:
        name: of what to sort by.
        value: that it is sorted by; None comes last.
        text: how it is shown; as the value is if None.
        address: of what it is about, or an empty string.
    """

    name: str
    label: str
    value: Callable[[Any], Plain]
    text: Callable[[Any], str] | None = None
    address: Callable[[Any], str] | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """Records with what is asked of them made ready.

    Attributes:
        texts: of each record, in small letters.
        values: of each facet by name, for each record.
        counts: of each facet, how many records have which value.
    """

    records: tuple[Any, ...]
    texts: tuple[str, ...]
    values: Mapping[str, tuple[frozenset[str], ...]]
    counts: Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was found.

    Attributes:
        records: in the order of those that they were chosen from.
        counts: of each facet, how many have which value.
    """

    records: tuple[Any, ...]
    counts: Mapping[str, Counter[str]]


def indexed(records: Iterable[Any], facets: Sequence[Facet], text: Callable[[Any], str]) -> Indexed:
    """Makes records ready to be chosen from."""
    known = tuple(records)
    values = {facet.name: tuple(frozenset(facet.values(one)) for one in known) for facet in facets}
    counts = {name: Counter(one for has in all_ for one in has) for name, all_ in values.items()}
    return Indexed(known, tuple(text(one).lower() for one in known), values, counts)


def select(known: Indexed, words: str, chosen: Mapping[str, frozenset[str]]) -> Selection:
    """The records that have all words, and of each facet that is chosen by one of its values."""
    parts = words.lower().split()
    if not parts and not chosen:
        return Selection(known.records, known.counts)
    counts: dict[str, Counter[str]] = {name: Counter() for name in known.values}
    found = []
    for place, text in enumerate(known.texts):
        if not all(part in text for part in parts):
            continue
        misses = [
            name for name, wanted in chosen.items() if wanted.isdisjoint(known.values[name][place])
        ]
        if not misses:
            found.append(known.records[place])
        if len(misses) <= 1:
            for name in misses or counts:
                counts[name].update(known.values[name][place])
    return Selection(tuple(found), counts)


def in_order(known: Indexed, column: Column, *, is_downwards: bool) -> Indexed:
    """The same records by a column; those without a value come last either way."""
    keys = [(place, _key(column.value(one))) for place, one in enumerate(known.records)]
    with_value = [(place, key) for place, key in keys if key is not None]
    with_value.sort(key=lambda pair: pair[1], reverse=is_downwards)
    order = [place for place, _ in with_value] + [place for place, key in keys if key is None]
    return Indexed(
        tuple(known.records[one] for one in order),
        tuple(known.texts[one] for one in order),
        {name: tuple(values[one] for one in order) for name, values in known.values.items()},
        known.counts,
    )


def _key(value: Plain) -> Any:  # noqa: ANN401 - what values of one column are compared by
    if value is None or value == "":
        return None
    return natural(value) if isinstance(value, str) else value


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts ``cnn-2`` before ``cnn-10``, and regards no capitals."""
    return tuple(
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part)
        for part in _DIGITS.split(text.lower())
    )


def bucket(value: int | None, bounds: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """The words for the range that a value is in; nothing where it is not known.

    Args:
        bounds: from the lowest: where a range ends, and its words.
    """
    if value is None:
        return ()
    return (next((words for end, words in bounds if value < end), bounds[-1][1]),)
