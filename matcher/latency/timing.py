"""Tells time and energy of an inference as intervals: estimates by published results."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from fitgraph.matcher.contradiction import clocks_hz
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.latency.calibration import (
    Library,
    Setting,
    Told,
    calibration,
    told_cycles,
    told_joules,
)
from fitgraph.matcher.latency.published import SOURCE, CoreGroup
from fitgraph.matcher.latency.work import Work
from fitgraph.matcher.number_format import computes_floats
from fitgraph.matcher.timing import Interval
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.isa import ISA_CLASSES

#: Of a model under a runtime; None where it cannot be counted.
WorkOf = Callable[[ModelNeeds, str], Work | None]

# Units that a multiply-accumulate may weigh: of a narrow convolution as much as of a wide one at
# least and 13 instructions against 2 at most; of unknown kind that of a wide one in a tuned kernel
# at least, 24 instructions against 2 (depthwise layers of odd shape) at most.
_LEAST: Final = {"narrow": 1.0, "other": 0.5}
_MOST: Final = {"narrow": 6.5, "other": 12.0}
# Floats without an FPU: 85 instructions for 6.5 with one (see `number_format`).
_SOFT_FLOAT: Final = math.log(13)
_SOFT_FLOAT_SPREAD: Final = 0.4
# Of element types that nobody published: int16 and others.
_OTHER_TYPE_SPREAD: Final = 0.3

_LIBRARIES: Final = {
    "fitgraph-c": (Library.TUNED, Library.CMSIS_NN),
    "tflm": (Library.REFERENCE,),
    "tflm+cmsis-nn": (Library.CMSIS_NN,),
    "cmsis-nn": (Library.CMSIS_NN,),
}
_DUAL_ISSUE: Final = frozenset({"armv7e-m+fpv5", "armv7e-m+fp.dp"})
# Published boards by how the names of their microcontrollers begin.
_PARTS: Final = {
    "stm32l4r5": "NUCLEO-L4R5ZI",
    "stm32u575": "NUCLEO-U575ZI-Q",
    "stm32h7a3": "NUCLEO-H7A3ZI-Q",
    "r5f565n": "RX65N-Cloud-Kit",
}


@dataclass(frozen=True, slots=True)
class CalibratedTiming:
    """A ``Timing`` by published results.

    Attributes:
        work_of: counts the work of a model.
    """

    work_of: WorkOf

    def latency_ms(self, model: ModelNeeds, board: Board, runtime: str) -> Interval | None:
        """See ``Timing.latency_ms``; never a bound. It spans all clocks that sources tell."""
        work = self.work_of(model, runtime)
        clocks = clocks_hz(board)
        if work is None or clocks is None or runtime.startswith("ethos-u"):
            return None
        told = _cycles(model, board, runtime)
        scales = 1e3 / clocks[1], 1e3 / clocks[0]
        return _interval(work, told, scales, _basis(told[0][0], board))

    def energy_uj(self, model: ModelNeeds, board: Board, runtime: str) -> Interval | None:
        """See ``Timing.energy_uj``; of the core and its memory, never a bound."""
        work = self.work_of(model, runtime)
        if work is None or runtime.startswith("ethos-u"):
            return None
        part = _part(board)
        told = [_both(one, reach, *_joules(part)) for one, reach in _cycles(model, board, runtime)]
        words = "with energy of the part" if part else "with energy of other parts"
        return _interval(work, told, (1e-3, 1e-3), f"{_basis(told[0][0], board)}, {words}")


def group_of(board: Board) -> CoreGroup:
    """The group of cores that the board's is of."""
    known = ISA_CLASSES.get(board.isa_class or "")
    if known is None:
        return CoreGroup.OTHER
    if known.has_mve:
        return CoreGroup.VECTOR
    if "m7" in board.cpu_core.lower() or known.name in _DUAL_ISSUE:
        return CoreGroup.DUAL
    return CoreGroup.DSP if known.has_dsp else CoreGroup.SCALAR


def _group_under(library: Library, board: Board) -> CoreGroup:
    """Reference kernels use no vector unit."""
    group = group_of(board)
    is_idle = group is CoreGroup.VECTOR and library is Library.REFERENCE
    return CoreGroup.DUAL if is_idle else group


@cache
def _settled(setting: Setting) -> Told:
    return told_cycles(calibration().cycles, setting)


@cache
def _joules(part: str) -> tuple[Told, float]:
    setting = Setting(CoreGroup.OTHER, Library.TUNED, part=part)
    told = told_joules(calibration().joules, setting)
    return told, told.spread * calibration().energy_width


def _cycles(model: ModelNeeds, board: Board, runtime: str) -> list[tuple[Told, float]]:
    """What each library that the runtime may be like tells, and how far it reaches."""
    is_float = computes_floats(model)
    isa = ISA_CLASSES.get(board.isa_class or "")
    soft = _SOFT_FLOAT if is_float and isa is not None and not isa.has_fpu else 0.0
    more = _SOFT_FLOAT_SPREAD * bool(is_float and (isa is None or not isa.has_fpu))
    more += 0.0 if is_float or _is_int8(model) else _OTHER_TYPE_SPREAD
    found = []
    for library in _LIBRARIES.get(runtime, tuple(Library)):
        told = _settled(Setting(_group_under(library, board), library, is_float))
        shifted = Told(told.middle + soft, told.spread, told.boards, told.results)
        reach = calibration().width * math.hypot(told.spread, more)
        found.append((shifted, reach))
    return found


def _is_int8(model: ModelNeeds) -> bool:
    return not any("int16" in one.dtypes or "int4" in one.dtypes for one in model.operators)


def _part(board: Board) -> str:
    """The published board with the same microcontroller; an empty string for none."""
    name = board.mcu.lower()
    return next((one for start, one in _PARTS.items() if name.startswith(start)), "")


def _both(told: Told, reach: float, spent: Told, spent_reach: float) -> tuple[Told, float]:
    """Cycles times energy for a cycle; what is open of each does not hang together."""
    middle = told.middle + spent.middle
    return Told(middle, 0.0, told.boards, told.results), math.hypot(reach, spent_reach)


def _basis(told: Told, board: Board) -> str:
    """What was published of cores like the board's."""
    if not told.boards:
        return f"no result of a core like {board.cpu_core or 'this'}, so by ratios"
    return f"{told.results} results on {told.boards} boards with a like core"


def _interval(
    work: Work, told: list[tuple[Told, float]], scales: tuple[float, float], basis: str
) -> Interval:
    """What a unit takes, times the work, times the scale of either end."""
    units = calibration().units
    low = min(math.exp(one.middle - reach) for one, reach in told)
    high = max(math.exp(one.middle + reach) for one, reach in told)
    return Interval(
        low * units.of(work, **_LEAST) * scales[0],
        high * units.of(work, **_MOST) * scales[1],
        Evidence.ESTIMATE,
        f"{SOURCE}: {basis}",
    )
