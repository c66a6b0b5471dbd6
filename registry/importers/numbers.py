"""Numbers as other formats write them. A unit that is not known is refused by name."""

from __future__ import annotations

import re
from typing import Final

from fitgraph.registry.board_checks import ADDRESS_SPACE_BYTES
from fitgraph.registry.board_fields import shown
from fitgraph.registry.errors import InvalidImportError

#: C's suffixes of integers, which PlatformIO keeps in ``f_cpu``: ``72000000L``.
_INTEGER: Final = re.compile(
    r"\+?(?P<digits>0[xX][0-9a-fA-F]+|[0-9]+)(?:[uU]?[lL]{0,2}|[lL]{1,2}[uU])"
)
_WITH_UNIT: Final = re.compile(r"\+?(?:0[xX][0-9a-fA-F]+|[0-9][0-9_.]*)\s*(?P<unit>[^\s0-9._].*)")
#: The fastest microcontroller that is known runs at 1.5 GHz; no list of parts has 100 GHz.
MAX_CLOCK_HZ: Final = 100_000_000_000


def whole_number(value: object, what: str) -> int:
    """A number that is not negative, from digits, ``0x`` and digits, or a JSON number.

    Args:
        value: as the file has it.
        what: how errors call it.

    Raises:
        InvalidImportError: it is none; a unit is named.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    text = str(value).strip()
    match = _INTEGER.fullmatch(text) if isinstance(value, str) else None
    if match is not None:
        digits = match["digits"]
        return int(digits, 16 if digits[:2].lower() == "0x" else 10)
    unit = _WITH_UNIT.fullmatch(text) if isinstance(value, str) else None
    if unit is not None:
        raise InvalidImportError(
            f"{what} '{shown(text)}' has the unit '{shown(unit['unit'])}', which the format does "
            f"not have",
            hint="write the number alone",
        )
    raise InvalidImportError(
        f"{what} '{shown(text)}' is not a whole number", hint="write digits, or 0x and digits"
    )


def size_bytes(value: object, what: str) -> int:
    """A size in bytes within 32 bits; see ``whole_number``."""
    return _within(whole_number(value, what), ADDRESS_SPACE_BYTES, what)


def clock_hz(value: object, what: str) -> int:
    """A clock in hertz; see ``whole_number``."""
    return _within(whole_number(value, what), MAX_CLOCK_HZ, what)


def _within(number: int, most: int, what: str) -> int:
    if number > most:
        raise InvalidImportError(
            f"{what} is {shown(str(number))}, more than {most:,}", hint="correct the file"
        )
    return number
