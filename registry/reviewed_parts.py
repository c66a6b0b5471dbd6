"""Microcontrollers that were checked one by one against their manuals, kept by hand.

They lie in ``devices/reviewed/``, one file each, and win over what the catalogue's sources say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fitgraph.registry.board_checks import check_mcu
from fitgraph.registry.board_fields import Fields, read_fields
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidMcuError
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.plain_yaml import Plain, PlainYamlError, read_plain_yaml
from fitgraph.registry.quantities import (
    ADDRESS_HINT,
    SIZE_HINT,
    parse_address,
    parse_count,
    parse_size,
)

_REQUIRED = ("part", "vendor", "cpu_core", "isa_class", "cores", "clock_hz", "regions", "sources")
_OPTIONAL = ("listed_as", "npu", "external_flash", "sensor_kinds")
_REGION_REQUIRED = ("name", "kind", "base_address", "size")
_REGION_OPTIONAL = ("banks", "reserve", "reserve_reason")
_FLASH_REQUIRED = ("name", "base_address")
_FLASH_OPTIONAL = ("reserve", "reserve_reason")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bank:
    """A part of a contiguous region that the manual names."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ReviewedPart:
    """A checked microcontroller.

    Attributes:
        listed_as: what the list of devices calls it; an empty string where it is not in it.
        external_flash: where flash outside the chip shows; its size is the board's.
        banks: of regions that hold several, by the region's name.
    """

    mcu: Mcu
    listed_as: str
    external_flash: MemoryRegion | None
    banks: dict[str, tuple[Bank, ...]]


@cache
def reviewed_parts() -> tuple[ReviewedPart, ...]:
    """All checked microcontrollers by id.

    Raises:
        InvalidMcuError: a file does not describe one.
    """
    folder = files("fitgraph.registry").joinpath("devices", "reviewed")
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(
        parse_reviewed(entry.read_text(encoding="utf-8"), entry.name.removesuffix(".yaml"))
        for entry in entries
        if entry.name.endswith(".yaml")
    )


def parse_reviewed(text: str, mcu_id: str) -> ReviewedPart:
    """The checked microcontroller that ``text`` describes.

    Raises:
        InvalidMcuError: the text is no plain YAML, lacks a key or contradicts itself.
    """
    try:
        document = read_plain_yaml(text)
    except PlainYamlError as error:
        raise InvalidMcuError(f"{mcu_id}: {error}", hint="write plain YAML") from error
    fields = read_fields(document, required=_REQUIRED, optional=_OPTIONAL, place="")
    items = [
        read_fields(item, required=_REGION_REQUIRED, optional=_REGION_OPTIONAL, place="region")
        for item in fields.items("regions", hint="start each region with '- name: '")
    ]
    mcu = check_mcu(_mcu(fields, mcu_id, tuple(map(_region, items))))
    return ReviewedPart(
        mcu=mcu,
        listed_as=fields.text("listed_as") if "listed_as" in fields.values else "",
        external_flash=_external_flash(fields),
        banks={item.text("name"): _banks(item) for item in items if "banks" in item.values},
    )


def _mcu(fields: Fields, mcu_id: str, regions: tuple[MemoryRegion, ...]) -> Mcu:
    isa_class, sources = fields.text("isa_class"), fields.texts("sources")
    clock_hz = fields.parsed("clock_hz", parse_count, hint="write hertz: 64_000_000")
    return Mcu(
        mcu_id=mcu_id,
        part=fields.text("part"),
        vendor=fields.text("vendor"),
        cpu_core=fields.text("cpu_core"),
        isa_class=None if isa_class == UNKNOWN else isa_class,
        n_cores=fields.parsed("cores", parse_count, hint="write a number"),
        clock_hz=clock_hz,
        regions=regions,
        npu=fields.text("npu") if "npu" in fields.values else "",
        claims=(Claim("clockHz", clock_hz, ClaimStatus.SOURCED, sources),),
        sources=sources,
        sensor_kinds=fields.texts("sensor_kinds"),
    )


def _region(fields: Fields) -> MemoryRegion:
    address = fields.text("base_address")
    return MemoryRegion(
        name=fields.text("name"),
        kind=RegionKind(fields.text("kind")),
        base_address=None if address == UNKNOWN else parse_address(address),
        size_bytes=fields.parsed("size", parse_size, hint=SIZE_HINT),
        reserve_bytes=_reserve(fields)[0],
        reserve_reason=_reserve(fields)[1],
    )


def _external_flash(fields: Fields) -> MemoryRegion | None:
    if "external_flash" not in fields.values:
        return None
    value: Plain = fields.values["external_flash"]
    flash = read_fields(
        value, required=_FLASH_REQUIRED, optional=_FLASH_OPTIONAL, place="external_flash"
    )
    return MemoryRegion(
        name=flash.text("name"),
        kind=RegionKind.FLASH,
        base_address=flash.parsed("base_address", parse_address, hint=ADDRESS_HINT),
        size_bytes=0,
        reserve_bytes=_reserve(flash)[0],
        reserve_reason=_reserve(flash)[1],
    )


def _reserve(fields: Fields) -> tuple[int, str]:
    if "reserve" not in fields.values:
        return 0, ""
    return fields.parsed("reserve", parse_size, hint=SIZE_HINT), fields.text("reserve_reason")


def _banks(fields: Fields) -> tuple[Bank, ...]:
    """Banks written as ``SRAM1 192K``, by address."""
    pairs = (text.rpartition(" ") for text in fields.texts("banks"))
    return tuple(Bank(name, parse_size(size)) for name, _, size in pairs)
