"""How the server's process takes memory from the system."""

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
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)
