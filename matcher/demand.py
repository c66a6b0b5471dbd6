"""What somebody asks besides that a model runs: reserves, sensors, a deadline, an energy budget."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final

from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.placement import FLASH_KINDS, RAM_KINDS
from fitgraph.registry.board import Board, MemoryRegion, RegionKind

GIVEN: Final = "as given"


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor that a model's input comes from, or that is mounted on a device.

    Attributes:
        kind: ``microphone``, ``camera``, ``accelerometer``, ...
        rate_hz: samples or frames a second: at least, where demanded; None where nobody says.
        channels: of one sample; None where nobody says.
    """

    kind: str
    rate_hz: float | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True)
class Reserves:
    """Memory that something else takes; in place of what the board's profile says.

    Attributes:
        sram_bytes: of each RAM region; None leaves the profile's.
        flash_bytes: of each flash region, likewise.
        by_region: of regions by name, in place of both.
    """

    sram_bytes: int | None = None
    flash_bytes: int | None = None
    by_region: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no memory can be.

        Raises:
            InvalidDemandError: a reserve is negative.
        """
        given = {"SRAM": self.sram_bytes, "flash": self.flash_bytes, **self.by_region}
        for name, n_bytes in given.items():
            if n_bytes is not None and n_bytes < 0:
                raise InvalidDemandError(
                    f"the reserve of {name} is negative: {n_bytes:,} B",
                    hint="a reserve is what something else takes: 0 B or more",
                )

    def of(self, region: MemoryRegion) -> int | None:
        """Bytes reserved of a region; None where the profile decides."""
        if region.name in self.by_region:
            return self.by_region[region.name]
        return self._of_kind(region.kind)

    def _of_kind(self, kind: RegionKind) -> int | None:
        if kind in RAM_KINDS:
            return self.sram_bytes
        return self.flash_bytes if kind in FLASH_KINDS else None


@dataclass(frozen=True, slots=True)
class Demand:
    """Everything that is asked of a model on a board.

    Attributes:
        sensors: that the input comes from.
        mounted: sensors that devices have besides those of their board.
        deadline_ms: that an inference must end within; None for none.
        energy_uj: microjoules that an inference may take; None for no limit.
    """

    reserves: Reserves = Reserves()
    sensors: tuple[Sensor, ...] = ()
    mounted: tuple[Sensor, ...] = ()
    deadline_ms: float | None = None
    energy_uj: float | None = None

    def __post_init__(self) -> None:
        """Refuse what nothing can meet.

        Raises:
            InvalidDemandError: a deadline, budget, rate or number of channels is not above 0.
        """
        limits = {"deadline (ms)": self.deadline_ms, "energy (uJ)": self.energy_uj}
        for sensor in (*self.sensors, *self.mounted):
            limits |= {
                f"rate of the {sensor.kind} (Hz)": sensor.rate_hz,
                f"number of channels of the {sensor.kind}": sensor.channels,
            }
        for name, value in limits.items():
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise InvalidDemandError(
                    f"the {name} is {value:g}, and has to be above 0", hint="leave it out for none"
                )


#: That a model runs, and nothing else.
NOTHING: Final = Demand()


def with_reserves(board: Board, reserves: Reserves) -> Board:
    """The board with these reserves in place of its own; what exceeds a region takes all of it."""
    regions = tuple(_reserved(region, reserves.of(region)) for region in board.regions)
    return board if regions == board.regions else replace(board, regions=regions)


def check_regions(board: Board, reserves: Reserves) -> None:
    """Refuse a reserve of a region that the board lacks.

    Raises:
        InvalidDemandError: there is no such region.
    """
    names = {region.name for region in board.regions}
    for name in sorted(reserves.by_region.keys() - names):
        raise InvalidDemandError(
            f"{board.board_id} has no memory region {name!r}",
            hint=f"it has {', '.join(sorted(names)) or 'none that is known'}",
        )


def check_some_region(boards: Collection[Board], reserves: Reserves) -> None:
    """Refuse a reserve of a region that not one of several boards has.

    Raises:
        InvalidDemandError: none has it.
    """
    names = {region.name for board in boards for region in board.regions}
    for name in sorted(reserves.by_region.keys() - names):
        folded = {one.casefold(): one for one in sorted(names)}
        near = [folded[one] for one in get_close_matches(name.casefold(), folded, n=3)]
        raise InvalidDemandError(
            f"none of {len(boards):,} boards has a memory region {name!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "see fitgraph board show",
        )


def notes_on(board: Board, reserves: Reserves) -> tuple[str, ...]:
    """That reserves of regions which the board lacks take nothing of it."""
    lacking = reserves.by_region.keys() - {region.name for region in board.regions}
    return tuple(
        f"{board.board_id} has no memory region {name!r}: nothing of it is reserved"
        for name in sorted(lacking)
    )


def _reserved(region: MemoryRegion, n_bytes: int | None) -> MemoryRegion:
    if n_bytes is None:
        return region
    return replace(region, reserve_bytes=min(n_bytes, region.size_bytes), reserve_reason=GIVEN)
