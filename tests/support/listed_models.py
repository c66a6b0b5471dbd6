"""The shared data's model files as parameters of tests: listed before any test runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.model_files import KnownModel, known_models

# Where the fixture `shared_data` looks, which no parameter can ask.
FOLDER = Path(
    os.environ.get("FITGRAPH_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared/data"
)

# ONNX files that no reader takes: opset 1; operators out of order.
UNREADABLE = ("onnx_mnist-22239f3f", "network-253ceac6")


def listed(wanted: Callable[[KnownModel], bool]) -> list[KnownModel]:
    """Rows of the manifest that can be read, in its order; none where there is no shared data."""
    if not FOLDER.is_dir():
        return []
    readable = (
        model
        for model in known_models(FOLDER)
        if not model.error and short_name(model.path) not in UNREADABLE
    )
    return [model for model in readable if wanted(model)]


def parameters(models: list[KnownModel]) -> list[object]:
    """One parameter a model, named by its file; one that skips where there is no shared data."""
    if not FOLDER.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no shared data at {FOLDER}"))]
    return [pytest.param(model, id=short_name(model.path)) for model in models]


def short_name(path: Path) -> str:
    """``okay_nabu-0689abe1`` for ``esphome+models__0689abe1_okay_nabu.tflite``."""
    digest, _, name = path.stem.partition("__")[2].partition("_")
    return f"{name}-{digest}"
