"""The real model files of the shared data, and what is known of them."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One row of the manifest: the file, its format and how often it uses each operator.

    Attributes:
        dtype: of its arithmetic, as the manifest says: ``int8``, ``int8(QDQ/Q)``, ``float32``...
        kind: ``network`` or ``single-op/unit test``.
    """

    path: Path
    format: str
    ops: Counter[str]
    error: str
    dtype: str
    kind: str


def known_models(shared_data: Path) -> list[KnownModel]:
    """All rows of ``models/manifest.csv``."""
    folder = shared_data / "models"
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        KnownModel(
            folder / row["file"],
            row["format"],
            _ops(row["ops"]),
            row["error"],
            row["dtype"],
            row["kind"],
        )
        for row in rows
    ]


def _ops(text: str) -> Counter[str]:
    """``CONV_2D:5 CUSTOM:Add2:1`` as counts by operator type."""
    pairs = (word.rpartition(":") for word in text.split())
    return Counter({name: int(count) for name, _, count in pairs})
