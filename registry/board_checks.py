"""What a board must satisfy before anything is matched against it, however it was described."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import pairwise

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.errors import InvalidBoardError
from fitgraph.registry.isa import ISA_CLASSES

# All cores of `ISA_CLASSES` have 32-bit addresses.
ADDRESS_SPACE_BYTES = 1 << 32

# Where activations, stack and static data may lie.
DATA_KINDS = frozenset({RegionKind.SRAM, RegionKind.DTCM, RegionKind.CCM})

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG_CHARACTERS = 64


def check_board(board: Board) -> Board:
    """The same board, when it does not contradict itself.

    Raises:
        InvalidBoardError: its id is not a slug, its ISA class is unknown, its clock is not
            positive, it has no flash or no RAM, or a region is empty, lies beyond 32 bits,
            reserves more than it has, or overlaps or shares its name with another.
    """
    _check_id(board.board_id)
    _check_isa_class(board.isa_class)
    if board.clock_hz <= 0:
        raise InvalidBoardError(
            f"clock_hz is {board.clock_hz}, which is not a positive number of hertz",
            hint="give the highest core clock of the datasheet, for example 64_000_000",
        )
    for region in board.regions:
        _check_region(region)
    _check_names(board.regions)
    _check_overlaps(board.regions)
    _check_kinds(board.regions)
    return board


def nearest(word: str, known: list[str]) -> str:
    """``did you mean 'x'? `` for a near miss, else the list of what is known."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known)}"


def _check_id(board_id: str) -> None:
    if _SLUG.fullmatch(board_id) is None or len(board_id) > MAX_SLUG_CHARACTERS:
        raise InvalidBoardError(
            f"board_id '{board_id}' is not a slug of at most {MAX_SLUG_CHARACTERS} characters",
            hint="use lower-case letters, digits and single hyphens: arduino-nano-33-ble-sense",
        )


def _check_isa_class(isa_class: str) -> None:
    if isa_class not in ISA_CLASSES:
        raise InvalidBoardError(
            f"isa_class '{isa_class}' is not an ISA class", hint=nearest(isa_class, [*ISA_CLASSES])
        )


def _check_region(region: MemoryRegion) -> None:
    if region.size_bytes <= 0:
        raise InvalidBoardError(
            f"region '{region.name}' has size {region.size_bytes}, which is not positive",
            hint="leave out a memory that the part does not have",
        )
    if region.base_address < 0 or region.end_address > ADDRESS_SPACE_BYTES:
        raise InvalidBoardError(
            f"region '{region.name}' ends at {region.end_address:#x}, "
            f"beyond the 32-bit address space",
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
    ordered = sorted(regions, key=lambda region: region.base_address)
    for lower, upper in pairwise(ordered):
        if upper.base_address < lower.end_address:
            end = min(lower.end_address, upper.end_address)
            raise InvalidBoardError(
                f"regions '{lower.name}' and '{upper.name}' overlap by "
                f"{end - upper.base_address} bytes from {upper.base_address:#x} to {end:#x}",
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
            hint="code and weights need a region of kind flash, also where it is external",
        )
