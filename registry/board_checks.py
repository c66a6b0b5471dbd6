"""What a board or microcontroller must satisfy before anything is matched against it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import pairwise

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.errors import InvalidBoardError, InvalidMcuError
from fitgraph.registry.isa import ISA_CLASSES, classes_of
from fitgraph.registry.mcu import Mcu

# All cores of `ISA_CLASSES` have 32-bit addresses.
ADDRESS_SPACE_BYTES = 1 << 32

# Where activations, stack and static data may lie.
DATA_KINDS = frozenset({RegionKind.SRAM, RegionKind.DTCM, RegionKind.CCM})

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG_CHARACTERS = 64


def check_board(board: Board) -> Board:
    """The same board, when it does not contradict itself.

    Raises:
        InvalidBoardError: its id is not a slug, its ISA class is unknown or not one of its core,
            its clock is not positive, a guess has no reason, or a region is empty, lies beyond
            32 bits, reserves more than it has, or overlaps or shares its name with another.
    """
    _check_id("board_id", board.board_id)
    _check_core(board.isa_class, board.cpu_core, board.clock_hz)
    _check_regions(board.regions)
    link = board.mcu_link
    if link is not None:
        _check_id("mcu_id", link.mcu_id)
        if link.is_exact == bool(link.reason):
            raise InvalidBoardError(
                f"the link to '{link.mcu_id}' "
                + ("is exact and gives a reason" if link.is_exact else "is a guess without reason"),
                hint="a reason says why a microcontroller is a guess, and nothing else",
            )
    return board


def check_mcu(mcu: Mcu) -> Mcu:
    """The same microcontroller, when it does not contradict itself; see ``check_board``.

    Raises:
        InvalidMcuError: it does.
    """
    try:
        _check_id("mcu_id", mcu.mcu_id)
        _check_core(mcu.isa_class, mcu.cpu_core, mcu.clock_hz)
        _check_regions(mcu.regions)
    except InvalidBoardError as error:
        raise InvalidMcuError(f"{mcu.mcu_id}: {error.message}", hint=error.hint) from error
    return mcu


def check_is_whole(board: Board) -> Board:
    """The same board, when it has both flash and RAM, as who writes a board down knows.

    Raises:
        InvalidBoardError: it lacks one.
    """
    _check_kinds(board.regions)
    return board


def nearest(word: str, known: list[str]) -> str:
    """``did you mean 'x'? `` for a near miss, else the list of what is known."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known)}"


def _check_id(key: str, text: str) -> None:
    if _SLUG.fullmatch(text) is None or len(text) > MAX_SLUG_CHARACTERS:
        raise InvalidBoardError(
            f"{key} '{text}' is not a slug of at most {MAX_SLUG_CHARACTERS} characters",
            hint="use lower-case letters, digits and single hyphens: arduino-nano-33-ble-sense",
        )


def _check_core(isa_class: str | None, cpu_core: str, clock_hz: int | None) -> None:
    if isa_class is not None and isa_class not in ISA_CLASSES:
        raise InvalidBoardError(
            f"isa_class '{isa_class}' is not an ISA class", hint=nearest(isa_class, [*ISA_CLASSES])
        )
    possible = classes_of(cpu_core)
    if isa_class is not None and possible and isa_class not in possible:
        raise InvalidBoardError(
            f"a {cpu_core} is not of the ISA class {isa_class}",
            hint=f"it is of {' or '.join(sorted(possible))}: correct the core or the class",
        )
    if clock_hz is not None and clock_hz <= 0:
        raise InvalidBoardError(
            f"clock_hz is {clock_hz}, which is not a positive number of hertz",
            hint="give the highest core clock of the datasheet, for example 64_000_000",
        )


def _check_regions(regions: tuple[MemoryRegion, ...]) -> None:
    for region in regions:
        _check_region(region)
    _check_names(regions)
    _check_overlaps(regions)


def _check_region(region: MemoryRegion) -> None:
    if region.size_bytes <= 0:
        raise InvalidBoardError(
            f"region '{region.name}' has size {region.size_bytes}, which is not positive",
            hint="leave out a memory that the part does not have",
        )
    base, end = region.base_address or 0, (region.base_address or 0) + region.size_bytes
    if base < 0 or end > ADDRESS_SPACE_BYTES:
        raise InvalidBoardError(
            f"region '{region.name}' ends at {end:#x}, beyond the 32-bit address space",
            hint="check base_address and size; the last address is 0xffffffff",
        )
    if not 0 <= region.reserve_bytes <= region.size_bytes:
        raise InvalidBoardError(
            f"region '{region.name}' reserves {region.reserve_bytes} bytes "
            f"of its {region.size_bytes}",
            hint="a reserve lies between 0 and the region's size",
        )
    if region.reserve_bytes and not region.reserve_reason:
        raise InvalidBoardError(
            f"region '{region.name}' reserves {region.reserve_bytes} bytes "
            f"without a reserve_reason",
            hint="name what takes them: a bootloader, a radio stack",
        )
    if region.reserve_reason and not region.reserve_bytes:
        raise InvalidBoardError(
            f"region '{region.name}' has the reserve_reason '{region.reserve_reason}' "
            f"and reserves nothing",
            hint="say with reserve how much is taken, from the region's start",
        )


def _check_names(regions: tuple[MemoryRegion, ...]) -> None:
    seen: set[str] = set()
    for region in regions:
        if region.name in seen:
            raise InvalidBoardError(
                f"two regions are named '{region.name}'",
                hint="name each as the datasheet does, with its bank or core",
            )
        seen.add(region.name)


def _check_overlaps(regions: tuple[MemoryRegion, ...]) -> None:
    # In order of base address, whatever overlaps a later region overlaps the next one too.
    spans = sorted(
        (region.base_address, region.base_address + region.size_bytes, region.name)
        for region in regions
        if region.base_address is not None
    )
    for (_, lower_end, lower), (base, upper_end, upper) in pairwise(spans):
        if base < lower_end:
            end = min(lower_end, upper_end)
            raise InvalidBoardError(
                f"regions '{lower}' and '{upper}' overlap by "
                f"{end - base} bytes from {base:#x} to {end:#x}",
                hint="list memory that shows at two addresses once, at the address code uses",
            )


def _check_kinds(regions: tuple[MemoryRegion, ...]) -> None:
    kinds = {region.kind for region in regions}
    if not kinds & DATA_KINDS:
        raise InvalidBoardError(
            "no region is SRAM",
            hint="a model's activations need a region of kind sram, dtcm or ccm",
        )
    if RegionKind.FLASH not in kinds:
        raise InvalidBoardError(
            "no region is flash",
            hint="code needs a region of kind flash, also where the chip starts from one outside",
        )
