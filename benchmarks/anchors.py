"""What another runtime needs for the same models, and how far we are from it.

``anchors.csv`` (columns and how it was measured: ``anchors.md`` beside it) has TensorFlow Lite
Micro with CMSIS-NN in several builds. Each figure is held against the smallest of its builds, so
speed may come from one and flash from another.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.records import Build, Ratio, Summary
from fitgraph.ontology.errors import FitgraphError

# The core that a row was measured on, and the ISA class of its code.
CLASS_OF_CORE: Mapping[str, str] = {
    "cortex-m0": "armv6-m",
    "cortex-m4f": "armv7e-m+fp",
    "cortex-m7": "armv7e-m+fp.dp",
    "cortex-m55": "armv8.1-m.main+mve",
}

FIGURES = ("instructions", "arena_bytes", "code_bytes", "flash_bytes")

# Not `tflm reference`, which nobody ships, nor compilers that changed the models.
_RUNTIME = "tflm+cmsis-nn"
_INT8_ONLY = "tflm+cmsis-nn (INT8-only registrations)"
_COLUMNS = (
    "model",
    "sha256",
    "runtime",
    "core",
    "insns_per_inference",
    "arena_bytes",
    "code_flash_bytes",
    "model_bytes",
)


class AnchorsError(FitgraphError):
    """The file of anchors is not what it should be."""

    code: ClassVar[str] = "invalid-anchors"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The best figures of TFLM with CMSIS-NN for a model on a core.

    Attributes:
        flash_bytes: code and the model file.
        int8_only: whether one of the builds registers int8 kernels only, which makes it smaller.
    """

    model: str
    sha256: str
    core: str
    instructions: int
    arena_bytes: int
    code_bytes: int
    flash_bytes: int
    int8_only: bool


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Reads the file; builds of the same model and core become one anchor.

    Raises:
        AnchorsError: it cannot be read, lacks a column, or a figure is not a positive number.
    """
    groups: dict[tuple[str, str], list[Anchor]] = defaultdict(list)
    for line, row in enumerate(read_rows(path), start=2):
        if row.get("runtime") in (_RUNTIME, _INT8_ONLY):
            anchor = _anchor(row, f"{path}, line {line}")
            groups[anchor.sha256, anchor.core].append(anchor)
    return tuple(_best(builds) for builds in groups.values())


def read_rows(path: Path) -> list[dict[str, str]]:
    """All rows of the file as they stand, absent cells as empty text.

    Raises:
        AnchorsError: it cannot be read.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [
                {name: text or "" for name, text in row.items() if name is not None}
                for row in csv.DictReader(file)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AnchorsError(f"{path} cannot be read: {error}") from error


def ratios(builds: Iterable[Build], anchors: Iterable[Anchor]) -> tuple[Ratio, ...]:
    """Every figure of every build that an anchor has: ours through theirs."""
    by_key = {(a.sha256, CLASS_OF_CORE.get(a.core)): a for a in anchors}
    found = []
    for build in builds:
        anchor = by_key.get((build.sha256, build.isa_class))
        if anchor is not None:
            found += [_ratio(build, anchor, figure) for figure in FIGURES]
    return tuple(found)


def summarise(found: Sequence[Ratio]) -> tuple[Summary, ...]:
    """Geometric mean, best and worst ratio by core and figure."""
    groups: dict[tuple[str, str], list[Ratio]] = defaultdict(list)
    for one in found:
        groups[one.core, one.figure].append(one)
    return tuple(_summary(group) for _, group in sorted(groups.items(), key=_by_core_and_figure))


def geometric_mean(values: Sequence[float]) -> float:
    """The mean for ratios: that of r and 1/r is 1.

    Raises:
        ValueError: there is no value, or one is not positive.
    """
    if not values or min(values) <= 0:
        raise ValueError("a geometric mean needs positive values")
    return math.exp(math.fsum(math.log(value) for value in values) / len(values))


def _anchor(row: Mapping[str, str | None], where: str) -> Anchor:
    missing = [name for name in _COLUMNS if not row.get(name)]
    if missing:
        raise AnchorsError(f"{where} has no {', '.join(missing)}")
    code_bytes = _positive(row, "code_flash_bytes", where)
    return Anchor(
        model=str(row["model"]),
        sha256=str(row["sha256"]),
        core=str(row["core"]),
        instructions=_positive(row, "insns_per_inference", where),
        arena_bytes=_positive(row, "arena_bytes", where),
        code_bytes=code_bytes,
        flash_bytes=code_bytes + _positive(row, "model_bytes", where),
        int8_only=row["runtime"] == _INT8_ONLY,
    )


def _positive(row: Mapping[str, str | None], column: str, where: str) -> int:
    text = str(row[column])
    if not text.isdecimal() or int(text) == 0:
        raise AnchorsError(f"{where}: {column} is {text!r}, not a positive whole number")
    return int(text)


def _best(builds: Sequence[Anchor]) -> Anchor:
    return Anchor(
        model=builds[0].model,
        sha256=builds[0].sha256,
        core=builds[0].core,
        instructions=min(one.instructions for one in builds),
        arena_bytes=min(one.arena_bytes for one in builds),
        code_bytes=min(one.code_bytes for one in builds),
        flash_bytes=min(one.flash_bytes for one in builds),
        int8_only=any(one.int8_only for one in builds),
    )


def _ratio(build: Build, anchor: Anchor, figure: str) -> Ratio:
    ours, theirs = getattr(build, figure), getattr(anchor, figure)
    return Ratio(build.model, anchor.core, build.isa_class, figure, ours, theirs, ours / theirs)


def _by_core_and_figure(item: tuple[tuple[str, str], object]) -> tuple[int, int]:
    (core, figure), _ = item
    return list(CLASS_OF_CORE).index(core), FIGURES.index(figure)


def _summary(group: Sequence[Ratio]) -> Summary:
    worst = max(group, key=lambda one: one.ratio)
    return Summary(
        core=worst.core,
        figure=worst.figure,
        n_models=len(group),
        geometric_mean=geometric_mean([one.ratio for one in group]),
        best=min(one.ratio for one in group),
        worst=worst.ratio,
        worst_model=worst.model,
    )
