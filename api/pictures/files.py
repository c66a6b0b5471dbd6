"""Writes pictures into files that somebody names."""

from __future__ import annotations

from pathlib import Path

from fitgraph.registry.errors import StorageError


def write_picture(text: str, path: Path) -> None:
    """Writes an SVG document.

    Raises:
        StorageError: the file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {error.strerror}", hint="choose another file for --svg"
        ) from error
