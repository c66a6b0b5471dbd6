"""The one base of every error that fitgraph raises on purpose."""

from __future__ import annotations

from typing import ClassVar


class FitgraphError(Exception):
    """An error that a user can act on.

    Attributes:
        message: one clear sentence, with the numbers and names that matter.
        hint: what to do about it, or an empty string.
        code: stable, machine-readable name of the kind of error.
        exit_code: what the command line ends with: 2 bad input, 3 a tool failed.
    """

    code: ClassVar[str] = "fitgraph-error"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class OntologyError(FitgraphError):
    """The vocabulary, a shape or a query of ours is not usable."""

    code = "ontology-error"
