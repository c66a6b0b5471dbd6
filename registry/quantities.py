"""Sizes, addresses and counts as people write them in a board file."""

from __future__ import annotations

import re

_DECIMAL = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_HEX = r"0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*"

# Datasheets write KB and MB for powers of two (JEDEC Standard 100B.01); so do K and KiB here.
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20}

_SIZE = re.compile(rf"(?P<sign>-?)(?P<number>{_HEX}|{_DECIMAL})(?: ?(?P<unit>[KM])(?:i?B)?)?")
_ADDRESS = re.compile(_HEX)

SIZE_HINT = "write bytes (262144 or 0x40000) or a power-of-two multiple (256K, 1M)"
ADDRESS_HINT = "write the address in hexadecimal, as the core sees it: 0x20000000"


def parse_size(text: str) -> int:
    """Bytes from ``262144``, ``0x40000``, ``256K``, ``256 KiB`` or ``1M``; may be negative.

    Raises:
        ValueError: the text has none of these forms.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a size")
    size = int(match["number"].replace("_", ""), 0) * _FACTORS[match["unit"] or ""]
    return -size if match["sign"] else size


def parse_count(text: str) -> int:
    """A whole number from ``64000000`` or ``64_000_000``; may be negative.

    Raises:
        ValueError: the text is not a decimal number without leading zeros.
    """
    if re.fullmatch(rf"-?{_DECIMAL}", text) is None:
        raise ValueError(f"'{text}' is not a whole number")
    return int(text)


def parse_address(text: str) -> int:
    """An address from ``0x20000000`` or ``0x2000_0000``.

    Decimal is refused: no datasheet gives an address so, and a slip would go unseen.

    Raises:
        ValueError: the text is not hexadecimal.
    """
    if _ADDRESS.fullmatch(text) is None:
        raise ValueError(f"'{text}' is not an address in hexadecimal")
    return int(text.replace("_", ""), 16)
