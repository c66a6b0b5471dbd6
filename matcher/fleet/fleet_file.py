"""Fleet files: groups of devices and demands, written down in YAML; see ``docs/fleet.md``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

from fitgraph.matcher.demand import Demand, Reserves, Sensor
from fitgraph.matcher.errors import InvalidDemandError, MatchError
from fitgraph.matcher.fleet.records import DeviceGroup, Fleet, FleetDemand
from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.bounded_files import read_bounded_text
from fitgraph.registry.board_fields import Fields, read_fields
from fitgraph.registry.errors import InvalidBoardError, RegistryError
from fitgraph.registry.plain_yaml import Limits, Plain, PlainYamlError, read_plain_yaml
from fitgraph.registry.quantities import SIZE_HINT, parse_count, parse_size

MAX_FILE_BYTES: Final = 4 << 20
_LIMITS: Final = Limits(max_depth=8, max_nodes=100_000)
_COUNT_HINT: Final = "write a whole number above 0"
_NUMBER_HINT: Final = "write a number above 0"
_SHARE_HINT: Final = "write a share above 0 and up to 1: 0.5"

_Value = TypeVar("_Value")


class InvalidFleetError(MatchError):
    """A fleet file cannot be read, or does not describe a fleet."""

    code = "invalid-fleet"


def load_fleet(path: Path) -> Fleet:
    """The fleet that a file describes.

    Raises:
        InvalidFleetError: it cannot be read, is too large, is no text or describes no fleet.
    """
    return parse_fleet(
        read_bounded_text(
            path,
            MAX_FILE_BYTES,
            InvalidFleetError,
            hint="name a fleet file",
            too_large="put devices that are alike into one group",
        )
    )


def parse_fleet(text: str) -> Fleet:
    """The fleet that a text describes.

    Raises:
        InvalidFleetError: it does not.
    """
    try:
        return _fleet(read_plain_yaml(text, _LIMITS))
    except PlainYamlError as error:
        raise InvalidFleetError(f"the fleet is not YAML: {error}", hint="see docs/fleet.md") from (
            error
        )
    except (InvalidBoardError, InvalidDemandError, RegistryError) as error:
        raise InvalidFleetError(f"the fleet: {error.message}", hint=error.hint) from error


def _fleet(document: Plain | None) -> Fleet:
    top = read_fields(
        document,
        required=("fleet", "groups", "demands"),
        optional=("runtime", "accept", "waves"),
        place="",
    )
    groups = tuple(_group(one, n) for n, one in enumerate(top.items("groups", hint="a list"), 1))
    demands = tuple(_demand(one, n) for n, one in enumerate(top.items("demands", hint="a list"), 1))
    for what, names in (
        ("group", [one.name for one in groups]),
        ("demand", [one.name for one in demands]),
    ):
        _check_names(what, names)
    _check_places(groups, demands)
    return Fleet(
        name=top.text("fleet"),
        groups=groups,
        demands=demands,
        runtime=top.text("runtime") if "runtime" in top.values else "fitgraph-c",
        accept=_accepted(top.text("accept")) if "accept" in top.values else Verdict.FITS,
        waves=_waves(top.texts("waves")) if "waves" in top.values else (0.01, 0.1, 1.0),
    )


def _group(value: Plain, number: int) -> DeviceGroup:
    own = read_fields(
        value,
        required=("name", "board", "count"),
        optional=("region", "sensors", "reserve", "link", "sram"),
        place=f"group {number}",
    )
    return DeviceGroup(
        name=own.text("name"),
        board=own.text("board"),
        count=own.parsed("count", _count, hint=_COUNT_HINT),
        region=_optional(own, "region"),
        mounted=tuple(Sensor(kind) for kind in own.texts("sensors")),
        reserves=Reserves(by_region=_reserve(own)),
        link=_optional(own, "link"),
        shares_sram=_shares(_optional(own, "sram") or "shared"),
    )


def _demand(value: Plain, number: int) -> FleetDemand:
    own = read_fields(
        value,
        required=("name", "task"),
        optional=(
            "models",
            "where",
            "accuracy",
            "metric",
            "share",
            "deadline_ms",
            "energy_uj",
            "sensors",
        ),
        place=f"demand {number}",
    )
    accuracy = _number(own, "accuracy", _share, _SHARE_HINT)
    return FleetDemand(
        name=own.text("name"),
        task=own.text("task"),
        models=own.texts("models"),
        where=_optional(own, "where"),
        minimum_accuracy=accuracy,
        metric=_optional(own, "metric"),
        share=_number(own, "share", _share, _SHARE_HINT) or 1.0,
        asked=Demand(
            sensors=tuple(Sensor(kind) for kind in own.texts("sensors")),
            deadline_ms=_number(own, "deadline_ms", float, _NUMBER_HINT),
            energy_uj=_number(own, "energy_uj", float, _NUMBER_HINT),
        ),
    )


def _optional(own: Fields, key: str) -> str:
    return own.text(key) if key in own.values else ""


def _number(own: Fields, key: str, parse: Callable[[str], _Value], hint: str) -> _Value | None:
    return own.parsed(key, parse, hint=hint) if key in own.values else None


def _reserve(own: Fields) -> dict[str, int]:
    """Bytes by the name of the region."""
    given = own.values.get("reserve", {})
    if not isinstance(given, dict):
        raise InvalidFleetError(f"{own.key('reserve')} names no regions", hint="RAM: 16 KiB")
    inner = Fields(given, f"{own.key('reserve')} of ")
    return {name: inner.parsed(name, parse_size, hint=SIZE_HINT) for name in given}


def _count(text: str) -> int:
    found = parse_count(text)
    if found < 1:
        raise ValueError(text)
    return found


def _share(text: str) -> float:
    found = float(text)
    if not 0 < found <= 1:
        raise ValueError(text)
    return found


def _shares(text: str) -> bool:
    if text not in ("shared", "separate"):
        raise InvalidFleetError(f"sram is {text!r}", hint="write shared or separate")
    return text == "shared"


def _accepted(text: str) -> Verdict:
    if text not in (Verdict.FITS, Verdict.LIKELY):
        raise InvalidFleetError(f"accept is {text!r}", hint="write fits or likely")
    return Verdict(text)


def _waves(texts: Collection[str]) -> tuple[float, ...]:
    try:
        found = tuple(map(_share, texts))
    except ValueError as error:
        raise InvalidFleetError(f"waves has {error}", hint=_SHARE_HINT) from error
    if not found or list(found) != sorted(set(found)) or found[-1] != 1:
        raise InvalidFleetError("waves do not rise to 1", hint="write waves: [0.01, 0.1, 1]")
    return found


def _check_names(what: str, names: Collection[str]) -> None:
    if not names:
        raise InvalidFleetError(f"the fleet has no {what}", hint=f"write at least one {what}")
    for name in _twice(names):
        raise InvalidFleetError(
            f"two {what}s are called {name!r}", hint=f"give each {what} a name of its own"
        )


def _check_places(groups: Sequence[DeviceGroup], demands: Iterable[FleetDemand]) -> None:
    regions = {one.region for one in groups if one.region}
    for demand in demands:
        if demand.where and demand.where not in regions:
            near = get_close_matches(demand.where, regions, n=2)
            meant = f"did you mean {' or '.join(near)}?" if near else f"there are {sorted(regions)}"
            raise InvalidFleetError(
                f"demand {demand.name!r} is about {demand.where!r}, and no group is there",
                hint=meant if regions else "say with region where a group is",
            )


def _twice(names: Collection[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)
