"""Names as other formats have them, made into ids and one line of text."""

from __future__ import annotations

import re
from typing import Final

from fitgraph.registry.board_checks import MAX_SLUG_CHARACTERS
from fitgraph.registry.board_fields import MAX_TEXT_CHARACTERS, shown
from fitgraph.registry.errors import InvalidImportError

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """An id from a name: ``Nano 33 BLE (Sense)`` becomes ``nano-33-ble-sense``.

    Raises:
        InvalidImportError: nothing of the name is left, or it is too long.
    """
    made = _NO_SLUG.sub("-", text.lower()).strip("-")
    if not made or len(made) > MAX_SLUG_CHARACTERS:
        raise InvalidImportError(
            f"'{shown(text)}' makes no id of at most {MAX_SLUG_CHARACTERS} characters",
            hint="an id keeps a name's Latin letters and digits",
        )
    return made


def one_line(text: str, what: str) -> str:
    """Text with its white space folded.

    Args:
        text: of the file.
        what: how errors call it.

    Raises:
        InvalidImportError: it is empty, too long or unprintable.
    """
    folded = " ".join(text.split())
    if not folded or len(folded) > MAX_TEXT_CHARACTERS or not folded.isprintable():
        raise InvalidImportError(
            f"{what} '{shown(text)}' is not one printable line of at most "
            f"{MAX_TEXT_CHARACTERS} characters",
            hint="correct the file",
        )
    return folded
