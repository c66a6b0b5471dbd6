"""A model file on disk, by its name and content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fitgraph.registry.blobs import digest


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that holds a model.

    Attributes:
        name: what the model is called.
    """

    name: str
    path: Path
    sha256: str


def model_file(path: Path) -> ModelFile:
    """The file, named after itself without its suffix.

    Raises:
        InvalidModelError: it is no regular file of a possible size.
    """
    # Who asks the graph for what it knows of files need not wait for what reads them.
    from fitgraph.registry.read_model import check_model_file  # noqa: PLC0415

    check_model_file(path)
    return ModelFile(path.stem, path, digest(path))
