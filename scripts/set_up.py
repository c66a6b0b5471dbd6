"""Makes `.venv` and installs fitgraph into it; `make` calls this and nobody else needs to.

Usage: python3 scripts/set_up.py runtime|development

Runs on the standard library of the machine's own Python. Writes a stamp for make when done, so
that an interrupted run is repeated and a finished one is not.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        f"fitgraph needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.\n"
        "Name another one: make PYTHON=/path/to/python3.11 ..."
    )

import hashlib
import importlib.util
import json
import os
import subprocess
import time
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
VENV = REPOSITORY / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
CONSTRAINTS = REPOSITORY / "constraints.txt"
# Dependency groups appeared in pip 25.1, SPDX licence expressions in setuptools 77.
BUILD_TOOLS = ("pip>=25.1", "setuptools>=77")
GROUPS = {"runtime": "demo", "development": "dev"}


def main(kind: str) -> None:
    """Brings `.venv` to what ``kind`` wants and stamps it."""
    wanted = installed_by(kind)
    stamp = stamp_of(kind)
    if not (stamp.is_file() and stamp.read_text() == wanted and works(VENV_PYTHON)):
        install(kind)
    stamp.write_text(wanted)
    if kind == "development":  # It holds all that a run needs.
        stamp_of("runtime").write_text(installed_by("runtime"))


def stamp_of(kind: str) -> Path:
    """The file whose age tells make, and whose text tells us, what was installed."""
    return VENV / f".set-up-{kind}"


def installed_by(kind: str) -> str:
    """Digest of everything that decides what gets installed: linter settings do not."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    decisive = {
        "where": str(REPOSITORY),
        "kind": kind,
        "project": settings["project"],
        "groups": settings["dependency-groups"],
        "setuptools": settings["tool"]["setuptools"],
        "constraints": CONSTRAINTS.read_text(),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def install(kind: str) -> None:
    """Makes the environment where there is none and installs the packages of ``kind``."""
    started = time.monotonic()
    say(f"Setting up .venv for {kind} (packages from PyPI, a minute or so)")
    if not works(VENV_PYTHON):
        make_environment()
    pip("install", "--upgrade", *BUILD_TOOLS)
    pip("install", "--no-build-isolation", "--editable", ".", "--group", GROUPS[kind])
    say(f"Set up in {time.monotonic() - started:.0f} s")


def say(line: str) -> None:
    """Prints where it cannot end up among the figures of `make bench ARGS=--json`."""
    print(line, file=sys.stderr, flush=True)


def works(python: Path) -> bool:
    """Whether this interpreter starts and has pip."""
    if not python.exists():
        return False
    command = [str(python), "-m", "pip", "--version"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def make_environment() -> None:
    """Makes `.venv` with pip in it."""
    if importlib.util.find_spec("ensurepip") is not None:
        run(sys.executable, "-m", "venv", "--clear", VENV)
        return
    if importlib.util.find_spec("pip") is None:
        sys.exit(
            f"{sys.executable} can make no virtual environment with pip in it.\n"
            "Debian and Ubuntu keep that in a package of its own: apt-get install python3-venv"
        )
    run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    run(sys.executable, "-m", "pip", "--python", VENV_PYTHON, "install", "--quiet", "pip")


def pip(*arguments: str) -> None:
    """Runs the environment's pip, held to the versions of ``constraints.txt``."""
    command, *rest = arguments
    run(VENV_PYTHON, "-m", "pip", command, "--quiet", "--constraint", CONSTRAINTS, *rest)


def run(*command: str | Path) -> None:
    """Runs a command at the repository's top; ends with its status if it fails."""
    environment = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_DEFAULT_TIMEOUT": "60",
        "PYTHONWARNINGS": "ignore",  # setuptools warns of every editable installation
        **os.environ,
        "PIP_NO_INPUT": "1",
    }
    status = subprocess.run(command, check=False, cwd=REPOSITORY, env=environment).returncode
    if status != 0:
        sys.exit(f"Set-up failed: {' '.join(map(str, command))} ended with {status}.")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in GROUPS:
        sys.exit(__doc__)
    main(sys.argv[1])
