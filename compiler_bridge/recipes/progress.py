"""How a recipe tells its caller where it is."""

from __future__ import annotations

from collections.abc import Callable

# Called with what is being done, how many steps of it are done, and how many there are.
Progress = Callable[[str, int, int], None]


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """For a caller who does not want to know."""
