"""Needs that no profile of an ISA class tells apart, taken together.

A need matters only by which capacities it exceeds. So its place among the capacities stands for
it, and models collapse to few distinct needs however many figures they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.columns_of import Ints
from fitgraph.matcher.index.needs import NeedColumns
from fitgraph.matcher.index.profiles import ProfileColumns

if TYPE_CHECKING:
    from fitgraph.matcher.index.table import Table

_MOST_KEYS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Distinct:
    """Distinct needs of the models in one ISA class.

    Attributes:
        rows: of the table's needs, one for each that is distinct.
        n_models: that have it.
        profiles: of the class, as places in the table's.
    """

    rows: NDArray[np.int32]
    n_models: Ints
    profiles: NDArray[np.int32]


def distinct_needs(table: Table) -> Iterator[Distinct]:
    """Distinct needs by ISA class."""
    for number in range(len(table.classes)):
        profiles = np.flatnonzero(table.class_of == number).astype(np.int32)
        rows, counts = np.unique(table.row_of[:, number], return_counts=True)
        if not len(rows) or not len(profiles):
            continue
        key = _keys(table, rows, table.profiles.at(profiles))
        _, first, kind = np.unique(key, return_index=True, return_inverse=True)
        n_models = np.bincount(kind.reshape(-1), weights=counts).astype(np.int64)
        yield Distinct(rows[first], n_models, profiles)


def _keys(table: Table, rows: NDArray[np.int32], profiles: ProfileColumns) -> Ints:
    """A number for each row; rows that no profile tells apart have the same."""
    parts = []
    for number in range(table.is_candidate.shape[1]):
        parts += [table.is_candidate[rows, number].astype(np.int64)]
        parts += _parts(table.needs.at((rows, number)), profiles)
    return _packed(parts)


def _parts(need: NeedColumns, profiles: ProfileColumns) -> list[Ints]:
    flash = _capacities(profiles.flash_sure, profiles.flash, profiles.flash_linked)
    ram = _capacities(
        profiles.sram_sure,
        profiles.sram2_sure,
        profiles.sram,
        profiles.sram2,
        profiles.sram_linked,
        profiles.sram2_linked,
    )
    return [
        need.operators,
        need.is_built,
        need.is_shown,
        need.is_known,
        *(np.searchsorted(flash, one) for one in (need.flash, need.floor_flash)),
        *(
            np.searchsorted(ram, one)
            for one in (need.arena, need.rest, need.arena + need.rest, need.floor_sram)
        ),
    ]


def _capacities(*columns: Ints) -> Ints:
    return np.unique(np.concatenate(columns))


def _packed(parts: Sequence[Ints]) -> Ints:
    """One number for each combination of values."""
    key, n_keys = np.zeros(len(parts[0]), dtype=np.int64), 1
    for part in parts:
        _, place = np.unique(part, return_inverse=True)
        count = int(place.max()) + 1
        if n_keys * count > _MOST_KEYS:
            values, key = np.unique(key, return_inverse=True)
            key, n_keys = key.reshape(-1).astype(np.int64), len(values)
        key, n_keys = key * count + place.reshape(-1), n_keys * count
    return key
