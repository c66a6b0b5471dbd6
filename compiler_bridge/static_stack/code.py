"""The functions of a linked firmware: their instructions, and what the compiler says of each."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, Symbol, SymbolTableSection

from fitgraph.compiler_bridge.errors import ToolchainError

_CODE = ".text"
# Clang's `-fstack-size-section`: an address of 4 bytes and a size in ULEB128, function by function.
_STACK_SIZES = ".stack_sizes"
_ADDRESS_BYTES = 4


@dataclass(frozen=True, slots=True)
class CodeFunction:
    """One function.

    Attributes:
        runs: stretches of instructions by their address, without the data between them.
        reported_frame_bytes: what the compiler says it takes of the stack; None where it says
            nothing, as for what it did not compile itself.
    """

    name: str
    address: int
    end_address: int
    runs: tuple[tuple[int, bytes], ...]
    reported_frame_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """All functions, by their address, and the names of each place."""

    functions: Mapping[int, CodeFunction]
    addresses: Mapping[str, int]
    starts: tuple[int, ...]

    def at(self, address: int) -> CodeFunction | None:
        """The function that an address lies in."""
        index = bisect.bisect_right(self.starts, address) - 1
        found = self.functions[self.starts[index]] if index >= 0 else None
        return found if found is not None and address < found.end_address else None


def read_code(elf: bytes) -> Code:
    """Reads the code of a firmware that one of our linker scripts laid out.

    Raises:
        ToolchainError: it is not an ELF file with code and symbols.
    """
    try:
        file = ELFFile(io.BytesIO(elf))
        section, table = file.get_section_by_name(_CODE), file.get_section_by_name(".symtab")
        if section is None or not isinstance(table, SymbolTableSection):
            raise ToolchainError("the firmware has no code with symbols")
        return _code(file, section, list(table.iter_symbols()))
    except ELFError as error:
        raise ToolchainError(f"the firmware is not a valid ELF file: {error}") from error


def _code(file: ELFFile, section: Section, symbols: list[Symbol]) -> Code:
    start, content = section["sh_addr"], section.data()
    index = file.get_section_index(_CODE)
    here = [symbol for symbol in symbols if symbol["st_shndx"] == index]
    marks = sorted((s["st_value"] & ~1, s.name[:2]) for s in here if s.name.startswith("$"))
    named = {s.name: s["st_value"] & ~1 for s in here if s["st_info"]["type"] == "STT_FUNC"}
    sizes = _sizes(here, start + len(content))
    reported = dict(_reported(file))
    functions = {
        address: CodeFunction(
            name=name,
            address=address,
            end_address=sizes[address],
            runs=tuple(_runs(address, sizes[address], marks, start, content)),
            reported_frame_bytes=reported.get(address),
        )
        for name, address in sorted(named.items(), reverse=True)
    }
    return Code(functions, named, tuple(sorted(functions)))


def _sizes(symbols: list[Symbol], end: int) -> dict[int, int]:
    """Start to end of each function; to the next one where its symbol has no size."""
    sizes: dict[int, int] = {}
    for symbol in symbols:
        if symbol["st_info"]["type"] == "STT_FUNC":
            address = symbol["st_value"] & ~1
            sizes[address] = max(sizes.get(address, 0), symbol["st_size"])
    following = dict(zip(sorted(sizes), [*sorted(sizes)[1:], end], strict=True))
    return {a: a + size if size else following[a] for a, size in sizes.items()}


def _runs(
    address: int, end: int, marks: list[tuple[int, str]], start: int, content: bytes
) -> Iterator[tuple[int, bytes]]:
    """Stretches of code by the mapping symbols (AAELF32, 5.5.5): ``$t`` and ``$x``, not ``$d``."""
    first = max(0, bisect.bisect_right(marks, (address, "~")) - 1)
    inside = [mark for mark in marks[first:] if mark[0] < end]
    ends = [*(place for place, _ in inside[1:]), end]
    for (place, kind), last in zip(inside, ends, strict=True):
        begin = max(place, address)
        if kind != "$d" and begin < last:
            yield begin, content[begin - start : last - start]


def _reported(file: ELFFile) -> Iterator[tuple[int, int]]:
    """Frames by the function's address."""
    section = file.get_section_by_name(_STACK_SIZES)
    content = b"" if section is None else section.data()
    offset = 0
    while offset < len(content):
        address = int.from_bytes(content[offset : offset + _ADDRESS_BYTES], "little") & ~1
        offset, size = _unsigned_leb128(content, offset + _ADDRESS_BYTES)
        yield address, size


def _unsigned_leb128(content: bytes, offset: int) -> tuple[int, int]:
    value = shift = 0
    while offset < len(content):
        byte = content[offset]
        value |= (byte & 0x7F) << shift
        offset, shift = offset + 1, shift + 7
        if byte < 0x80:
            break
    return offset, value
