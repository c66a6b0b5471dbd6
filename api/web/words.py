"""Numbers and names as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_STEPS: Final = ((10**9, "G"), (10**6, "M"), (10**3, "k"))
UNKNOWN: Final = "not known"


def number(value: float | None) -> str:
    """A number with commas between thousands; what is not known is said to be so."""
    if value is None:
        return UNKNOWN
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def n_bytes(value: int | None) -> str:
    """Bytes, exactly: ``24,576 B``."""
    return UNKNOWN if value is None else f"{value:,} B"


def size(value: int | None) -> str:
    """Bytes at a glance, in powers of 1024: ``24 KiB``, ``1.5 MiB``."""
    if value is None:
        return UNKNOWN
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= unit:
            return (
                f"{value / unit:.3g} {name}" if value < 1000 * unit else f"{value // unit:,} {name}"
            )
    return f"{value} B"


def many(value: float | None) -> str:
    """A count at a glance: ``3.42 M``."""
    if value is None:
        return UNKNOWN
    for step, letter in _STEPS:
        if value >= step:
            return f"{value / step:.3g} {letter}"
    return f"{value:g}"


def hertz(value: int | None) -> str:
    """A clock: ``64 MHz``."""
    return UNKNOWN if value is None else f"{many(value)}Hz"


def short(digest: str) -> str:
    """The start of a digest, which is enough to tell it."""
    return digest[:12]


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "number": number,
    "bytes": n_bytes,
    "size": size,
    "many": many,
    "hertz": hertz,
    "short": short,
}
