"""The linker script of a board: its own regions, laid out so that an overflow shows.

In RAM the stack lies at the bottom and grows towards the start of its region, so that a stack
that is too deep leaves the region instead of the arena's bytes. Every part starts and ends on a
16-byte boundary wherever its region lies; so a firmware needs the same bytes of every board of
an ISA class, and ``matcher.placement`` can tell without a link whether it fits.
"""

from __future__ import annotations

from fitgraph.matcher.placement import (
    ALIGNMENT_BYTES,
    ORIGIN_ALIGNMENT_BYTES,
    Placement,
    round_up,
    usable,
)
from fitgraph.registry.board import Board, MemoryRegion

# Names of the script's memory regions.
FLASH, RAM, ARENA_RAM = "FLASH", "RAM", "ARENA_RAM"
WEIGHTS_FLASH = "WEIGHTS_FLASH"

_SCRIPT = """\
/* {title}: linker script made by fitgraph from the board's memory regions. */
MEMORY
{{
{memory}
}}

ENTRY(Reset_Handler)

SECTIONS
{{
  .text : ALIGN({alignment})
  {{
    KEEP(*(.vectors))
    KEEP(*(.text.Reset_Handler))
    *(.text .text.*)
    . = ALIGN({alignment});
  }} > {flash}

  .weights : ALIGN({alignment})
  {{
    fitgraph_weights_start = .;
    *(.rodata.fitgraph_weights .rodata.fitgraph_weights.*)
    fitgraph_weights_end = .;
    . = ALIGN({alignment});
  }} > {weights_flash}

  .rodata : ALIGN({alignment})
  {{
    *(.rodata .rodata.* .srodata .srodata.*)
    . = ALIGN({alignment});
  }} > {flash}

  .stack (NOLOAD) : ALIGN({alignment})
  {{
    fitgraph_stack_limit = .;
    . += {stack_bytes};
    fitgraph_stack_top = .;
  }} > {ram}

{more_arenas}  .arena (NOLOAD) : ALIGN({alignment})
  {{
    fitgraph_arena_start = .;
    *(.bss.fitgraph_arena .bss.fitgraph_arena.*)
    . = ALIGN({alignment});
    fitgraph_arena_end = .;
  }} > {arena_ram}

  .data : ALIGN({alignment})
  {{
    fitgraph_data_start = .;
    *(.data .data.* .sdata .sdata.*)
    . = ALIGN({alignment});
    fitgraph_data_end = .;
  }} > {ram} AT> {flash}
  fitgraph_data_image = LOADADDR(.data);
{extra}
  .bss (NOLOAD) : ALIGN({alignment})
  {{
    fitgraph_bss_start = .;
    *(.bss .bss.* .sbss .sbss.* COMMON)
    . = ALIGN({alignment});
    fitgraph_bss_end = .;
  }} > {ram}

  /DISCARD/ :
  {{
    *(.ARM.exidx .ARM.exidx.* .ARM.extab .ARM.extab.*)
    *(.eh_frame .eh_frame_hdr .comment .note .note.* .debug .debug_*)
  }}
}}

ASSERT(ADDR(.text) % {origin_alignment} == 0, "the vector table is not aligned")
ASSERT(ALIGNOF(.data) <= {alignment}, "initialised data wants a larger alignment")
ASSERT(ALIGNOF(.bss) <= {alignment}, "zeroed data wants a larger alignment")
ASSERT(ALIGNOF(.arena) <= {alignment}, "the arena wants a larger alignment")
{more_asserts}"""

# Before the first arena, whose section takes what is left of them all.
_ANOTHER_ARENA = """\
  .arena_{number} (NOLOAD) : ALIGN({alignment})
  {{
    *(.bss.fitgraph_arena.{number})
    . = ALIGN({alignment});
  }} > {ram}

"""
_ANOTHER_ASSERT = (
    'ASSERT(ALIGNOF(.arena_{number}) <= {alignment}, "an arena wants a larger alignment")\n'
)

# RISC-V's global pointer lies 2 KiB into small data, which 12-bit signed offsets reach from it.
_GLOBAL_POINTER = "  __global_pointer$ = fitgraph_data_start + 0x800;\n"


def linker_script(board: Board, placement: Placement, stack_bytes: int) -> str:
    """Text that LLD and GNU ld read.

    Args:
        placement: regions of ``board``.
        stack_bytes: rounded up to 16.
    """
    roles = {region: role for role, region in regions_by_role(placement).items()}
    others = list(enumerate(placement.more_arenas, start=1))
    return _SCRIPT.format(
        title=_comment(f"{board.name} ({board.mcu})"),
        memory=_memory(placement),
        alignment=ALIGNMENT_BYTES,
        origin_alignment=ORIGIN_ALIGNMENT_BYTES,
        stack_bytes=round_up(stack_bytes, ALIGNMENT_BYTES),
        flash=FLASH,
        weights_flash=FLASH if placement.weights is None else WEIGHTS_FLASH,
        ram=RAM,
        arena_ram=roles[placement.arena],
        more_arenas="".join(
            _ANOTHER_ARENA.format(number=number, alignment=ALIGNMENT_BYTES, ram=roles[region])
            for number, region in others
        ),
        more_asserts="".join(
            _ANOTHER_ASSERT.format(number=number, alignment=ALIGNMENT_BYTES) for number, _ in others
        ),
        extra=_GLOBAL_POINTER if board.needed_isa_class().startswith("rv32") else "",
    )


def keeping_line_tables(script: str) -> str:
    """The script without its order to throw away what tells lines from addresses."""
    return script.replace(" .debug .debug_*", "")


def regions_by_role(placement: Placement) -> dict[str, MemoryRegion]:
    """The script's region names and the board's regions that they stand for."""
    roles = {FLASH: placement.flash, RAM: placement.rest}
    for number, region in enumerate((placement.arena, *placement.more_arenas)):
        if region not in roles.values():
            roles[f"ARENA_{number}_RAM" if number else ARENA_RAM] = region
    if placement.weights is not None:
        roles[WEIGHTS_FLASH] = placement.weights
    return roles


def _memory(placement: Placement) -> str:
    return "\n".join(
        _memory_line(role, region, "rx" if role in (FLASH, WEIGHTS_FLASH) else "rw")
        for role, region in regions_by_role(placement).items()
    )


def _memory_line(role: str, region: MemoryRegion, access: str) -> str:
    origin, capacity_bytes = usable(region)
    comment = region.name
    if region.reserve_bytes:
        comment += f" after {region.reserve_bytes} bytes: {region.reserve_reason or 'reserved'}"
    line = f"{role} ({access}) : ORIGIN = 0x{origin:08X}, LENGTH = {capacity_bytes}"
    return f"  /* {_comment(comment)} */\n  {line}"


def _comment(text: str) -> str:
    """The text on one line, with nothing that ends a comment."""
    return " ".join(text.replace("*/", "* /").split())
