"""Text of back ends' files, with ``@name@`` where something is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

_PLACE = re.compile(r"@([a-z_0-9]+)@")


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with every ``@name@`` replaced."""
    folder = resources.files("fitgraph.compiler_bridge").joinpath("back_ends", "templates")
    text = folder.joinpath(f"{template}.in").read_text("utf-8")
    return _PLACE.sub(lambda place: values[place[1]], text)
