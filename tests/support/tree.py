"""What git knows of the working tree, and the five rooms in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOMS = ("ontology", "registry", "matcher", "compiler_bridge", "api")


def tracked_files(repository: Path, *folders: str) -> list[Path]:
    """Files under version control, relative to the repository; skips outside a git checkout.

    A file that is deleted but not yet committed as such is left out.
    """
    if not (repository / ".git").exists():
        pytest.skip(
            "not a git checkout, so nothing says which files belong to the project",
            allow_module_level=True,
        )
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = [Path(name) for name in listing.split("\0") if name]
    return [name for name in names if (repository / name).is_file()]


def tracked_with_suffix(repository: Path, *suffixes: str) -> list[Path]:
    """Tracked files that end so, relative to the repository."""
    return [name for name in tracked_files(repository) if name.suffix in suffixes]


def import_all(python: Path, repository: Path) -> list[Path]:
    """Imports every module of every room with this interpreter and gives the rooms' folders."""
    script = repository / "tests" / "support" / "import_all.py"
    # -I: what lies in the working directory must not be found before what is installed.
    run = subprocess.run(
        [python, "-I", script, *ROOMS], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return [Path(line) for line in run.stdout.splitlines()]
