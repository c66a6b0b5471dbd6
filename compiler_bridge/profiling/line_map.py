"""Which step of a model each instruction of its entry function belongs to.

The entry function calls one kernel a line; the compiler may inline kernels into it. Its line tables
say which line an instruction comes from, and for an inlined one from which line it was called.
"""

from __future__ import annotations

import bisect
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.dwarf.ranges import BaseAddressEntry, RangeLists
from elftools.elf.elffile import ELFFile

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.generated import GeneratedCode

# How the generated C passes a step's parameters.
_STEP = re.compile(r"&op(\d+)\b")


@dataclass(frozen=True, slots=True)
class LineMap:
    """The entry function.

    Attributes:
        start: address of the function.
        end: address behind it.
        places: addresses from which on ``steps`` at the same position is the step; sorted.
    """

    start: int
    end: int
    places: tuple[int, ...]
    steps: tuple[int | None, ...]

    def step_at(self, address: int) -> int | None:
        """The step that an instruction belongs to; None outside of any."""
        if not self.start <= address < self.end:
            return None
        index = bisect.bisect_right(self.places, address) - 1
        return self.steps[index] if index >= 0 else None

    def holds(self, address: int) -> bool:
        """Whether an address is in the entry function."""
        return self.start <= address < self.end


def line_map(elf: bytes, generated: GeneratedCode) -> LineMap:
    """Reads it from a firmware with line tables.

    Raises:
        ToolchainError: there are none for the entry function.
    """
    entry = f"{generated.prefix}_invoke"
    lines = _step_lines(generated.files[f"{generated.prefix}.c"], entry)
    dwarf = ELFFile(io.BytesIO(elf)).get_dwarf_info()
    for unit, function in _functions(dwarf, entry):
        ((start, end),) = _ranges(dwarf, function)
        rows = _rows(dwarf, unit, start, end)
        marks = {start: None, **_row_marks(rows, lines)}
        for child in _inlined(function):
            step = lines.get(child.attributes["DW_AT_call_line"].value)
            for low, high in _ranges(dwarf, child):
                _overlay(marks, low, high, step)
        _join_what_follows(marks, {address for address, line in rows if not line})
        places = sorted(marks)
        return LineMap(start, end, tuple(places), tuple(marks[place] for place in places))
    raise ToolchainError(f"the firmware does not say from which lines {entry} comes")


def _step_lines(source: str, entry: str) -> Mapping[int, int]:
    """Line numbers of the entry function's calls, each with its step."""
    found: dict[int, int] = {}
    is_inside = False
    for number, line in enumerate(source.splitlines(), start=1):
        is_inside = line == f"void {entry}(void)" or (is_inside and line != "}")
        match = _STEP.search(line) if is_inside else None
        if match:
            found[number] = int(match[1])
    return found


def _functions(dwarf: DWARFInfo, name: str) -> Iterator[tuple[CompileUnit, DIE]]:
    for unit in dwarf.iter_CUs():
        for die in unit.get_top_DIE().iter_children():
            named = die.attributes.get("DW_AT_name")
            is_here = die.tag == "DW_TAG_subprogram" and "DW_AT_low_pc" in die.attributes
            if is_here and named is not None and named.value.decode() == name:
                yield unit, die


def _ranges(dwarf: DWARFInfo, die: DIE) -> list[tuple[int, int]]:
    attributes = die.attributes
    if "DW_AT_low_pc" in attributes:
        low, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
        return [(low, high.value if high.form == "DW_FORM_addr" else low + high.value)]
    if "DW_AT_ranges" not in attributes:
        return []
    base = die.cu.get_top_DIE().attributes.get("DW_AT_low_pc")
    offset = 0 if base is None else base.value
    found = []
    lists = dwarf.range_lists()
    assert isinstance(lists, RangeLists)
    for entry in lists.get_range_list_at_offset(attributes["DW_AT_ranges"].value):
        if isinstance(entry, BaseAddressEntry):
            offset = entry.base_address
        else:
            found.append((offset + entry.begin_offset, offset + entry.end_offset))
    return found


def _inlined(die: DIE) -> Iterator[DIE]:
    """Functions that were inlined here, but not those inside of them."""
    for child in die.iter_children():
        if child.tag == "DW_TAG_inlined_subroutine":
            yield child
        else:
            yield from _inlined(child)


def _rows(dwarf: DWARFInfo, unit: CompileUnit, start: int, end: int) -> list[tuple[int, int]]:
    """Addresses from which on instructions come from a line, or from none: 0; sorted."""
    program = dwarf.line_program_for_CU(unit)
    states = () if program is None else (entry.state for entry in program.get_entries())
    return sorted(
        (state.address, state.line)
        for state in states
        if state is not None and start <= state.address < end and not state.end_sequence
    )


def _row_marks(rows: list[tuple[int, int]], lines: Mapping[int, int]) -> dict[int, int | None]:
    """Steps by the lines of instructions; what comes from no line goes with what is before it."""
    marks: dict[int, int | None] = {}
    step: int | None = None
    for address, line in rows:
        step = lines.get(line, step) if line else step
        marks[address] = step
    return marks


def _join_what_follows(marks: dict[int, int | None], of_no_line: set[int]) -> None:
    """Puts what comes from no line, and has no step before it, to the step behind it."""
    places = sorted(marks)
    for place, following in reversed(list(pairwise(places))):
        if marks[place] is None and place in of_no_line:
            marks[place] = marks[following]


def _overlay(marks: dict[int, int | None], low: int, high: int, step: int | None) -> None:
    """Puts a step over a stretch; behind it everything is as it was."""
    places = sorted(marks)
    behind = marks[places[bisect.bisect_right(places, high) - 1]]
    for place in places:
        if low <= place < high:
            marks[place] = step
    marks[low] = step
    marks.setdefault(high, behind)
