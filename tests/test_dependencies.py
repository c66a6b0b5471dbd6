"""What the rooms import is declared, and what is declared is used."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.tree import ROOMS, tracked_files

# Run as a program (`python -m ziglang cc`), never imported.
PROGRAMS = {"ziglang"}


def declared(repository: Path) -> set[str]:
    """Normalised names of the run-time dependencies."""
    return names(project(repository)["dependencies"])


def optional(repository: Path) -> set[str]:
    """Normalised names of what the extras bring."""
    return set().union(*map(names, project(repository)["optional-dependencies"].values()))


def project(repository: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    return found


def names(requirements: Iterable[str]) -> set[str]:
    return {normalised(re.split(r"[ \[<>=!~;]", line)[0]) for line in requirements}


def normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(repository: Path) -> set[str]:
    """Top-level modules that the rooms import from elsewhere than the standard library."""
    modules: set[str] = set()
    for name in tracked_files(repository, *ROOMS):
        if name.suffix == ".py":
            for node in ast.walk(ast.parse((repository / name).read_text())):
                if isinstance(node, ast.Import):
                    modules |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    modules.add(node.module)
    top = {module.split(".")[0] for module in modules}
    return top - sys.stdlib_module_names - {"fitgraph"}


def test_the_rooms_import_declared_libraries_and_every_declared_library_is_used(
    repository: Path,
) -> None:
    owners = importlib.metadata.packages_distributions()
    used = {module: {normalised(one) for one in owners[module]} for module in imported(repository)}
    wanted = declared(repository)
    known = wanted | optional(repository)
    undeclared = {module: some for module, some in used.items() if not some & known}
    assert not undeclared, f"add them to [project] dependencies or extras: {undeclared}"
    unused = wanted - set().union(*used.values()) - PROGRAMS
    assert not unused, f"drop them from [project] dependencies: {sorted(unused)}"
