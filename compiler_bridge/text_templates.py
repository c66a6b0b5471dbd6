"""Text of generated files, with ``@name@`` where something is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

_PLACE = re.compile(r"@([a-z_0-9]+)@")


def filled_in(folder: str, template: str, values: Mapping[str, str]) -> str:
    """A template with every ``@name@`` replaced; what is put in is not looked at again.

    Args:
        folder: of the compiler bridge, whose ``templates`` has the file.
        template: the file's name without ``.in``.
    """
    return _PLACE.sub(lambda place: values[place[1]], _text(folder, template))


@cache
def _text(folder: str, template: str) -> str:
    path = resources.files("fitgraph.compiler_bridge").joinpath(folder, "templates")
    return path.joinpath(f"{template}.in").read_text("utf-8")
