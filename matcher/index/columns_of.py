"""Frozen columns: one array a field, indexed and broadcast together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from types import EllipsisType
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
#: What numpy takes as an index along one axis.
Place: TypeAlias = int | slice | EllipsisType | NDArray[np.integer] | NDArray[np.bool] | None
Places: TypeAlias = Place | tuple[Place, ...]

#: No figure of a model or device is larger, and no sum of three leaves 64 bits.
MOST: int = 1 << 58
#: What there is of a region that is not there: nothing fits, and no sum leaves 64 bits.
NOTHING_THERE: int = -MOST


@dataclass(frozen=True, slots=True)
class Columns:
    """Fields are arrays of the same shape."""

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]]) -> Self:
        """Columns of rows whose values stand in the order of the fields."""
        names = [field.name for field in fields(cls)]
        table = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, len(names))
        return cls(*np.ascontiguousarray(np.clip(table, NOTHING_THERE, MOST).T))

    def at(self, index: Places) -> Self:
        """The same places of every column, as numpy's indexing says."""
        return type(self)(*(column[index] for column in self.arrays()))

    def arrays(self) -> tuple[Ints, ...]:
        """The columns in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self))
