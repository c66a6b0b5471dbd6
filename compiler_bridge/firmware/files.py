"""The C files that ship with fitgraph."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def c_file(name: str) -> str:
    """Text of a C source or header of the firmware."""
    return (_FOLDER / "c" / name).read_text(encoding="utf-8")


def include_files() -> dict[str, str]:
    """Headers that a freestanding compiler lacks, by name."""
    return {"string.h": _include("string.h")}


@cache
def _include(name: str) -> str:
    return (_FOLDER / "include" / name).read_text(encoding="utf-8")
