"""A kept model as a file, for what works on files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fitgraph.ontology.errors import FitgraphError


@contextmanager
def model_as_file(content: bytes, name: str) -> Iterator[Path]:
    """An ONNX file in a folder of its own, which is removed in the end.

    Errors name the model, where they would name a file that nobody knows.
    """
    with tempfile.TemporaryDirectory(prefix="fitgraph-model-") as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(content)
        try:
            yield path
        except FitgraphError as error:
            error.message = error.message.replace(str(path), name)
            error.args = (error.message,)
            raise
