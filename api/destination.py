"""Where a build goes: a folder, or a package in a zip file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Destination:
    """A folder or a zip file, which holds an earlier build or is not there yet.

    Attributes:
        as_zip: whether it is a zip file.
    """

    path: Path
    as_zip: bool = False

    def check(self) -> None:
        """Refuse what a build would overwrite, before the build takes its time.

        Raises:
            ConflictError: there is something else than an earlier build.
        """
        from fitgraph.compiler_bridge.deliver import require_free, require_free_zip

        if self.as_zip:
            require_free_zip(self.path)
        else:
            require_free(self.path)

    def write(self, top: str, files: Mapping[str, bytes]) -> None:
        """Write all files or none.

        Args:
            top: folder in a zip file that they lie in.

        Raises:
            ConflictError: see ``check``.
            StorageError: they cannot be written.
        """
        from fitgraph.compiler_bridge.deliver import write_folder, write_zip

        if self.as_zip:
            write_zip(self.path, top, files)
        else:
            write_folder(self.path, files)


def destination(output: Path | None, words: tuple[str, ...], *, as_zip: bool) -> Destination:
    """What the user named, or a path in ``build`` made of words."""
    name = _name("-".join(words)) + (".zip" if as_zip else "")
    return Destination(output or Path("build") / name, as_zip)


def _name(text: str) -> str:
    """The text without what has a meaning in a path."""
    return re.sub(r"[^\w.+-]+", "-", text).lstrip(".-") or "model"
