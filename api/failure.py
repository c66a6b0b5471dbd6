"""How the command line ends when something goes wrong: one sentence, a hint, an exit code."""

from __future__ import annotations

import traceback

from fitgraph.api.output import err
from fitgraph.ontology.errors import FitgraphError

DONE = 0
ANSWER_IS_NO = 1
TOOL_FAILED = 3
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def report(error: Exception, *, debug: bool) -> int:
    """Say what happened on stderr and return the exit code."""
    if debug:
        err().print("".join(traceback.format_exception(error)), markup=False, end="")
    if isinstance(error, FitgraphError):
        _say(f"error: {error.message}")
        if error.hint:
            _say(f"hint: {error.hint}")
        return error.exit_code
    _say(f"internal error: {_one_line(error)}; run with --debug to see where")
    return TOOL_FAILED


def _one_line(error: Exception) -> str:
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _say(text: str) -> None:
    err().print(text, markup=False)
