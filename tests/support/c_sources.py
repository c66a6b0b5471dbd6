"""Generated C as files, and the warnings that it is compiled with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fitgraph.compiler_bridge.generated import GeneratedCode

WARNINGS = (
    *("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wcast-align", "-Wshadow"),
    *("-Wstrict-prototypes", "-Wundef", "-Werror"),
)


def write_sources(code: GeneratedCode, folder: Path) -> Iterator[str]:
    """Writes the sources; gives the names of those to compile."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in code.files.items():
        (folder / name).write_text(text, encoding="utf-8")
        if name.endswith(".c"):
            yield name
