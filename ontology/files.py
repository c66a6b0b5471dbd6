"""Where the ontology's files lie, inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent

#: The vocabulary, the module that the others build on first.
MODULES: Final = tuple(
    FOLDER / f"{name}.ttl"
    for name in ("core", "model", "hardware", "runtime", "description", "match", "build", "fleet")
)

#: What the vocabulary has to do with others, a file for each: to be loaded or left.
ALIGNMENTS: Final = tuple(sorted((FOLDER / "alignments").glob("*.ttl")))

#: Operators that others define, as concept schemes with the IRIs that the graph uses.
OPERATOR_SCHEMES: Final = tuple(FOLDER / "operators" / f"{name}.ttl" for name in ("onnx", "tflite"))
OPERATOR_LINKS: Final = FOLDER / "operators" / "links.ttl"

SHAPES_FOLDER: Final = FOLDER / "shapes"
QUERIES_FOLDER: Final = FOLDER / "queries"
COMPETENCY_FOLDER: Final = FOLDER / "competency"
#: The case studies of https://arxiv.org/abs/2202.09113, in our vocabulary and as published.
CASE_STUDIES_FOLDER: Final = FOLDER / "case_studies"

#: The JSON-LD context of the vocabulary, generated from it.
CONTEXT: Final = FOLDER / "contexts" / "fitgraph.jsonld"

#: Terms of each release, so that none is lost.
RELEASES_FOLDER: Final = FOLDER / "releases"
