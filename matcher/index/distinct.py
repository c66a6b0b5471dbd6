"""Needs that no profile of an ISA class tells apart, taken together.

A need matters only by which capacities it exceeds. So its place among the capacities stands for
it, and models collapse to few distinct needs however many figures they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.columns_of import NOTHING_THERE, Ints
from fitgraph.matcher.index.needs import NeedColumns
from fitgraph.matcher.index.profiles import ProfileColumns

if TYPE_CHECKING:
    from fitgraph.matcher.index.table import Table

_MOST_KEYS: Final = 1 << 62
#: Four capacities of each profile have places of 16 bits.
_MOST_RANKS: Final = 5_000
_FLASH: Final = ("flash_sure", "flash", "floor_flash")
_SRAM: Final = (
    "sram_sure", "sram2_sure", "sram", "sram2",
    "arena", "rest", "together", "floor_sram",
)  # fmt: skip
_SPREAD: Final = ("sram_total", "spread")


@dataclass(frozen=True, slots=True)
class Distinct:
    """Distinct needs of the models in one ISA class, and the profiles of the class.

    Sizes are places among the capacities: the same comparisons hold, on numbers of 16 bits.

    Attributes:
        needs: of shape distinct needs x candidates.
        n_models: that have each.
        places: of the profiles in the table.
    """

    needs: NeedColumns
    is_candidate: NDArray[np.bool_]
    n_models: Ints
    profiles: ProfileColumns
    places: NDArray[np.int32]


def distinct_needs(table: Table) -> Iterator[Distinct]:
    """Distinct needs by ISA class."""
    for number in range(len(table.classes)):
        places = np.flatnonzero(table.class_of == number).astype(np.int32)
        rows, counts = np.unique(table.row_of[:, number], return_counts=True)
        if not len(rows):
            continue
        profiles = table.profiles.at(places)
        needs, is_candidate = _ranked(table.needs.at(rows), profiles), table.is_candidate[rows]
        columns = [column for array in needs.arrays() for column in array.T]
        key = _packed([*columns, *is_candidate.T.astype(np.int64)])
        _, first, kind = np.unique(key, return_index=True, return_inverse=True)
        n_models = np.bincount(kind.reshape(-1), weights=counts).astype(np.int64)
        yield Distinct(
            needs.at(first), is_candidate[first], n_models, _ranked(profiles, profiles), places
        )


_Some = TypeVar("_Some", NeedColumns, ProfileColumns)


def _ranked(columns: _Some, profiles: ProfileColumns) -> _Some:
    """The columns with sizes as places among the capacities; no region has the place -1."""
    found: list[Ints] = []
    for field, array in zip(fields(columns), columns.arrays(), strict=True):
        capacities = _capacities(profiles, field.name)
        ranks = array if capacities is None else np.searchsorted(capacities, array) - 1
        found.append(ranks.astype(np.int16 if len(profiles.core) < _MOST_RANKS else np.int64))
    return type(columns)(*found)


def _capacities(profiles: ProfileColumns, column: str) -> Ints | None:
    """What sizes of a column are compared with, least first; None of what is no size."""
    if column in _FLASH:
        found = [profiles.flash_sure, profiles.flash]
    elif column in _SRAM:
        found = [getattr(profiles, name) for name in _SRAM[:4]]
    elif column in _SPREAD:
        found = [profiles.sram_total]
    else:
        return None
    return np.unique(np.concatenate([[NOTHING_THERE], *found]))


def _packed(parts: Sequence[Ints]) -> Ints:
    """One number for each combination of values."""
    key, n_keys = np.zeros(len(parts[0]), dtype=np.int64), 1
    for part in parts:
        place = part.astype(np.int64) - int(part.min())
        count = int(place.max()) + 1
        if n_keys * count > _MOST_KEYS:
            values, key = np.unique(key, return_inverse=True)
            key, n_keys = key.reshape(-1).astype(np.int64), len(values)
        key, n_keys = key * count + place, n_keys * count
    return key
