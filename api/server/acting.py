"""Who the server acts for, while it does so: what a change to the graph is noted with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from fitgraph.registry.change import Cause

#: What the server does by itself, such as removing what has expired.
ITSELF: Final = "fitgraph"
_ACTING: Final[ContextVar[Cause]] = ContextVar("acting", default=Cause(ITSELF))  # noqa: B039 - frozen


def act_for(cause: Cause) -> None:
    """Notes why this task, and those that it starts, write from now on."""
    _ACTING.set(cause)


def acting_for() -> Cause:
    """Why this task writes."""
    return _ACTING.get()


@contextmanager
def by_itself(operation: str) -> Iterator[None]:
    """Within the block the server does something that nobody asked for."""
    token = _ACTING.set(Cause(ITSELF, operation=operation))
    try:
        yield
    finally:
        _ACTING.reset(token)
