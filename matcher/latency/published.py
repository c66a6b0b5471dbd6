"""Published results of MLPerf Tiny, and the work of its benchmarks."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from fitgraph.matcher.latency.work import Work

SOURCE: Final = "MLPerf Tiny, closed division, rounds 0.5 to 1.3 (mlcommons/tiny_results)"

# Counted from kws_ref_model.tflite (mlcommons/tiny), the int8 ResNet of its image
# classification and the autoencoder of its anomaly detection (copies in SiliconLabs/mltk);
# visual wake words is MobileNet v1 0.25 on 96 x 96 x 3.
BENCHMARKS: Final = {
    "ad": Work(dense=264_192, outputs=1_672, operators=10),
    "ic": Work(
        convolution=12_058_624, narrow=442_368, dense=640, outputs=114_772, operators=16
    ),
    "kws": Work(
        convolution=2_048_000, narrow=320_000, depthwise=288_000, dense=768, outputs=72_088,
        operators=13,
    ),
    "vww": Work(
        convolution=6_193_152, narrow=497_664, depthwise=798_336, dense=512, outputs=231_812,
        operators=31,
    ),
}  # fmt: skip
# Half of the multiply-accumulates of visual wake words are of channels that are constant; the
# same boards take 0.49 to 0.55 of the time since X-CUBE-AI 8.1 and Plumerai 2023.05 drop them.
_LIVE_VWW: Final = Work(
    convolution=3_096_576,
    narrow=248_832,
    depthwise=399_168,
    dense=512,
    outputs=115_906,
    operators=31,
)


class CoreGroup(StrEnum):
    """Cores that take about as many cycles for the same work."""

    SCALAR = "scalar"
    DSP = "dsp"
    DUAL = "dual"
    VECTOR = "vector"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Published:
    """One result.

    Attributes:
        energy_uj: None where none was published.
    """

    board: str
    core: str
    group: CoreGroup
    clock_hz: float
    software: str
    is_float: bool
    benchmark: str
    work: Work
    latency_ms: float
    energy_uj: float | None

    @property
    def cycles(self) -> float:
        """Of one inference."""
        return self.latency_ms * 1e-3 * self.clock_hz


@cache
def published() -> tuple[Published, ...]:
    """All results of microcontrollers that compute by the core alone.

    Left out are accelerators, neural processors, FPGA designs and processors that run Linux: no
    core of theirs tells what they take.
    """
    text = files(__package__).joinpath("published.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return tuple(_result(row, name) for row in rows for name in BENCHMARKS if row[f"{name}_ms"])


def _result(row: dict[str, str], name: str) -> Published:
    is_live = row["live"] == "yes" and name == "vww"
    energy = row[f"{name}_uj"]
    return Published(
        board=row["board"],
        core=row["core"],
        group=CoreGroup(row["group"]),
        clock_hz=float(row["mhz"]) * 1e6,
        software=row["software"],
        is_float=row["format"] == "float32",
        benchmark=name,
        work=_LIVE_VWW if is_live else BENCHMARKS[name],
        latency_ms=float(row[f"{name}_ms"]),
        energy_uj=float(energy) if energy else None,
    )
