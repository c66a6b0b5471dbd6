"""The device catalogue's tables: compact lines become microcontrollers and boards.

``scripts/make_catalogue.py`` writes the tables in ``devices/``; nobody edits them by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final

from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.reviewed_parts import ReviewedPart, reviewed_parts

MCU_COLUMNS: Final = (
    "part", "vendor", "core", "isa", "core_status", "cores", "clock_hz", "clock_status",
    "sram_bytes", "sram_source", "ram", "flash_bytes", "flash_source", "flash", "npu", "sources",
)  # fmt: skip
BOARD_COLUMNS: Final = (
    "id", "name", "vendor", "mcu", "mcu_id", "link", "core", "isa", "core_status", "sensors",
    "sensor_parts", "radios", "sources", "claims", "other_names",
)  # fmt: skip

#: Stands among the sources of whatever came out of the catalogue.
CATALOGUE_SOURCE: Final = "fitgraph device catalogue"

#: What the table of microcontrollers calls its sources, to stay small.
SOURCES: Final[Mapping[str, str]] = {
    "p17": "cmsis-pack-index-2017",
    "p18": "cmsis-pack-index-2018",
    "pst": "cmsis-pack-index-st",
    "mod": "modm-devices",
    "prs": "probe-rs",
    "s32": "stm32-data",
    "mbd": "mbed-ce-cmsis",
    "poc": "pyocd",
    "man": "manual-datasheet",
    "fam": "family-data-sheet",
}

Line = Mapping[str, str]
_STATUS = {"s": ClaimStatus.SOURCED, "d": ClaimStatus.DERIVED, "u": ClaimStatus.UNCHECKED}


@cache
def mcu_lines() -> dict[str, Line]:
    """Lines of the table of microcontrollers by id."""
    return {mcu_id_of(line["part"]): line for line in _lines("mcus.tsv")}


@cache
def board_lines() -> dict[str, Line]:
    """Lines of the table of boards by id."""
    return {line["id"]: line for line in _lines("boards.tsv")}


@cache
def _other_board_names() -> dict[str, str]:
    """Ids of boards by what other projects call them."""
    return {
        name: board_id
        for board_id, line in board_lines().items()
        for name in line["other_names"].split(",")
        if name
    }


def board_line(name: str) -> Line | None:
    """The line of the board that has this id or other name."""
    lines = board_lines()
    return lines.get(name) or lines.get(_other_board_names().get(name, ""))


@cache
def reviewed_by_id() -> dict[str, ReviewedPart]:
    """The parts that were checked by hand, by id."""
    return {part.mcu.mcu_id: part for part in reviewed_parts()}


def mcu_ids() -> tuple[str, ...]:
    """Ids of all microcontrollers, sorted."""
    return tuple(sorted({*mcu_lines(), *reviewed_by_id()}))


def catalogue_names(kind: str) -> tuple[str, ...]:
    """Ids of what the catalogue has of a kind: boards and microcontrollers."""
    if kind == "board":
        return tuple(board_lines())
    return mcu_ids() if kind == "mcu" else ()


def mcu_id_of(part: str) -> str:
    """The slug of a part's name, or of a checked part's own file."""
    return _reviewed_names().get(part) or _slug(part)


def read_mcu(mcu_id: str) -> Mcu:
    """The microcontroller of that id; what was checked by hand wins over the table.

    Raises:
        KeyError: there is none.
    """
    reviewed, line = reviewed_by_id().get(mcu_id), mcu_lines().get(mcu_id)
    if reviewed is None:
        return _mcu(mcu_id, mcu_lines()[mcu_id])
    listed = _mcu(mcu_id, line) if line else None
    own = replace(reviewed.mcu, claims=(*reviewed.mcu.claims, *_totals(reviewed.mcu)))
    return replace(
        own,
        claims=(*own.claims, *(listed.claims if listed else ())),
        sources=(*own.sources, CATALOGUE_SOURCE),
    )


def status_of(code: str) -> ClaimStatus:
    """The status that a letter of the tables stands for."""
    return _STATUS[code]


def number(text: str) -> int | None:
    """An integer, or None where the cell is empty."""
    return int(text) if text else None


def _mcu(mcu_id: str, line: Line) -> Mcu:
    isa_class = line["isa"] if line["isa"] in ISA_CLASSES else None
    return Mcu(
        mcu_id=mcu_id,
        part=line["part"],
        vendor=line["vendor"],
        cpu_core=line["core"],
        isa_class=isa_class,
        n_cores=number(line["cores"]),
        clock_hz=number(line["clock_hz"]),
        regions=_named_apart(*_regions(line["ram"]), *_regions(line["flash"])),
        npu=line["npu"],
        claims=tuple(_claims(line)),
        sources=(*_sources(line["sources"]), CATALOGUE_SOURCE),
        isa_status=_STATUS[line["core_status"]],
    )


def _claims(line: Line) -> Iterable[Claim]:
    """What the sources say, each fact with its status."""
    everyone = _sources(line["sources"])
    for name, cell, status, sources in (
        ("clockHz", line["clock_hz"], _STATUS[line["clock_status"]], everyone),
        ("sramBytes", line["sram_bytes"], _of_set(line["ram"]), _sources(line["sram_source"])),
        ("flashBytes", line["flash_bytes"], _of_set(line["flash"]), _sources(line["flash_source"])),
    ):
        if cell and sources:
            yield Claim(name, int(cell), status, sources)
    if line["core"]:
        yield Claim("cpuCore", line["core"], _STATUS[line["core_status"]], everyone)


def _sources(codes: str) -> tuple[str, ...]:
    return tuple(SOURCES[code] for code in codes.split("+") if code)


def _totals(mcu: Mcu) -> Iterable[Claim]:
    """The sums of a checked part's regions, to be held against what others say."""
    data = (RegionKind.SRAM, RegionKind.DTCM, RegionKind.CCM)
    for name, kinds in (("sramBytes", data), ("flashBytes", (RegionKind.FLASH,))):
        total = sum(region.size_bytes for region in mcu.regions if region.kind in kinds)
        if total:
            yield Claim(name, total, ClaimStatus.SOURCED, mcu.sources)


