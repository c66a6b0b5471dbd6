"""Cycles for a unit of work, and energy for a cycle, told from published results that are alike.

Each result says how many cycles one unit of work took. Results of the same core and the same
kernel library count most; others are brought near by known ratios and count less. What comes of it
is a middle and a spread in logarithms, and the spread grows with what is not alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Final

from fitgraph.matcher.latency.published import CoreGroup, Published, published
from fitgraph.matcher.latency.work import Work

#: Share of boards left out that an interval is to hold, with a margin to the nine tenths promised.
WANTED: Final = 0.95


# A multiply-accumulate of a convolution whose channels do not go by four takes 6.5 instructions of
# TFLM with CMSIS-NN on a Cortex-M4, against 2.
_NARROW: Final = 3.0


class Library(StrEnum):
    """Kinds of kernels."""

    REFERENCE = "reference kernels"
    CMSIS_NN = "CMSIS-NN"
    TUNED = "tuned kernels"


@dataclass(frozen=True, slots=True)
class Setting:
    """What runs the work.

    Attributes:
        part: of the microcontroller; an empty string where it is not known.
    """

    group: CoreGroup
    library: Library
    is_float: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """How much work of each kind weighs, one multiply-accumulate of a convolution as 1."""

    depthwise: float
    dense: float
    outputs: float
    operators: float = 400.0

    def of(self, work: Work, narrow: float = _NARROW, other: float = 1.0) -> float:
        """Units of some work.

        Args:
            narrow: weight of a multiply-accumulate of a narrow convolution.
            other: weight of one of unknown kind.
        """
        return (
            work.convolution
            + narrow * work.narrow
            + self.depthwise * work.depthwise
            + self.dense * work.dense
            + self.outputs * work.outputs
            + self.operators * work.operators
            + other * work.other
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """What one result says, as a logarithm."""

    board: str
    setting: Setting
    value: float


@dataclass(frozen=True, slots=True)
class Told:
    """What alike results tell.

    Attributes:
        middle: logarithm of cycles for a unit, or of nanojoules for a cycle.
        spread: its standard deviation for a board that was not seen.
        boards: that were published of the same group of cores (of the part, for energy).
        results: likewise.
    """

    middle: float
    spread: float
    boards: int
    results: int


# Natural logarithms of instructions for the same work against those of a Cortex-M4, counted in an
# emulator: Cortex-M0 2.7 to 3.8 times, RV32IMC 2.7 times; Cortex-M55 0.24 times; the dual issue of
# a Cortex-M7 as published. Cores that nobody described lie between.
_GROUP_SHIFT: Final = {
    CoreGroup.SCALAR: math.log(3.0),
    CoreGroup.DSP: 0.0,
    CoreGroup.DUAL: math.log(0.65),
    CoreGroup.VECTOR: math.log(0.35),
    CoreGroup.OTHER: math.log(1.6),
}
# Reference kernels against CMSIS-NN: 3 to 4 times, as published of one Cortex-M4 board.
_LIBRARY_SHIFT: Final = {
    Library.REFERENCE: math.log(3.5),
    Library.CMSIS_NN: math.log(1.2),
    Library.TUNED: 0.0,
}
# Floats against int8 with an FPU: as published of three boards. Without one see `timing`.
_FLOAT_SHIFT: Final = math.log(2.6)
# How much a result counts that is of another group, library or number format.
_OTHER_GROUP: Final = 0.1
_OTHER_LIBRARY: Final = 0.4
_OTHER_FORMAT: Final = 0.2
# Standard deviations of what the ratios leave open.
_BETWEEN_BOARDS: Final = 0.2
_UNSEEN_GROUP: Final = 0.5
_UNSEEN_LIBRARY: Final = 0.25
_UNSEEN_PART: Final = 0.8
# What weights are sought among: coarse, for four benchmarks tell no more.
_DEPTHWISE: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_DENSE: Final = (0.8, 1.0, 1.25, 1.5, 2.0, 3.0)
_OUTPUTS: Final = (2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 25.0)
# Instructions of TFLM with CMSIS-NN on a Cortex-M4, as counted in an emulator: 2 for one
# multiply-accumulate of a convolution, 8 of a depthwise one, some 15 for each value written.
# Results must speak clearly to move the weights from there, for few tell the kinds apart.
_COUNTED: Final = Units(depthwise=4.0, dense=1.0, outputs=8.0)
_TRUST: Final = 2.0

_LIBRARIES: Final = {
    "tflm": Library.REFERENCE,
    "microtvm+cmsis-nn": Library.CMSIS_NN,
    "onnc+cmsis-nn": Library.CMSIS_NN,
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted on some results.

    Attributes:
        cycles: logarithms of cycles for a unit of work.
        joules: logarithms of nanojoules for a cycle.
        width: how many spreads an interval reaches to either side, for latency.
        energy_width: likewise for energy.
    """

    units: Units
    cycles: tuple[Sample, ...]
    joules: tuple[Sample, ...]
    width: float
    energy_width: float


@cache
def calibration() -> Calibration:
    """On all published results."""
    return calibrated(published())


