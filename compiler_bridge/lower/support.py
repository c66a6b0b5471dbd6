"""Which operators a lowering takes: the table behind ``supported operators`` everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fitgraph.registry.model_graph import DType


@dataclass(frozen=True, slots=True)
class Lowering:
    """How one operator type is lowered.

    Attributes:
        lower: writes the steps; takes the operator and the context of its operator set.
        dtypes: dtypes of the data (first) input or output that it takes.
        max_version: newest operator version whose semantics are known to be those lowered.
    """

    lower: Callable[[Any, Any], None]
    dtypes: frozenset[DType]
    max_version: int


def lowering(lower: Callable[[Any, Any], None], *dtypes: DType, max_version: int) -> Lowering:
    """A table entry."""
    return Lowering(lower, frozenset(dtypes), max_version)


LoweringTable = Mapping[str, Lowering]
