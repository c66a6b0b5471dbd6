"""What the options of `match` and `explain` ask: reserves, sensors, limits, policies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.matcher.errors import InvalidDemandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fitgraph.matcher.demand import Demand, Reserves, Sensor
    from fitgraph.matcher.match import Question
    from fitgraph.matcher.timing import Timing
    from fitgraph.registry.store_base import Store

# A kind, and after colons a rate and a number of channels.
_SENSOR = re.compile(r"([^:]+)(?::(-?\d+(?:\.\d+)?)?(?::(-?\d+))?)?")

ReserveSram = Annotated[
    list[str] | None,
    typer.Option(help="Bytes of each RAM region that something else takes, or REGION=BYTES."),
]
ReserveFlash = Annotated[
    list[str] | None,
    typer.Option(help="Bytes of each flash region that something else takes, or REGION=BYTES."),
]
SensorsWanted = Annotated[
    list[str] | None,
    typer.Option("--sensor", help="A sensor that the input comes from: KIND[:HZ[:CHANNELS]]."),
]
SensorsMounted = Annotated[
    list[str] | None,
    typer.Option("--mounted", help="A sensor besides those of the board: KIND[:HZ[:CHANNELS]]."),
]
DeadlineMs = Annotated[float | None, typer.Option(help="Milliseconds for an inference.")]
EnergyUj = Annotated[float | None, typer.Option(help="Microjoules for an inference.")]
PolicyFolder = Annotated[
    Path | None,
    typer.Option("--policies", help="A folder of SHACL shapes that no match may break."),
]


def demand_of(
    reserve_sram: Sequence[str] | None,
    reserve_flash: Sequence[str] | None,
    sensors: Sequence[str] | None,
    mounted: Sequence[str] | None,
    deadline_ms: float | None,
    energy_uj: float | None,
) -> Demand:
    """The options as a demand.

    Raises:
        InvalidDemandError: a number is none, is negative, or is above 0 where it must be.
    """
    from fitgraph.matcher.demand import Demand, Reserves

    sram, ram_regions = _reserves("--reserve-sram", reserve_sram or ())
    flash, flash_regions = _reserves("--reserve-flash", reserve_flash or ())
    return Demand(
        Reserves(sram, flash, {**ram_regions, **flash_regions}),
        tuple(_sensor("--sensor", text) for text in sensors or ()),
        tuple(_sensor("--mounted", text) for text in mounted or ()),
        deadline_ms,
        energy_uj,
    )


def question_of(
    store: Store, demand: Demand, policies: Path | None, timing: Timing | None = None
) -> Question:
    """What is asked, once its words are known to mean something.

    Raises:
        InvalidDemandError: there is no such kind of sensor, or a policy is no shape.
    """
    from fitgraph.matcher.match import Question
    from fitgraph.matcher.policies import load_policies

    wanted = {sensor.kind for sensor in (*demand.sensors, *demand.mounted)}
    if wanted:
        _check_kinds(store, wanted)
    return Question(demand, None if policies is None else load_policies(policies), timing)


def _check_kinds(store: Store, wanted: Iterable[str]) -> None:
    from difflib import get_close_matches

    from fitgraph.matcher.columns import sensor_kinds

    known = sensor_kinds(store)
    for kind in sorted(wanted):
        if kind in known:
            continue
        near = get_close_matches(kind, known, n=2)
        raise InvalidDemandError(
            f"there is no kind of sensor {kind!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}",
        )


def _reserves(option: str, texts: Iterable[str]) -> tuple[int | None, dict[str, int]]:
    """Of all regions of a kind, and of single ones."""
    everywhere: int | None = None
    by_region: dict[str, int] = {}
    for text in texts:
        name, is_named, figure = text.rpartition("=")
        n_bytes = _bytes(option, figure)
        known = by_region.get(name) if is_named else everywhere
        if known not in (None, n_bytes):
            raise InvalidDemandError(
                f"{option} says both {known:,} B and {n_bytes:,} B of {name or 'every region'}",
                hint="say it once",
            )
        if is_named:
            by_region[name] = n_bytes
        else:
            everywhere = n_bytes
    return everywhere, by_region


def reserves_of(option: str, texts: Iterable[str]) -> Reserves:
    """Bytes reserved of single regions.

    Raises:
        InvalidDemandError: a text names no region, or a number is none or is negative.
    """
    from fitgraph.matcher.demand import Reserves

    everywhere, by_region = _reserves(option, texts)
    if everywhere is not None:
        raise InvalidDemandError(f"{option} names no region", hint=f"write {option} RAM=40000")
    return Reserves(by_region=by_region)


def _bytes(option: str, text: str) -> int:
    from fitgraph.registry.quantities import parse_size

    try:
        return parse_size(text.replace(",", ""))
    except ValueError:
        raise InvalidDemandError(
            f"{option} {text!r} is no number of bytes", hint="write 40000 or 40K, or RAM=40000"
        ) from None


def _sensor(option: str, text: str) -> Sensor:
    from fitgraph.matcher.demand import Sensor

    found = _SENSOR.fullmatch(text)
    if found is None:
        raise InvalidDemandError(
            f"{option} {text!r} is no sensor",
            hint="write microphone, microphone:16000 or accelerometer:50:3",
        )
    kind, rate_hz, channels = found.groups()
    return Sensor(kind, float(rate_hz) if rate_hz else None, int(channels) if channels else None)
