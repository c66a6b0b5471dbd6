"""Which models there are to measure: ours, those of an installed package, and shared data."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import ClassVar

from benchmarks.records import ModelFile
from fitgraph.ontology.errors import FitgraphError

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = ("digits", "activity", "anomaly")
_WAKE_WORDS = "pymicro_wakeword/models"


class NoSuchModelError(FitgraphError):
    """A model was asked for that there is not."""

    code: ClassVar[str] = "no-such-model"


def shared_data() -> Path | None:
    """The folder of real models and other runtimes' figures, or None where there is none."""
    folder = Path(os.environ.get("FITGRAPH_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def example_models() -> list[ModelFile]:
    """Our networks in float; what their int8 variants are calibrated on lies beside them."""
    return [model_file(REPOSITORY / "examples" / name / f"{name}.onnx", name) for name in EXAMPLES]


def wake_word_models() -> list[ModelFile]:
    """The TFLite files of the package pymicro-wakeword; none where it is not installed."""
    try:
        folder = Path(str(distribution("pymicro-wakeword").locate_file(_WAKE_WORDS)))
    except PackageNotFoundError:
        return []
    return [model_file(path, path.stem) for path in sorted(folder.glob("*.tflite"))]


def reference_models(data: Path) -> list[ModelFile]:
    """The reference graph's models; what comes under two names is taken once, by the first."""
    paths = sorted((data / "reference_kg" / "models").glob("*.tflite"))
    return _once(model_file(path, path.stem.rstrip("_")) for path in paths)


def collected_models(data: Path, names: Mapping[str, str]) -> list[ModelFile]:
    """Files of the shared collection, those that it has.

    Args:
        names: by digest.
    """
    manifest = data / "models" / "manifest.csv"
    if not manifest.is_file():
        return []
    with manifest.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["sha256"] in names]
    paths = {row["sha256"]: data / "models" / row["file"] for row in rows}
    return [model_file(path, names[sha256]) for sha256, path in sorted(paths.items())]


def model_file(path: Path, name: str) -> ModelFile:
    """The record of a file."""
    return ModelFile(name, path, hashlib.sha256(path.read_bytes()).hexdigest())


def select(models: Sequence[ModelFile], wanted: Sequence[str]) -> list[ModelFile]:
    """Models whose name holds one of the texts; all where none is given.

    Raises:
        NoSuchModelError: a text is in no name.
    """
    for text in wanted:
        if not any(_holds(model, text) for model in models):
            raise NoSuchModelError(
                f"there is no model {text!r} to measure",
                hint=f"there are {', '.join(model.name for model in models)}",
            )
    return [one for one in models if not wanted or any(_holds(one, text) for text in wanted)]


def _holds(model: ModelFile, text: str) -> bool:
    return text.casefold() in model.name.casefold()


def _once(models: Iterable[ModelFile]) -> list[ModelFile]:
    first: dict[str, ModelFile] = {}
    for model in models:
        first.setdefault(model.sha256, model)
    return list(first.values())
