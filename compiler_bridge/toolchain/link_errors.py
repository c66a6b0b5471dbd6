"""Reads from a linker's messages which memory region is too small, and by how much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from fitgraph.compiler_bridge.errors import DoesNotLinkError

# LLD: section '.bss' will not fit in region 'RAM': overflowed by 516 bytes
# GNU ld: region `RAM' overflowed by 516 bytes
_OVERFLOWS = (
    re.compile(
        r"will not fit in region '(?P<region>[^']+)': overflowed by (?P<n_bytes>\d+) bytes?"
    ),
    re.compile(r"region [`'](?P<region>[^'`]+)' overflowed by (?P<n_bytes>\d+) bytes?"),
)


class RegionOverflowError(DoesNotLinkError):
    """Some memory region is too small.

    Attributes:
        overflows: region name to bytes that are missing.
    """

    code: ClassVar[str] = DoesNotLinkError.code

    def __init__(self, message: str, overflows: Mapping[str, int], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.overflows = dict(overflows)


def region_overflows(output: str) -> dict[str, int]:
    """Region name to bytes by which its last section ends past the region."""
    overflows: dict[str, int] = {}
    for pattern in _OVERFLOWS:
        for match in pattern.finditer(output):
            region, n_bytes = match["region"], int(match["n_bytes"])
            overflows[region] = max(n_bytes, overflows.get(region, 0))
    return overflows


def overflow_error(overflows: Mapping[str, int], board: str = "") -> RegionOverflowError:
    """The error for what ``region_overflows`` found."""
    missing = ", ".join(f"{region} by {_bytes(n)}" for region, n in overflows.items())
    where = f" of {board}" if board else ""
    return RegionOverflowError(
        f"the firmware does not fit: it overflows {missing}{where}",
        overflows,
        hint="ask `fitgraph explain` what would make it fit",
    )


def _bytes(number: int) -> str:
    return "1 byte" if number == 1 else f"{number:,} bytes"
