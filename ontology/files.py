"""Where the ontology's files lie, inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent

#: The vocabulary, the module that the others build on first.
MODULES: Final = tuple(
    FOLDER / f"{name}.ttl" for name in ("core", "model", "hardware", "runtime", "build")
)

SHAPES_FOLDER: Final = FOLDER / "shapes"
QUERIES_FOLDER: Final = FOLDER / "queries"
COMPETENCY_FOLDER: Final = FOLDER / "competency"
