"""Imports every module of the rooms named on the command line, in a process of its own.

Prints the rooms' folders, one a line. Fails where a module exports what it does not have, or where
a room got imported a second time under its bare name.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(rooms: list[str]) -> None:
    """Imports, checks and prints."""
    for room in rooms:
        package = importlib.import_module(f"fitgraph.{room}")
        names = [
            found.name for found in pkgutil.walk_packages(package.__path__, f"fitgraph.{room}.")
        ]
        for name in names:
            module = importlib.import_module(name)
            absent = [one for one in getattr(module, "__all__", ()) if not hasattr(module, one)]
            if absent:
                sys.exit(f"{name} exports what it does not have: {absent}")
        sys.stdout.write(f"{Path(str(package.__file__)).resolve().parent}\n")
    twice = [room for room in rooms if room in sys.modules]
    if twice:
        sys.exit(f"imported a second time under the bare name: {twice}")


if __name__ == "__main__":
    main(sys.argv[1:])
