"""Back ends that are installed: entry points of the group ``fitgraph.back_ends``.

A package adds one by naming, under the runtime's name, a class that is called without arguments::

    [project.entry-points."fitgraph.back_ends"]
    my-runtime = "my_package.back_end:MyBackEnd"
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, distributions
from typing import cast

from fitgraph.compiler_bridge.back_ends.protocol import BackEnd, BackEndError

GROUP = "fitgraph.back_ends"
_PARTS = ("runtime", "options", "build")


def back_end_names() -> tuple[str, ...]:
    """Names of all runtimes that a back end is installed for."""
    return tuple(sorted({point.name for point in _points()}))


def load_back_end(runtime: str) -> BackEnd:
    """The back end of a runtime.

    Raises:
        BackEndError: none is installed, several are, or it cannot be loaded.
    """
    points = {point.value: point for point in _points() if point.name == runtime}
    if not points:
        raise BackEndError(
            f"no back end is installed for the runtime {runtime!r}",
            hint=f"there are fitgraph-c, {', '.join(back_end_names())}",
        )
    if len(points) > 1:
        raise BackEndError(
            f"several back ends are installed for {runtime}: {', '.join(sorted(points))}",
            hint="uninstall the packages of all but one",
        )
    return _loaded(next(iter(points.values())))


def _points() -> Iterator[EntryPoint]:
    """Of all distributions, and not of the first of each name alone.

    Beside a clone there may be metadata of an older state, which would hide what is installed.
    """
    for distribution in distributions():
        yield from (point for point in distribution.entry_points if point.group == GROUP)


def _loaded(point: EntryPoint) -> BackEnd:
    try:
        found = point.load()()
    except Exception as error:
        raise BackEndError(
            f"the back end {point.name} ({point.value}) cannot be loaded: {error}",
            hint="install its package again, or uninstall it",
        ) from error
    lacking = [part for part in _PARTS if not hasattr(found, part)]
    if lacking or found.runtime != point.name:
        wrong = f"lacks {lacking[0]}" if lacking else f"is one for {found.runtime!r}"
        raise BackEndError(
            f"the back end {point.name} ({point.value}) {wrong}",
            hint="fitgraph.compiler_bridge.back_ends.protocol says what a back end has",
        )
    return cast("BackEnd", found)
