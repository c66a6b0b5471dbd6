"""Looks for words over all kinds of resources at once; nothing of HTTP or HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be found.

    Attributes:
        detail: what else tells it from others, at a glance.
        address: of its page.
        text: in which words are looked for, in small letters; its first line is the title.
    """

    title: str
    detail: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind.

    Attributes:
        first: the best, best first.
        total: how many there are.
        rest: address of a list of all of them.
    """

    kind: str
    first: tuple[Entry, ...]
    total: int
    rest: str


def entry(title: str, detail: str, address: str, *words: str) -> Entry:
    """An entry that is found by its title, its detail, and further words."""
    return Entry(title, detail, address, "\n".join((title, detail, *words)).lower())


def search(entries: Iterable[Entry], words: str) -> tuple[Entry, ...]:
    """The entries that have all words, the best first: the title itself, how it begins, in it."""
    parts = words.lower().split()
    if not parts:
        return ()
    found = [one for one in entries if all(part in one.text for part in parts)]
    return tuple(sorted(found, key=lambda one: (_rank(one, parts), len(one.title), one.title)))


def _rank(one: Entry, parts: Sequence[str]) -> int:
    title, said = one.title.lower(), " ".join(parts)
    if title == said or one.address.lower().endswith(f"/{said}"):
        return 0
    if title.startswith(said):
        return 1
    return 2 if all(part in title for part in parts) else 3
