"""Arenas of the paper's models on a Cortex-M4F, which an interpreter on a PC cannot show.

``measurements/tflm-cortex-m4.tsv`` has a line for each model and runtime: SHA-256 of the file, name
of the runtime, bytes. They are the smallest arenas, in steps of 16 bytes, in which the models run;
TFLM with its reference kernels and with CMSIS-NN's was linked with each model and run in QEMU.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from fitgraph.registry.measurement import Measurement

MACHINE: Final = "cortex-m4f"
TOOLCHAIN: Final = "tflite-micro 90b983c2b, GCC 12.2, QEMU mps2-an386"


@cache
def known_arenas() -> tuple[Measurement, ...]:
    """All of them, by digest and runtime."""
    path = files("fitgraph.registry").joinpath("measurements", "tflm-cortex-m4.tsv")
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(
        Measurement(sha256, runtime, MACHINE, TOOLCHAIN, int(arena_bytes))
        for sha256, runtime, arena_bytes in lines
    )