def calibrated(results: Sequence[Published]) -> Calibration:
    """Fitted on these results; the widths on boards of theirs that are left out in turn."""
    units = fitted_units(results)
    cycles, joules = cycle_samples(results, units), joule_samples(results)
    width = _width(cycles, told_cycles)
    return Calibration(units, cycles, joules, width, _width(joules, told_joules))


def setting_of(result: Published) -> Setting:
    """Of a published result."""
    library = _LIBRARIES.get(result.software, Library.TUNED)
    return Setting(result.group, library, result.is_float, result.board)


def cycle_samples(results: Iterable[Published], units: Units) -> tuple[Sample, ...]:
    """What results say of cycles for a unit."""
    return tuple(
        Sample(one.board, setting_of(one), math.log(one.cycles / units.of(one.work)))
        for one in results
    )


def joule_samples(results: Iterable[Published]) -> tuple[Sample, ...]:
    """What results say of nanojoules for a cycle."""
    return tuple(
        Sample(one.board, setting_of(one), math.log(one.energy_uj * 1e3 / one.cycles))
        for one in results
        if one.energy_uj is not None
    )


def fitted_units(results: Sequence[Published]) -> Units:
    """The weights by which the benchmarks of each board and software agree best."""
    return min(
        (Units(*weights) for weights in product(_DEPTHWISE, _DENSE, _OUTPUTS)),
        key=lambda units: _disagreement(results, units),
    )


def _disagreement(results: Sequence[Published], units: Units) -> float:
    """Sum of squares around the mean of each board and software."""
    found: dict[tuple[str, str, bool], list[float]] = {}
    for one in results:
        level = math.log(one.cycles / units.of(one.work))
        found.setdefault((one.board, one.software, one.is_float), []).append(level)
    moved = sum(
        math.log(getattr(units, kind) / getattr(_COUNTED, kind)) ** 2
        for kind in ("depthwise", "dense", "outputs")
    )
    return _TRUST * moved + sum(
        sum((value - sum(some) / len(some)) ** 2 for value in some) for some in found.values()
    )


def told_cycles(samples: Sequence[Sample], setting: Setting) -> Told:
    """Cycles for a unit of work in a setting."""
    alike = [one for one in samples if one.setting.group is setting.group]
    boards = {one.board for one in alike}
    has_library = any(one.setting.library is setting.library for one in alike)
    unseen = _BETWEEN_BOARDS**2
    unseen += _UNSEEN_GROUP**2 / (1 + 2 * len(boards))
    unseen += 0.0 if has_library else _UNSEEN_LIBRARY**2
    middle, variance = _mean(samples, lambda one: _cycle_weight(one, setting), _shift(setting))
    return Told(middle, math.sqrt(variance + unseen), len(boards), len(alike))


def told_joules(samples: Sequence[Sample], setting: Setting) -> Told:
    """Nanojoules for a cycle of a part."""
    own = [one for one in samples if setting.part and one.setting.part == setting.part]
    unseen = _BETWEEN_BOARDS**2 + (0.0 if own else _UNSEEN_PART**2)
    middle, variance = _mean(own or samples, lambda _: 1.0, None)
    return Told(middle, math.sqrt(variance + unseen), 1 if own else 0, len(own))


def _cycle_weight(one: Sample, setting: Setting) -> float:
    other = one.setting
    return (
        (1.0 if other.group is setting.group else _OTHER_GROUP)
        * (1.0 if other.library is setting.library else _OTHER_LIBRARY)
        * (1.0 if other.is_float == setting.is_float else _OTHER_FORMAT)
    )


def _shift(setting: Setting) -> float:
    return (
        _GROUP_SHIFT[setting.group]
        + _LIBRARY_SHIFT[setting.library]
        + _FLOAT_SHIFT * setting.is_float
    )


def _mean(
    samples: Sequence[Sample], weight: Callable[[Sample], float], shift: float | None
) -> tuple[float, float]:
    """Mean and variance, every board counting as much as the next one of its like.

    Args:
        shift: of what is told; samples are moved from their own to it. None to let them be.
    """
    count = Counter(one.board for one in samples)
    weights = [weight(one) / count[one.board] for one in samples]
    values = [
        one.value if shift is None else one.value - _shift(one.setting) + shift for one in samples
    ]
    total = sum(weights)
    mean = sum(w * v for w, v in zip(weights, values, strict=True)) / total
    variance = sum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True)) / total
    return mean, variance


def _width(samples: Sequence[Sample], told: Callable[[Sequence[Sample], Setting], Told]) -> float:
    """Spreads that hold the wanted share of results of boards that are left out in turn."""
    misses = []
    for board in sorted({one.board for one in samples}):
        rest = [one for one in samples if one.board != board]
        for one in samples if rest else ():
            if one.board == board:
                found = told(rest, one.setting)
                misses.append(abs(one.value - found.middle) / found.spread)
    place = math.ceil(WANTED * len(misses)) - 1
    # Never less than normal deviates would take: few boards may agree by chance.
    return max(1.96, sorted(misses)[place]) if misses else 3.0
