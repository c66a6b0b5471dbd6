"""Figures of accuracy, which compare only where they are of the same metric."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The lowest figure of each metric, by the digest of the model.
Figures = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Comparable:
    """Figures of one metric.

    Attributes:
        by_model: by the digest of the model; none where no metric is meant, or several are.
        metrics: that are meant; the figures are those of the one, where there is one.
        others: metrics that figures of these models are of, and that are not meant.
    """

    by_model: Mapping[str, float]
    metrics: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def metric(self) -> str:
        """What the figures are of, or an empty string."""
        return self.metrics[0] if len(self.metrics) == 1 else ""


def comparable(figures: Figures, digests: Iterable[str], metric: str = "") -> Comparable:
    """The figures of some models that compare.

    Args:
        metric: words that the one metric has; where one is called just so, it alone is meant.
            Nothing means whatever they have, if that is one.
    """
    some = {digest: figures.get(digest, {}) for digest in digests}
    known = sorted({name for of_model in some.values() for name in of_model})
    wanted = set(_words(metric))
    meant = [name for name in known if name.casefold() == metric.casefold()] or [
        name for name in known if wanted <= set(_words(name))
    ]
    one = meant[0] if len(meant) == 1 else None
    found = {digest: of[one] for digest, of in some.items() if one is not None and one in of}
    return Comparable(found, tuple(meant), tuple(name for name in known if name not in meant))


def _words(metric: str) -> list[str]:
    return re.findall(r"[\w-]+", metric.casefold())
