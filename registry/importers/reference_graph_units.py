"""Amounts of memory with units of the Ontology of units of Measure, as bytes, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from fitgraph.registry.errors import InvalidImportError

#: Bytes of a unit. OM 2 has kilobyte as 10^3 bytes, kibibyte as 2^10.
UNITS: Final[Mapping[str, int]] = {
    "om:byte": 1,
    "om:kilobyte": 10**3,
    "om:megabyte": 10**6,
    "om:gigabyte": 10**9,
    "om:kibibyte": 2**10,
    "om:mebibyte": 2**20,
}

#: No microcontroller has more; the largest figure of the reference graph is 1 GB.
MAX_BYTES: Final = 2**40

# As many digits as a figure of MAX_BYTES can have, in any unit, with room for trailing zeros.
_MAX_DIGITS: Final = 40


def number(text: str, what: str) -> Decimal:
    """The number that a literal stands for, to its last digit: 116.48 of ``1.1648e+02``.

    Raises:
        InvalidImportError: it is no finite number of a sensible length.
    """
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise InvalidImportError(f"{what} is {text[:40]!r}, which is not a number") from error
    if not value.is_finite() or len(text) > _MAX_DIGITS or abs(value.adjusted()) > _MAX_DIGITS:
        raise InvalidImportError(f"{what} is {text[:40]!r}, which is out of any range")
    return value


def memory_bytes(text: str, unit: str, what: str) -> int:
    """An amount of memory in bytes: 116,480 for ``1.1648e+02`` ``om:kilobyte``.

    Args:
        text: lexical form of the number.
        unit: compact name of the unit.
        what: whose amount it is, for the sentence.

    Raises:
        InvalidImportError: the unit is not known; the amount is negative, too large, or no whole
            number of bytes.
    """
    if unit not in UNITS:
        known = ", ".join(UNITS)
        raise InvalidImportError(
            f"{what} is in {unit}, a unit that is not known", hint=f"known are {known}"
        )
    amount = number(text, what) * UNITS[unit]
    if not 0 <= amount <= MAX_BYTES or amount != amount.to_integral_value():
        raise InvalidImportError(
            f"{what} is {text} {unit}, which is no possible number of bytes",
            hint="give a whole number of bytes that is not negative",
        )
    return int(amount)
