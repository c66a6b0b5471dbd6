"""Runs a compiler or linker as a child process and says in one sentence what went wrong."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fitgraph.compiler_bridge.errors import ToolchainError

# `m.c:3:9: error: ...` (clang, GCC), `ld.lld: error: ...`, `undefined reference to ...` (GNU ld).
_ERROR_LINE = re.compile(r"\berror\b|undefined reference|cannot find|No space left", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finished:
    """A child process that ended by itself."""

    exit_code: int
    output: str


def run_tool(
    command: Sequence[str],
    folder: Path,
    *,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Runs a command in a folder; standard error comes after standard output.

    Raises:
        ToolchainError: the tool is absent, cannot be started or takes longer than the timeout.
    """
    tool = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolchainError(
            f"{tool} is not installed", hint=f"install it or put {tool} on PATH"
        ) from error
    except OSError as error:
        raise ToolchainError(f"{tool} cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ToolchainError(
            f"{tool} did not end within {timeout_s:.0f} s",
            hint="the model may be too large to compile on this machine",
        ) from error
    output = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    return Finished(done.returncode, output)


def first_error(output: str) -> str:
    """The first line that tells of an error, or the first line there is."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in lines if _ERROR_LINE.search(line)), lines[0] if lines else "")