def _of_set(number_of_set: str) -> ClaimStatus:
    regions = _regions(number_of_set)
    return regions[0].status if regions else ClaimStatus.DERIVED


def _regions(number_of_set: str) -> tuple[MemoryRegion, ...]:
    return _region_sets()[int(number_of_set)] if number_of_set else ()


def _named_apart(*regions: MemoryRegion) -> tuple[MemoryRegion, ...]:
    """RAM and flash under names of their own: some sources call both ``memory``."""
    seen: set[str] = set()
    out: list[MemoryRegion] = []
    for region in regions:
        name = f"{region.name} ({region.kind})" if region.name in seen else region.name
        seen.add(name)
        out.append(replace(region, name=name))
    return tuple(out)


@cache
def _region_sets() -> tuple[tuple[MemoryRegion, ...], ...]:
    text = _read("regions.tsv")
    return tuple(
        tuple(_region(item) for item in line.partition("\t")[2].split(";"))
        for line in text.splitlines()
    )


def _region(text: str) -> MemoryRegion:
    kind, name, base, size, status = text.split(",")
    return MemoryRegion(
        name=name,
        kind=RegionKind(kind),
        base_address=int(base, 16) if base else None,
        size_bytes=int(size),
        status=_STATUS[status],
    )


@cache
def _reviewed_names() -> dict[str, str]:
    return {part.mcu.part: part.mcu.mcu_id for part in reviewed_parts()}


def _slug(text: str) -> str:
    letters = (letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    return "-".join(part for part in "".join(letters).split("-") if part)[:64].strip("-")


def _lines(name: str) -> Iterable[Line]:
    header, *rows = _read(name).splitlines()
    columns = header.split("\t")
    return (dict(zip(columns, row.split("\t"), strict=True)) for row in rows)


def _read(name: str) -> str:
    return files("fitgraph.registry").joinpath("devices", name).read_text(encoding="utf-8")
