"""The memory map of a probe-rs target, as regions that a program may lie in.

A map serves a debugger, and lists more: views of one memory, pages for keys and settings, memory of
other cores. What is left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers import numbers
from fitgraph.registry.importers.names import one_line
from fitgraph.registry.importers.regions import distinct, limited, ram_kind
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.plain_yaml import Plain

_IGNORED: Final = "not a memory for code or data"
#: Flash that holds settings, keys or data, by what vendors call it.
_NO_PROGRAMS: Final = re.compile(
    r"eeprom|fuse|lock|option|uicr|otp|user.?(?:data|row|page)|prod.?sig", re.IGNORECASE
)
# Armv7-M Architecture Reference Manual, B3.1: the code region ends, and SRAM begins and ends.
_SRAM: Final = range(0x2000_0000, 0x4000_0000)

#: The bit of an address that tells the security state, on all Armv8-M parts that have both.
_SECURE: Final = 0x1000_0000


@dataclass(frozen=True, slots=True)
class _Memory:
    """An entry of a map.

    Attributes:
        title: how notes call it.
        region: what it says; None for what is neither RAM nor flash.
        boots: whether the core starts from it.
        is_view: whether it shows other memory.
        owners: cores that it belongs to; empty for all.
    """

    title: str
    region: MemoryRegion | None
    boots: bool
    is_view: bool
    owners: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.region.name.lower() if self.region is not None else ""

    @property
    def is_ram(self) -> bool:
        return self.region is not None and self.region.kind is not RegionKind.FLASH


def map_regions(
    entries: Iterable[Mapping[str, Plain]],
    core: str,
    part: str,
    *,
    is_arm: bool,
    has_security: bool = False,
) -> tuple[tuple[MemoryRegion, ...], list[str]]:
    """Regions of the first core, and what was left out, in words.

    Args:
        entries: of the map, each a kind with its values.
        core: whose regions; empty where it has no name.
        part: how errors call it.
        is_arm: whether RAM below 0x20000000 is what the code bus sees of it.
        has_security: whether the core sees memory at a secure and a non-secure address.

    Raises:
        InvalidImportError: an address does not read.
    """
    memories = [
        memory
        for number, entry in enumerate(limited(entries), 1)
        for memory in _memories(entry, number, part)
    ]
    if is_arm:
        memories = _with_data_addresses(memories)
    if has_security:
        memories = _without_second_views(memories)
    reached = _reached_from_start(memories)
    shows_data = any(m.is_ram and "data bus" in m.name for m in memories)
    found: list[MemoryRegion] = []
    left_out: list[str] = []
    for memory in memories:
        reason = next(_reasons(memory, core, reached, shows_data=shows_data), "")
        if memory.region is None or reason:
            left_out.append(f"{memory.title} left out: {reason or _IGNORED}")
        else:
            found.append(memory.region)
    kept, overlapping = distinct(found)
    return kept, [*left_out, *(f"{r.name} left out: it overlaps another" for r in overlapping)]


def _memories(entry: Mapping[str, Plain], number: int, part: str) -> Iterator[_Memory]:
    place = f"{part}: memory {number}"
    for kind, value in entry.items():
        said = mapping(value, place)
        access, owners = said.get("access", {}), said.get("cores", [])
        yield _Memory(
            title=f"memory {number} ({kind})",
            region=_region(kind, said, place),
            boots=_is_true(said.get("is_boot_memory"))  # as older files say it
            or (isinstance(access, dict) and _is_true(access.get("boot"))),
            is_view=_is_true(said.get("is_alias")),
            owners=tuple(map(str, owners)) if isinstance(owners, list) else (),
        )


def _reasons(
    memory: _Memory, core: str, reached: Collection[MemoryRegion], *, shows_data: bool
) -> Iterator[str]:
    """Why an entry is no region of this core."""
    region = memory.region
    if region is None:
        return
    if memory.owners and core and core not in memory.owners:
        yield f"it belongs to {', '.join(memory.owners)}"
    if memory.is_view:
        yield "it shows other memory"
    if memory.is_ram:
        # An ESP32 shows its RAM to both buses, at addresses of each.
        if shows_data and "instruction bus" in memory.name:
            yield "the data bus shows it, too"
    elif _NO_PROGRAMS.search(region.name):
        yield "programs are not put there"
    elif region not in reached:
        yield "the core does not start from it, nor goes on there"


def _reached_from_start(memories: list[_Memory]) -> set[MemoryRegion]:
    """Flash that the core starts from or goes on to where that ends; all where nothing is said."""
    flash = [m for m in memories if not m.is_ram and not m.is_view]
    reached = {m.region for m in flash if m.region is not None and m.boots}
    rest = {m.region for m in flash if m.region is not None} - reached
    if not reached:
        return rest
    while touching := {r for r in rest if any(_touch(r, other) for other in reached)}:
        reached |= touching
        rest -= touching
    return reached


def _touch(one: MemoryRegion, other: MemoryRegion) -> bool:
    if one.base_address is None or other.base_address is None:
        return False
    ends = one.base_address + one.size_bytes, other.base_address + other.size_bytes
    return ends[0] == other.base_address or ends[1] == one.base_address


def _with_data_addresses(memories: list[_Memory]) -> list[_Memory]:
    """RAM that is shown to both buses, at the address where data is: nRF52 has it the other way."""
    taken = list(memories)
    for index, view in enumerate(memories):
        if not (view.is_view and view.region and view.region.base_address in _SRAM):
            continue
        for other, memory in enumerate(memories):
            if _is_code_view(memory, view.region):
                taken[other] = _changed(memory, is_view=True)
                taken[index] = _changed(view, is_view=False)
                break
    return taken


def _without_second_views(memories: list[_Memory]) -> list[_Memory]:
    """Memory at the addresses of both security states counts once, where it is listed first."""
    seen: set[tuple[RegionKind, int, int]] = set()
    taken: list[_Memory] = []
    for memory in memories:
        region = memory.region
        if region is None or region.base_address is None or memory.is_view:
            taken.append(memory)
            continue
        other = (region.kind, region.base_address ^ _SECURE, region.size_bytes)
        taken.append(_changed(memory, is_view=other in seen))
        seen.add((region.kind, region.base_address, region.size_bytes))
    return taken


def _is_code_view(memory: _Memory, shown: MemoryRegion) -> bool:
    region = memory.region
    return (
        region is not None
        and memory.is_ram
        and not memory.is_view
        and region.base_address is not None
        and region.base_address < _SRAM.start
        and region.size_bytes == shown.size_bytes
    )


def _changed(memory: _Memory, *, is_view: bool) -> _Memory:
    return _Memory(memory.title, memory.region, memory.boots, is_view, memory.owners)


def _region(kind: str, value: Mapping[str, Plain], place: str) -> MemoryRegion | None:
    if kind not in {"Ram", "Nvm"}:
        return None
    span = mapping(value.get("range", ""), f"{place} range")
    start, end = (numbers.size_bytes(text(span, key), f"{place} {key}") for key in ("start", "end"))
    if end <= start:
        raise InvalidImportError(
            f"{place} ends at {end:#x}, where it starts or before", hint="correct the file"
        )
    name = str(value.get("name") or ("RAM" if kind == "Ram" else "Flash"))
    return MemoryRegion(
        name=one_line(name, f"{place} name"),
        kind=ram_kind(name) if kind == "Ram" else RegionKind.FLASH,
        base_address=start,
        size_bytes=end - start,
        status=ClaimStatus.UNCHECKED,
    )


def mapping(value: Plain, what: str) -> Mapping[str, Plain]:
    """Keys with values, or an error.

    Raises:
        InvalidImportError: it is something else.
    """
    if not isinstance(value, dict):
        raise InvalidImportError(
            f"{what} is not keys with values", hint="a target file has name and variants"
        )
    return value


def text(values: Mapping[str, Plain], key: str) -> str:
    """A text, or an error.

    Raises:
        InvalidImportError: it is missing or something else.
    """
    value = values.get(key)
    if not isinstance(value, str):
        raise InvalidImportError(f"{key} is missing or no text", hint="correct the file")
    return value


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
