"""Reads files that somebody hands in: never more of one than it may have."""

from __future__ import annotations

from pathlib import Path

from fitgraph.ontology.errors import FitgraphError


def read_bounded(
    path: Path, most_bytes: int, refused: type[FitgraphError], *, hint: str, too_large: str
) -> bytes:
    """The bytes of a file.

    Args:
        refused: the error to raise where it cannot be read or has more.
        hint: what to do where it cannot be read.
        too_large: what to do where it has more.

    Raises:
        FitgraphError: of that kind.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise refused(f"{path} cannot be read: {error.strerror}", hint=hint) from error
    if len(content) > most_bytes:
        raise refused(f"{path} has more than {most_bytes:,} bytes", hint=too_large)
    return content


def read_bounded_text(
    path: Path, most_bytes: int, refused: type[FitgraphError], *, hint: str, too_large: str
) -> str:
    """The same as text in UTF-8; what is none is refused, too."""
    content = read_bounded(path, most_bytes, refused, hint=hint, too_large=too_large)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(f"{path} is not text", hint="save it as UTF-8") from error
