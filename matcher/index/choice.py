"""Which of a model's footprints counts on a board, where several are as well known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.levels import Levels, Truths, levels, places
from fitgraph.matcher.index.needs import NeedColumns
from fitgraph.matcher.index.profiles import ProfileColumns


def chosen(needs: NeedColumns, is_candidate: Truths, profiles: ProfileColumns) -> NDArray[np.int8]:
    """The first candidate that can be placed, and the first where none can.

    Args:
        needs: with the candidates along the last axis; the others are broadcast against profiles.
        is_candidate: which are there, of the same shape.
    """
    first = needs.at((..., 0))
    shape = np.broadcast_shapes(first.flash.shape, profiles.core.shape)
    found = np.zeros(shape, dtype=np.int8)
    if not is_candidate[..., 1:].any():
        return found
    is_open = ~places(first, profiles)
    for number in range(1, is_candidate.shape[-1]):
        holds = places(needs.at((..., number)), profiles)
        takes = is_open & is_candidate[..., number] & holds
        found[takes] = number
        is_open &= ~takes
    return found


def chosen_levels(needs: NeedColumns, is_candidate: Truths, profiles: ProfileColumns) -> Levels:
    """Levels of what is chosen; see ``chosen``."""
    found = levels(needs.at((..., 0)), profiles)
    if not is_candidate[..., 1:].any():
        return found
    choice = chosen(needs, is_candidate, profiles)
    for number in range(1, is_candidate.shape[-1]):
        mine = choice == number
        if mine.any():
            found = np.where(mine, levels(needs.at((..., number)), profiles), found)
    return found
