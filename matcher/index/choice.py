"""Which of a model's footprints counts on a board, where several are as well known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.levels import VIOLATED, Levels, Truths, levels
from fitgraph.matcher.index.needs import NeedColumns
from fitgraph.matcher.index.profiles import ProfileColumns


def chosen(needs: NeedColumns, is_candidate: Truths, profiles: ProfileColumns) -> NDArray[np.int8]:
    """The first candidate of the best level.

    Args:
        needs: with the candidates along the last axis; the others are broadcast against profiles.
        is_candidate: which are there, of the same shape.
    """
    best = levels(needs.at((..., 0)), profiles)
    found = np.zeros(best.shape, dtype=np.int8)
    for number in range(1, is_candidate.shape[-1]):
        level = _level(needs, is_candidate, profiles, number)
        found[level < best] = number
        np.minimum(best, level, out=best)
    return found


def chosen_levels(needs: NeedColumns, is_candidate: Truths, profiles: ProfileColumns) -> Levels:
    """Levels of what is chosen; see ``chosen``."""
    best = levels(needs.at((..., 0)), profiles)
    if not is_candidate[..., 1:].any():
        return best
    for number in range(1, is_candidate.shape[-1]):
        np.minimum(best, _level(needs, is_candidate, profiles, number), out=best)
    return best


def _level(
    needs: NeedColumns, is_candidate: Truths, profiles: ProfileColumns, number: int
) -> Levels:
    """Levels of one candidate; the worst where it is not there."""
    level = levels(needs.at((..., number)), profiles)
    return np.where(is_candidate[..., number], level, np.int8(VIOLATED))
