"""Compilers of others, run as programs of their own: they may fail, hang or write anywhere."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.toolchain.process import first_error, run_tool

TIMEOUT_S = 300.0
_SHOWN = 400
# Some colour what they say whatever NO_COLOR asks for (ECMA-48, SGR).
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_module(module: str, distribution: str, arguments: Sequence[str], folder: Path) -> str:
    """Runs ``python -m MODULE`` in a folder and gives what it wrote to the screen.

    Raises:
        ToolchainError: the package is not installed, or the program failed.
    """
    version_of(module, distribution)
    return _run([sys.executable, "-P", "-m", module, *arguments], distribution, folder)


def run_command(command: str, hint: str, arguments: Sequence[str], folder: Path) -> str:
    """The same of a command beside this Python, or on PATH.

    Raises:
        ToolchainError: there is no such command, or it failed.
    """
    beside = Path(sys.executable).with_name(command)
    found = str(beside) if beside.is_file() else shutil.which(command)
    if found is None:
        raise ToolchainError(f"{command} is not installed", hint=hint)
    return _run([found, *arguments], command, folder)


def version_of(module: str, distribution: str) -> str:
    """Version of an optional package.

    Raises:
        ToolchainError: it is not installed.
    """
    try:
        if importlib.util.find_spec(module) is not None:
            return importlib.metadata.version(distribution)
    except (ModuleNotFoundError, importlib.metadata.PackageNotFoundError):
        pass
    raise ToolchainError(
        f"{distribution} is not installed", hint=f"install it: pip install {distribution}"
    )


def _run(command: Sequence[str], name: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "NO_COLOR": "1"}
    done = run_tool(command, folder, timeout_s=TIMEOUT_S, environment=environment)
    if done.exit_code != 0:
        reason = first_error(_COLOUR.sub("", done.output))[:_SHOWN]
        raise ToolchainError(
            f"{name} refuses the model: {reason or f'exit code {done.exit_code}'}",
            hint=f"see whether {name} supports all of its operators",
        )
    return done.output
