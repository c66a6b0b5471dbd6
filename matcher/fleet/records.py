"""A fleet, what is demanded of it, and a plan: frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field

from fitgraph.matcher.demand import NOTHING, Demand, Reserves, Sensor
from fitgraph.matcher.verdict import Verdict


@dataclass(frozen=True, slots=True)
class DeviceGroup:
    """Devices of one board that are alike.

    Attributes:
        board: the board's id.
        region: where the devices are, or an empty string.
        mounted: sensors besides those of the board.
        reserves: what else takes memory, in place of what the board's profile says.
        link: how updates reach them, or an empty string.
        shares_sram: whether models run one after the other in one arena, but for those that keep a
            state in it; else each has its own.
    """

    name: str
    board: str
    count: int
    region: str = ""
    mounted: tuple[Sensor, ...] = ()
    reserves: Reserves = field(default_factory=Reserves)
    link: str = ""
    shares_sram: bool = True


@dataclass(frozen=True, slots=True)
class FleetDemand:
    """A task that devices shall do.

    Attributes:
        models: names of those that do the task; variants of them count, too.
        where: the region that it is about; all devices for an empty string.
        minimum_accuracy: None where any will do.
        metric: words of the metric that accuracies are compared in; empty for the only one.
        share: of the devices there, above 0 and up to 1.
        asked: sensors, deadline and energy.
    """

    name: str
    task: str
    models: tuple[str, ...] = ()
    where: str = ""
    minimum_accuracy: float | None = None
    metric: str = ""
    share: float = 1.0
    asked: Demand = NOTHING

    def is_about(self, group: DeviceGroup) -> bool:
        """Whether devices of the group count."""
        return self.where in ("", group.region)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Devices, demands, and how they are to be planned.

    Attributes:
        accept: the worst verdict that a plan may rest on.
        waves: shares of the devices that have been reached after each wave, rising to 1; the
            first one is the canary.
    """

    name: str
    groups: tuple[DeviceGroup, ...]
    demands: tuple[FleetDemand, ...]
    runtime: str = "fitgraph-c"
    accept: Verdict = Verdict.FITS
    waves: tuple[float, ...] = (0.01, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A firmware that was built and proven.

    Attributes:
        sha256: of the firmware.
        proof: IRI.
    """

    sha256: str
    proof: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One model on devices of one group, for one demand.

    Attributes:
        model: its name.
        accuracy: None where none was measured that compares.
        flash_bytes: that it adds.
        sram_bytes: arena, stack and static data.
        artifact: built and proven on the very board, with just this reserved; None where there is
            none yet.
        build: the command that builds and proves it.
        metric: what the accuracy is of, or an empty string.
        reserves: bytes of memory regions that something else takes, other images too, where that is
            not what the board's profile says.
    """

    group: str
    demand: str
    board: str
    n_devices: int
    model: str
    model_sha256: str
    runtime: str
    verdict: Verdict
    accuracy: float | None
    flash_bytes: int
    sram_bytes: int
    artifact: Artifact | None
    build: str
    metric: str = ""
    reserves: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Devices that a demand is about and that do not get a model for it.

    Attributes:
        reason: one sentence.
        would_help: what would change that, or an empty string.
    """

    group: str
    demand: str
    n_devices: int
    reason: str
    would_help: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a demand is met: devices there, wanted and reached."""

    demand: str
    n_devices: int
    wanted: int
    reached: int


@dataclass(frozen=True, slots=True)
class WavePart:
    """Devices of one assignment that a wave reaches."""

    group: str
    demand: str
    n_devices: int


@dataclass(frozen=True, slots=True)
class Wave:
    """Devices that get their artifacts at the same time."""

    number: int
    is_canary: bool
    n_devices: int
    parts: tuple[WavePart, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which model goes on which devices, in which order, and what is left out.

    Attributes:
        gap: how far the plan may be from the best one, as a share of its cost; 0 is proven best.
        is_best: whether nothing better exists.
        notes: what was left aside, in sentences.
    """

    fleet: str
    assignments: tuple[Assignment, ...]
    exclusions: tuple[Exclusion, ...]
    coverage: tuple[Coverage, ...]
    waves: tuple[Wave, ...]
    gap: float
    is_best: bool
    notes: tuple[str, ...] = ()
