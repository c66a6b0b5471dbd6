"""Models against devices through their distinct needs and profiles: never pair by pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.choice import chosen, chosen_levels
from fitgraph.matcher.index.columns_of import Ints
from fitgraph.matcher.index.distinct import Distinct, distinct_needs
from fitgraph.matcher.index.levels import VERDICTS, Levels, levels, sram_margins
from fitgraph.matcher.index.needs import ELSEWHERE, Candidates, NeedColumns
from fitgraph.matcher.index.profiles import Profile, ProfileColumns
from fitgraph.matcher.verdict import Verdict

# Cells that are decided at a time, so that what is computed of them stays in a core's own cache.
_CELLS: Final = 1 << 17


@dataclass(frozen=True)
class Table:
    """Distinct needs of models against distinct profiles of devices.

    Attributes:
        needs: one row each, of shape rows x candidates.
        is_candidate: which of them are there, of the same shape.
        row_of: of shape models x ISA classes: the row that counts there.
        classes: names of the ISA classes, sorted; an empty string for one that is not known.
        profiles: one row each.
        class_of: of each profile, as a place in ``classes``.
        profile_of: of each device, as a place in ``profiles``.
    """

    needs: NeedColumns
    is_candidate: NDArray[np.bool_]
    row_of: NDArray[np.int32]
    classes: tuple[str, ...]
    profiles: ProfileColumns
    class_of: NDArray[np.int32]
    profile_of: NDArray[np.int32]

    def of_model(self, model: int) -> tuple[Levels, Ints]:
        """Level and SRAM margin of one model on each profile."""
        return self._decided(self.row_of[model, self.class_of], slice(None))

    def of_device(self, device: int) -> tuple[Levels, Ints]:
        """Level and SRAM margin of each model on one device."""
        profile = self.profile_of[device]
        return self._decided(self.row_of[:, self.class_of[profile]], slice(profile, profile + 1))

    def count(self) -> dict[Verdict, int]:
        """How many pairs of a model and a device have each verdict."""
        # Floats are multiplied several times as fast, and exact up to 2^53 devices.
        n_devices = np.bincount(self.profile_of, minlength=self.n_profiles).astype(np.float64)
        total = [0] * len(VERDICTS)
        for one in self.distinct:
            for part, found in _portions(one):
                for level in range(len(VERDICTS)):
                    devices = (found == level).astype(np.float64) @ n_devices[one.places]
                    total[level] += int(devices.astype(np.int64) @ one.n_models[part])
        return dict(zip(VERDICTS, total, strict=True))

    def blocks(self, n_devices: int | None = None) -> Iterator[tuple[int, Levels]]:
        """Levels of one model after the other on the first devices, all without a number."""
        devices = self.profile_of[:n_devices]
        for model in range(self.row_of.shape[0]):
            yield model, self.of_model(model)[0][devices]

    def with_needs(self, needs: Sequence[Mapping[str, Candidates]]) -> Table:
        """Other models against the same devices."""
        columns, is_candidate, row_of = _rows(needs, self.classes)
        return replace(self, needs=columns, is_candidate=is_candidate, row_of=row_of)

    @property
    def n_profiles(self) -> int:
        return len(self.class_of)

    @cached_property
    def distinct(self) -> tuple[Distinct, ...]:
        """Needs that no profile tells apart are one; by ISA class."""
        return tuple(distinct_needs(self))

    @property
    def n_cells(self) -> int:
        """Pairs of needs and profiles that all pairs come down to."""
        return sum(len(one.n_models) * len(one.places) for one in self.distinct)

    def _decided(
        self, rows: NDArray[np.int32], profiles: slice | NDArray[np.int32]
    ) -> tuple[Levels, Ints]:
        """Of rows and profiles place by place."""
        there, needs = self.profiles.at(profiles), self.needs.at(rows)
        choice = chosen(needs, self.is_candidate[rows], there)
        need = needs.at((np.arange(len(rows)), choice[: len(rows)]))
        return levels(need, there), sram_margins(need, there)


def _portions(one: Distinct) -> Iterator[tuple[slice, Levels]]:
    """Levels of distinct needs on the profiles of their class, some rows at a time."""
    step = max(1, _CELLS // max(1, len(one.places)))
    for start in range(0, len(one.n_models), step):
        part = slice(start, start + step)
        needs = one.needs.at((part, np.newaxis))
        yield part, chosen_levels(needs, one.is_candidate[part, np.newaxis], one.profiles)


def table_of(needs: Sequence[Mapping[str, Candidates]], profiles: Sequence[Profile]) -> Table:
    """The table of models by their needs, and of devices by their profiles."""
    distinct = sorted(set(profiles))
    place_of = {profile: place for place, profile in enumerate(distinct)}
    classes = tuple(sorted({profile.isa_class for profile in distinct}))
    return Table(
        *_rows(needs, classes),
        classes=classes,
        profiles=ProfileColumns.of(profile[1:] for profile in distinct),
        class_of=np.array([classes.index(one.isa_class) for one in distinct], dtype=np.int32),
        profile_of=np.array([place_of[one] for one in profiles], dtype=np.int32),
    )


def _rows(
    needs: Sequence[Mapping[str, Candidates]], classes: Sequence[str]
) -> tuple[NeedColumns, NDArray[np.bool_], NDArray[np.int32]]:
    """Distinct needs, which candidates are there, and the row of each model in each class."""
    rows: dict[Candidates, int] = {}
    row_of = [
        [rows.setdefault(one.get(isa) or one[ELSEWHERE], len(rows)) for isa in classes]
        for one in needs
    ]
    n_candidates = max(map(len, rows), default=1)
    padded = [(*some, *some[-1:] * (n_candidates - len(some))) for some in rows]
    columns = NeedColumns.of(row for some in padded for row in some)
    return (
        columns.at(np.arange(len(rows) * n_candidates).reshape(-1, n_candidates)),
        np.array(
            [[n < len(some) for n in range(n_candidates)] for some in rows], dtype=bool
        ).reshape(-1, n_candidates),
        np.array(row_of, dtype=np.int32).reshape(len(needs), len(classes)),
    )
