"""How the server's process takes memory from the system, and gives it back."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

#: glibc's M_ARENA_MAX (malloc.h), and how many it is to have.
_ARENA_MAX: Final = -8
_ARENAS: Final = 2


def share_arenas() -> None:
    """Lets all threads share two heaps, which grow less than eight on each core's behalf.

    glibc gives each thread a heap of its own, up to eight a core, and none gives back what it had
    at its peak; elsewhere nothing is done.
    """
    _glibc("mallopt", _ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Gives memory back that is free on whole pages; elsewhere nothing is done."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function is not None:
        function(*arguments)
