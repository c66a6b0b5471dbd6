"""What a linked firmware holds and how many bytes of each memory it takes."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.matcher.placement import ALIGNMENT_BYTES, round_up, usable
from fitgraph.registry.board import MemoryRegion
from fitgraph.registry.proof import RegionUse

# Segments that lie farther apart are in different memories.
_GAP_BYTES = 4096

# Output sections of our linker script that take memory. Another one would be bytes that the
# footprint does not count.
SECTIONS = (".text", ".weights", ".rodata", ".stack", ".arena", ".data", ".bss")
# Of the other parts of an arena in parts, behind which stands their number.
MORE_ARENAS = ".arena_"


@dataclass(frozen=True, slots=True)
class FirmwareSizes:
    """Bytes of a linked firmware.

    Attributes:
        flash_bytes: everything that must be programmed, a multiple of 16.
        code_bytes: flash without the weights: code, constants, the image of ``.data``, padding.
        weights_bytes: weights, biases and requantization tables.
        arena_bytes: with what pads it to a multiple of 16.
        static_bytes: ``.data`` and ``.bss`` without the arena.
        stack_bytes: what the linker script reserves.
    """

    flash_bytes: int
    code_bytes: int
    weights_bytes: int
    arena_bytes: int
    static_bytes: int
    stack_bytes: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section that takes memory when the firmware runs."""

    name: str
    address: int
    n_bytes: int

    @property
    def end_address(self) -> int:
        return self.address + self.n_bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes to program."""

    load_address: int
    content: bytes

    @property
    def end_address(self) -> int:
        return self.load_address + len(self.content)


@dataclass(frozen=True, slots=True)
class FirmwareImage:
    """An ELF file as read.

    Attributes:
        sections: those that take memory, by name.
        segments: what is programmed into flash, the image of initialised data among it.
        symbols: name to value; a Thumb function's value has bit 0 set.
    """

    sections: Mapping[str, Section]
    segments: tuple[Segment, ...]
    symbols: Mapping[str, int]
    functions: tuple[tuple[int, str], ...]

    def symbol(self, name: str) -> int:
        """Value of a symbol.

        Raises:
            ToolchainError: there is none of that name.
        """
        if name not in self.symbols:
            raise ToolchainError(f"the firmware has no symbol {name!r}")
        return self.symbols[name]

    def nearest_function(self, address: int) -> str:
        """Name of the function that starts at or before an address of code, or its number."""
        index = bisect.bisect_right(self.functions, (address, "\uffff")) - 1
        return self.functions[index][1] if index >= 0 else f"0x{address:08x}"

    def code_at(self, address: int, n_bytes: int) -> bytes:
        """Bytes of code, which runs where it is programmed.

        Raises:
            ToolchainError: nothing is programmed there.
        """
        for segment in self.segments:
            if segment.load_address <= address and address + n_bytes <= segment.end_address:
                offset = address - segment.load_address
                return segment.content[offset : offset + n_bytes]
        raise ToolchainError(f"the firmware has no code at 0x{address:08x}")

    def extent(self, name: str) -> tuple[int, int]:
        """Where a function starts, and where the next one does.

        Raises:
            ToolchainError: there is none of that name.
        """
        start = self.symbol(name) & ~1
        index = bisect.bisect_right(self.functions, (start, "\uffff"))
        code = self.sections[".text"]
        return start, self.functions[index][0] if index < len(self.functions) else code.end_address


def read_firmware(elf: bytes) -> FirmwareImage:
    """Reads an ELF file that one of our linker scripts laid out.

    Raises:
        ToolchainError: it is not an ELF file, or holds a section that we did not place.
    """
    try:
        file = ELFFile(io.BytesIO(elf))
        sections = _sections(file)
        segments = _segments(file)
        symbols, functions = _symbols(file)
    except ELFError as error:
        raise ToolchainError(f"the firmware is not a valid ELF file: {error}") from error
    placed = {name for name in sections if name.startswith(MORE_ARENAS)}
    stray = sorted(set(sections) - placed - set(SECTIONS))
    if stray:
        raise ToolchainError(f"the linker placed sections that it should not: {', '.join(stray)}")
    return FirmwareImage(sections, segments, symbols, functions)


def firmware_sizes(image: FirmwareImage) -> FirmwareSizes:
    """Bytes by what they are for."""

    def n_bytes(*names: str) -> int:
        return sum(image.sections[name].n_bytes for name in names if name in image.sections)

    flash_bytes = round_up(_programmed_bytes(image.segments), ALIGNMENT_BYTES)
    weights_bytes = image.symbol("fitgraph_weights_end") - image.symbol("fitgraph_weights_start")
    return FirmwareSizes(
        flash_bytes=flash_bytes,
        code_bytes=flash_bytes - weights_bytes,
        weights_bytes=weights_bytes,
        arena_bytes=n_bytes(
            ".arena", *(name for name in image.sections if name.startswith(MORE_ARENAS))
        ),
        static_bytes=n_bytes(".data", ".bss"),
        stack_bytes=n_bytes(".stack"),
    )


def _programmed_bytes(segments: Iterable[Segment]) -> int:
    """From first to last byte of each run of segments: weights may lie far from the rest."""
    total, start, end = 0, 0, 0
    for segment in sorted(segments, key=lambda one: one.load_address):
        if not end or segment.load_address > end + _GAP_BYTES:
            total, start = total + end - start, segment.load_address
            end = start
        end = max(end, segment.end_address)
    return total + end - start


def region_uses(image: FirmwareImage, regions: Iterable[MemoryRegion]) -> tuple[RegionUse, ...]:
    """Bytes taken and left of each region, counted from its first usable address."""
    ends = [section.end_address for section in image.sections.values()]
    ends += [segment.end_address for segment in image.segments]
    uses = []
    for region in regions:
        origin, capacity_bytes = usable(region)
        inside = [end for end in ends if origin < end <= origin + capacity_bytes]
        used_bytes = round_up(max(inside, default=origin) - origin, ALIGNMENT_BYTES)
        uses.append(RegionUse(region.name, used_bytes, capacity_bytes - used_bytes))
    return tuple(uses)


def _sections(file: ELFFile) -> dict[str, Section]:
    return {
        section.name: Section(section.name, section["sh_addr"], section["sh_size"])
        for section in file.iter_sections()
        if section["sh_flags"] & SH_FLAGS.SHF_ALLOC and section["sh_size"]
    }


def _segments(file: ELFFile) -> tuple[Segment, ...]:
    return tuple(
        Segment(segment["p_paddr"], segment.data())
        for segment in file.iter_segments("PT_LOAD")
        if segment["p_filesz"]
    )


def _symbols(file: ELFFile) -> tuple[dict[str, int], tuple[tuple[int, str], ...]]:
    table = file.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        raise ToolchainError("the firmware has no symbols", hint="it must not be stripped")
    symbols: dict[str, int] = {}
    functions: dict[int, str] = {}
    for symbol in table.iter_symbols():
        if symbol.name:
            symbols[symbol.name] = symbol["st_value"]
            if symbol["st_info"]["type"] == "STT_FUNC":
                functions.setdefault(symbol["st_value"] & ~1, symbol.name)
    return symbols, tuple(sorted(functions.items()))
