"""What random cases are drawn with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

MAX_ELEMENTS = 1500


class Draws:
    """Choices that a generator makes."""

    random: np.random.Generator

    def chance(self, p: float) -> bool:
        return bool(self.random.random() < p)

    def between(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def pick(self, options: Sequence[Any]) -> Any:
        return options[int(self.random.integers(len(options)))]

    def shape(self, rank: int, largest: int = 7) -> tuple[int, ...]:
        while True:
            sizes = tuple(self.between(1, largest) for _ in range(rank))
            if math.prod(sizes) <= MAX_ELEMENTS:
                return sizes
