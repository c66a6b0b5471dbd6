"""Variants and devices by the hundred thousand, made of an index of real ones."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitgraph.matcher.index.needs import NeedColumns
from fitgraph.matcher.index.profiles import ProfileColumns
from fitgraph.matcher.index.table import Table

#: What applications, radio stacks and bootloaders take of each region, in bytes.
RESERVES: Final = (0, 4_096, 8_192, 16_384, 24_576, 32_768, 65_536, 131_072)
_SIZES: Final = ("flash", "arena", "floor_flash", "floor_sram")


def scaled(table: Table, n_variants: int, n_devices: int, seed: int = 0) -> Table:
    """A table of variants, each with sizes of its own, and of devices with reserves of their own.

    Every variant is one of the models with flash and arena times 0.2 to 2; every device is one of
    the boards less one of ``RESERVES``.
    """
    draw = np.random.default_rng(seed)
    needs, row_of = _variants(table, n_variants, draw)
    profiles, class_of, profile_of = _devices(table, n_devices, draw)
    is_candidate = np.ones((len(needs.flash), 1), dtype=bool)
    return Table(needs, is_candidate, row_of, table.classes, profiles, class_of, profile_of)


def _variants(
    table: Table, count: int, draw: np.random.Generator
) -> tuple[NeedColumns, NDArray[np.int32]]:
    found = [np.unique(rows, return_inverse=True) for rows in table.row_of]
    width = max(len(rows) for rows, _ in found)
    base = np.array([np.resize(rows, width) for rows, _ in found])
    place = np.array([places for _, places in found])
    model = np.arange(count) % len(found)
    columns = table.needs.at((base[model].reshape(-1), 0))
    factors = np.repeat(draw.uniform(0.2, 2, (count, len(_SIZES))), width, axis=0)
    sizes = {
        name: np.where(values > 0, -(-(values * factor).astype(np.int64) // 16) * 16, values)
        for name, factor in zip(_SIZES, factors.T, strict=True)
        for values in [getattr(columns, name)]
    }
    sizes["together"] = sizes["arena"] + columns.rest
    changed = [
        sizes.get(name, values)[:, np.newaxis]
        for name, values in zip(NeedColumns.__dataclass_fields__, columns.arrays(), strict=True)
    ]
    rows = np.arange(count)[:, np.newaxis] * width + place[model]
    return NeedColumns(*changed), rows.astype(np.int32)


def _devices(
    table: Table, count: int, draw: np.random.Generator
) -> tuple[ProfileColumns, NDArray[np.int32], NDArray[np.int32]]:
    n_profiles, n_reserves = table.n_profiles, len(RESERVES)
    less = np.tile(RESERVES, n_profiles)
    repeated = table.profiles.at(np.repeat(np.arange(n_profiles), n_reserves))
    core, core_if_built, *sizes = repeated.arrays()
    left = [np.where(size > 0, np.maximum(size - less, 0), size) for size in sizes]
    boards = draw.choice(table.profile_of, count)
    devices = boards * n_reserves + draw.integers(0, n_reserves, count)
    return (
        ProfileColumns(core, core_if_built, *left),
        np.repeat(table.class_of, n_reserves),
        devices.astype(np.int32),
    )
