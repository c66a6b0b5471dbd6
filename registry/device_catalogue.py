"""The device catalogue: thousands of boards and microcontrollers that fitgraph brings.

It is read where it lies, line by line; the store need not hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from fitgraph.registry.board import Board, McuLink
from fitgraph.registry.board_checks import DATA_KINDS
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.device_tables import (
    CATALOGUE_SOURCE,
    Line,
    board_line,
    board_lines,
    mcu_ids,
    mcu_lines,
    read_mcu,
    reviewed_by_id,
    status_of,
)
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

_REASONS = {
    "f": "the source names {named}, which several parts go by",
    "p": "the source names {named}, which begins with the name of this part",
    "c": "the board goes by another core than the first of {named}",
}


def catalogue_mcus() -> Iterator[Mcu]:
    """All microcontrollers of the catalogue, by id."""
    return (read_mcu(mcu_id) for mcu_id in mcu_ids())


def catalogue_boards() -> Iterator[Board]:
    """All boards of the catalogue, by id."""
    return (_board(line) for line in board_lines().values())


def catalogue_mcu(mcu_id: str) -> Mcu | None:
    """The microcontroller of that id, or None."""
    return read_mcu(mcu_id) if mcu_id in mcu_lines() or mcu_id in reviewed_by_id() else None


def catalogue_board(board_id: str) -> Board | None:
    """The board of that id or other name, or None."""
    line = board_line(board_id)
    return None if line is None else _board(line)


def find_boards(text: str) -> tuple[Board, ...]:
    """Boards whose id, name, vendor or microcontroller has all words of the text."""
    columns = ("id", "name", "vendor", "mcu", "mcu_id", "other_names")
    return tuple(_board(line) for line in board_lines().values() if _has(line, columns, text))


def find_mcus(text: str) -> tuple[Mcu, ...]:
    """Microcontrollers whose part, vendor or core has all words of the text."""
    columns = ("part", "vendor", "core")
    listed = {mcu_id for mcu_id, line in mcu_lines().items() if _has(line, columns, text)}
    checked = {
        mcu_id
        for mcu_id, one in reviewed_by_id().items()
        if _holds(f"{one.mcu.part} {one.mcu.vendor} {one.mcu.cpu_core}", text)
    }
    return tuple(read_mcu(mcu_id) for mcu_id in sorted(listed | checked))


def _has(line: Line, columns: Iterable[str], text: str) -> bool:
    return _holds(" ".join(line[column] for column in columns), text)


def _holds(content: str, text: str) -> bool:
    lower = content.lower()
    plain = re.sub(r"[^a-z0-9]", "", lower)
    return all(word in lower or re.sub(r"[^a-z0-9]", "", word) in plain
               for word in text.lower().split() if re.sub(r"[^a-z0-9]", "", word))  # fmt: skip


def _board(line: Line) -> Board:
    mcu = read_mcu(line["mcu_id"]) if line["mcu_id"] else None
    own = tuple(_claims(line["claims"]))
    isa_class = line["isa"] if line["isa"] in ISA_CLASSES else None
    claims = (*own, *(_of_part(mcu, own) if mcu else ()))
    return Board(
        board_id=line["id"],
        name=line["name"],
        vendor=line["vendor"],
        mcu=line["mcu"],
        cpu_core=mcu.cpu_core if mcu else line["core"],
        isa_class=mcu.isa_class if mcu else isa_class,
        clock_hz=min(_values(claims, "clockHz"), default=None),
        regions=_regions(line, mcu, own),
        sensors=_list(line["sensors"]),
        radios=_list(line["radios"]),
        sources=(*_list(line["sources"]), CATALOGUE_SOURCE),
        mcu_link=_link(line) if mcu else None,
        claims=claims,
        sensor_parts=_list(line["sensor_parts"]),
        isa_status=mcu.isa_status if mcu else status_of(line["core_status"]),
        other_names=_list(line["other_names"]),
    )


def _link(line: Line) -> McuLink:
    reason = _REASONS[line["link"]].format(named=line["mcu"]) if line["link"] else ""
    return McuLink(line["mcu_id"], is_exact=not reason, reason=reason)


def _of_part(mcu: Mcu, own: tuple[Claim, ...]) -> Iterator[Claim]:
    """What is said of the part: of what somebody says of the board, and of clocks."""
    spoken = {claim.property_name for claim in own} | {"clockHz"}
    for claim in mcu.claims:
        if claim.property_name in spoken - {"mcu"}:
            sources = tuple(f"{source} (of {mcu.part})" for source in claim.sources)
            yield replace(claim, sources=sources)


def _regions(line: Line, mcu: Mcu | None, own: tuple[Claim, ...]) -> tuple[MemoryRegion, ...]:
    """The part's regions, of which a smaller claim for the board leaves less."""
    ram = [region for region in (mcu.regions if mcu else ()) if region.kind in DATA_KINDS]
    flash = [r for r in (mcu.regions if mcu else ()) if r.kind is RegionKind.FLASH]
    others = [r for r in (mcu.regions if mcu else ()) if r not in ram and r not in flash]
    ram_bytes = min(_values(own, "sramBytes"), default=None)
    flash_bytes = min(_values(own, "flashBytes"), default=None)
    if not ram and ram_bytes:
        ram = [MemoryRegion("RAM", RegionKind.SRAM, None, ram_bytes)]
    if not flash and flash_bytes:
        flash = [_outside_flash(line, flash_bytes)]
    return (
        *(_capped(region, ram_bytes) for region in ram),
        *(_capped(region, flash_bytes) for region in flash),
        *others,
    )


def _capped(region: MemoryRegion, claimed_bytes: int | None) -> MemoryRegion:
    if claimed_bytes is None or region.free_bytes <= claimed_bytes:
        return region
    return replace(
        region,
        reserve_bytes=region.size_bytes - claimed_bytes,
        reserve_reason=f"the board's source claims {claimed_bytes} bytes for programs",
        status=max(region.status, ClaimStatus.DERIVED, key=list(ClaimStatus).index),
    )


def _outside_flash(line: Line, size_bytes: int) -> MemoryRegion:
    """Flash beside the chip, at the address where a checked part shows it."""
    reviewed = reviewed_by_id().get(line["mcu_id"])
    known = reviewed.external_flash if reviewed else None
    if known is None or known.base_address is None or known.reserve_bytes >= size_bytes:
        return MemoryRegion("Flash", RegionKind.FLASH, None, size_bytes)
    if known.base_address + size_bytes > 1 << 32:
        return MemoryRegion("Flash", RegionKind.FLASH, None, size_bytes)
    return replace(known, size_bytes=size_bytes)


def _claims(text: str) -> Iterator[Claim]:
    """Claims as the table has them: ``sramBytes=4096@source+other``, derived ones with ``?``."""
    for part in _list(text, ";"):
        name, _, rest = part.partition("=")
        value, _, sources = rest.rpartition("@")
        status = ClaimStatus.DERIVED if value.endswith("?") else ClaimStatus.SOURCED
        plain = value.removesuffix("?")
        number = plain if name == "mcu" else int(plain)
        yield Claim(name, number, status, tuple(sources.split("+")))


def _values(claims: Iterable[Claim], name: str) -> list[int]:
    return [int(claim.value) for claim in claims if claim.property_name == name]


def _list(text: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(part for part in text.split(separator) if part)
