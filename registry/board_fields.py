"""Reading the keys of a board file, with errors that name the key and show the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fitgraph.registry.board_checks import nearest
from fitgraph.registry.errors import InvalidBoardError
from fitgraph.registry.plain_yaml import Plain

MAX_TEXT_CHARACTERS = 500
_SHOWN_CHARACTERS = 40

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Fields:
    """One mapping of the file.

    Attributes:
        values: what stands in the file, by key.
        prefix: what errors put before a key: where in the file the mapping stands.
    """

    values: Mapping[str, Plain]
    prefix: str = ""

    def key(self, name: str) -> str:
        """How errors call a key."""
        return f"{self.prefix}{name}"

    def text(self, name: str) -> str:
        """One line of text.

        Raises:
            InvalidBoardError: the value is no text, or empty, too long or unprintable.
        """
        value = self.values[name]
        if not isinstance(value, str):
            raise InvalidBoardError(
                f"{self.key(name)} is {shape(value)}, not text",
                hint="write the value on the same line as its key",
            )
        if not value.strip():
            raise InvalidBoardError(f"{self.key(name)} is empty", hint="write one line of text")
        if not value.isprintable() or len(value) > MAX_TEXT_CHARACTERS:
            raise InvalidBoardError(
                f"{self.key(name)} '{shown(value)}' has unprintable characters "
                f"or more than {MAX_TEXT_CHARACTERS}",
                hint="write one line of text",
            )
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of lines of text; nothing when the key is absent.

        Raises:
            InvalidBoardError: the value is no list, or an item is no text.
        """
        items = self.items(name, hint=f"write {name}: [one, two], or [] for none")
        numbered = Fields(
            {str(index): item for index, item in enumerate(items, 1)}, f"{self.key(name)} item "
        )
        return tuple(numbered.text(index) for index in numbered.values)

    def items(self, name: str, *, hint: str) -> list[Plain]:
        """A list; nothing when the key is absent.

        Raises:
            InvalidBoardError: the value is no list.
        """
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise InvalidBoardError(f"{self.key(name)} is {shape(value)}, not a list", hint=hint)
        return value

    def parsed(self, name: str, parse: Callable[[str], _Value], *, hint: str) -> _Value:
        """The text, read by ``parse``.

        Raises:
            InvalidBoardError: the value is no text, or ``parse`` refuses it with a ValueError.
        """
        text = self.text(name)
        try:
            return parse(text)
        except ValueError as error:
            raise InvalidBoardError(f"{self.key(name)} {error}", hint=hint) from error


def read_fields(
    value: Plain | None, *, required: tuple[str, ...], optional: tuple[str, ...], place: str
) -> Fields:
    """``value`` as a mapping with all the required keys and no unknown one.

    ``place`` is where in the file it stands, or empty for the file itself.

    Raises:
        InvalidBoardError: it is no mapping, lacks a key or has one more.
    """
    subject = place or "the file"
    if not isinstance(value, dict):
        raise InvalidBoardError(
            f"{subject} is {shape(value)}, not keys with values",
            hint=f"it needs {', '.join(required)}",
        )
    known = [*required, *optional]
    for key in value:
        if key not in known:
            text = shown(str(key))
            raise InvalidBoardError(
                f"{subject} has the unknown key '{text}'", hint=nearest(text, known)
            )
    missing = [key for key in required if key not in value]
    if missing:
        raise InvalidBoardError(
            f"{subject} lacks {', '.join(missing)}", hint="docs/boards.md explains each key"
        )
    return Fields(value, f"{place} " if place else "")


def shape(value: Plain | None) -> str:
    """What a value is, in words."""
    if value is None:
        return "empty"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return f"'{shown(str(value))}'"


def shown(text: str) -> str:
    """The start of a text, safe to print on one line."""
    start = text[:_SHOWN_CHARACTERS].encode("unicode_escape").decode("ascii")
    return start + ("..." if len(text) > _SHOWN_CHARACTERS else "")
