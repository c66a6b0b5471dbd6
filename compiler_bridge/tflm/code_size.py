"""How much flash the code of TFLM takes with the operators that a model uses: an estimate.

``registry/measurements/tflm-code-cortex-m4.tsv`` has a line for each runtime and operator, and for
the interpreter itself: bytes that linking it adds. They are solved for from the code sizes of 23
models linked for a Cortex-M4F (tflite-micro 90b983c2b, CMSIS-NN 99f736a6, GCC 12.2, kernels at
-O2, error strings stripped), whose sizes they give back within 3 %. ADD and PAD were linked
together alone, and share what both take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_CORE: Final = "core"
_MEASURED_CLASSES: Final = frozenset({"armv7e-m", "armv7e-m+fp", "armv7e-m+fpv5", "armv7e-m+fp.dp"})
# Hello_World with portable kernels takes 27,908 B for a Cortex-M0 and 19,632 B for an M4F: the most
# by which any model's code was larger on another core.
_OTHER_CLASSES_PERCENT: Final = 143


@dataclass(frozen=True, slots=True)
class CodeSize:
    """Bytes of code, and operators whose code was never measured (taken as the largest known)."""

    n_bytes: int
    unmeasured: tuple[str, ...]


def code_size(operators: Iterable[str], runtime: str, isa_class: str) -> CodeSize:
    """Code of the interpreter with kernels for these operators.

    Args:
        operators: types, as ``CONV_2D``; each counts once.
        runtime: ``tflm`` or ``tflm+cmsis-nn``.
        isa_class: other than the measured ones, code is taken as larger.
    """
    known, used = _sizes()[runtime], sorted(set(operators))
    largest = max(n_bytes for name, n_bytes in known.items() if name != _CORE)
    total = known[_CORE] + sum(known.get(name, largest) for name in used)
    percent = 100 if isa_class in _MEASURED_CLASSES else _OTHER_CLASSES_PERCENT
    return CodeSize(total * percent // 100, tuple(name for name in used if name not in known))


@cache
def _sizes() -> Mapping[str, Mapping[str, int]]:
    path = files("fitgraph.registry").joinpath("measurements", "tflm-code-cortex-m4.tsv")
    found: dict[str, dict[str, int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        runtime, operator, n_bytes = line.split("\t")
        found.setdefault(runtime, {})[operator] = int(n_bytes)
    return found
