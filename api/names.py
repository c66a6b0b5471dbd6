"""Names that people give to things."""

from __future__ import annotations

# Two names and a board have to fit a line of a wide terminal.
MAX_NAME_LENGTH = 80


def can_be_shown(name: str) -> bool:
    """Whether tables and command lines can show a name: neither empty, long nor unprintable."""
    return name.strip() == name and 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable()
