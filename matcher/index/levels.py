"""The decision of ``decide`` on arrays: levels of constraints, and the margin of SRAM.

A level says how far a constraint is from being shown; that of a pair is the worst of its
constraints, and stands for its verdict. Needs and profiles are broadcast against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.columns_of import MOST, Ints
from fitgraph.matcher.verdict import Constraint, Verdict

if TYPE_CHECKING:
    from fitgraph.matcher.index.needs import NeedColumns
    from fitgraph.matcher.index.profiles import ProfileColumns

PROVEN: Final = 0
UNPROVEN: Final = 1
OPEN: Final = 2
VIOLATED: Final = 3
#: Verdicts by level.
VERDICTS: Final = (Verdict.FITS, Verdict.LIKELY, Verdict.UNKNOWN, Verdict.NO)

Levels = NDArray[np.int8]
Truths = NDArray[np.bool_]


def level_of(constraint: Constraint) -> int:
    """The level of one constraint; see ``fitgraph.matcher.decide.combine``."""
    if constraint.satisfied is None:
        return OPEN
    if not constraint.satisfied:
        return VIOLATED
    return PROVEN if constraint.is_proven else UNPROVEN


def levels(need: NeedColumns, profile: ProfileColumns) -> Levels:
    """The level of each pair; of shape ``need`` x ``profile`` as numpy broadcasts them."""
    core = np.where(need.is_built, profile.core_if_built, profile.core).astype(np.int8)
    found = np.maximum(need.operators.astype(np.int8), core)
    np.maximum(found, _flash(need, profile), out=found)
    return np.maximum(found, _sram(need, profile), out=found)


def sram_margins(need: NeedColumns, profile: ProfileColumns) -> Ints:
    """What is left of SRAM, negative where it is short; ``MOST`` where that is not known."""
    is_sure = _holds(need, profile.sram_sure, profile.sram2_sure)
    sure = _margin(need, profile.sram_sure, profile.sram2_sure)
    figures = np.where(is_sure, sure, _margin(need, profile.sram, profile.sram2))
    is_broken = (need.floor_sram > profile.sram) & (need.is_built == 0)
    is_broken &= need.spread > profile.sram_total
    unknown = np.where(is_broken, profile.sram - need.floor_sram, MOST)
    known = (need.is_known == 1) & ~is_broken
    return np.where(profile.sram < 0, MOST, np.where(known, figures, unknown))


def _flash(need: NeedColumns, profile: ProfileColumns) -> Levels:
    return _memory(
        need,
        sure=need.flash <= profile.flash_sure,
        holds=need.flash <= profile.flash,
        is_broken=need.floor_flash > profile.flash,
        is_there=profile.flash >= 0,
        may_spread=np.False_,
    )


def _sram(need: NeedColumns, profile: ProfileColumns) -> Levels:
    return _memory(
        need,
        sure=_holds(need, profile.sram_sure, profile.sram2_sure),
        holds=_holds(need, profile.sram, profile.sram2),
        is_broken=need.floor_sram > profile.sram,
        is_there=profile.sram >= 0,
        may_spread=need.spread <= profile.sram_total,
    )


def _memory(
    need: NeedColumns,
    *,
    sure: Truths,
    holds: Truths,
    is_broken: Truths,
    is_there: Truths,
    may_spread: Truths | np.bool_,
) -> Levels:
    """The rule below, looked up: one look costs less than five comparisons."""
    bits = (need.is_built, need.is_shown, need.is_known, is_there)
    row = sum(bit.astype(np.uint8) << place for place, bit in enumerate(bits, start=3))
    cell = sure.view(np.uint8) | (holds.view(np.uint8) << 1) | (is_broken.view(np.uint8) << 2)
    cell |= may_spread.view(np.uint8) << 7
    return _RULE.take(cell | row)


def _rule(code: int) -> int:
    """A build decides; else a floor may say no; else a bound or an estimate hints.

    Args:
        code: a bit each for what ``_memory`` is told.
    """
    sure, holds, is_broken, is_built, is_shown, is_known, is_there, may_spread = (
        bool(code >> bit & 1) for bit in range(8)
    )
    if not is_there:
        return OPEN
    if is_broken and not is_built and not may_spread:
        return VIOLATED
    if not is_known:
        return OPEN
    if sure:
        return PROVEN if is_shown else UNPROVEN
    if holds:
        return UNPROVEN
    return VIOLATED if is_built and not may_spread else OPEN


_RULE: Final = np.array([_rule(code) for code in range(256)], dtype=np.int8)


def _holds(need: NeedColumns, largest: Ints, second: Ints) -> Truths:
    """Whether all lies in the largest region, or arena and rest in one each."""
    together = need.together <= largest
    arena_first = (need.arena <= largest) & (need.rest <= second)
    return together | arena_first | ((need.arena <= second) & (need.rest <= largest))


def _margin(need: NeedColumns, largest: Ints, second: Ints) -> Ints:
    """See ``memory_figures.of_sram``: the tighter region of the arrangement that it names."""
    together = largest - need.together
    arena_first = np.minimum(largest - need.arena, second - need.rest)
    rest_first = np.minimum(second - need.arena, largest - need.rest)
    split = np.where(arena_first >= 0, arena_first, rest_first)
    short = np.maximum(together, arena_first)
    return np.where(together >= 0, together, np.where(split >= 0, split, short))
