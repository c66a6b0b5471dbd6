"""The five rooms are what is imported, each under one name."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.tree import ROOMS, import_all, tracked_files


def test_every_module_can_be_imported_and_each_room_from_its_folder_at_the_top(
    repository: Path,
) -> None:
    assert import_all(Path(sys.executable), repository) == [repository / room for room in ROOMS]


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_says_what_it_is_for(room: str) -> None:
    assert importlib.import_module(f"fitgraph.{room}").__doc__


def test_every_folder_with_code_is_listed_as_a_package(repository: Path) -> None:
    settings = tomllib.loads((repository / "pyproject.toml").read_text())
    listed = set(settings["tool"]["setuptools"]["packages"])
    with_code = {
        "fitgraph." + ".".join(name.parent.parts)
        for name in tracked_files(repository, *ROOMS)
        if name.suffix == ".py"
    }
    assert listed == with_code
