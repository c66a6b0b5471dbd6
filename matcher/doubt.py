"""What of a board is known well enough to show that a model fits it.

``fits`` rests on sourced facts alone. A region without an address, a figure that was derived or
never checked, and a microcontroller that was guessed can suggest a fit, and never show one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fitgraph.matcher.contradiction import undisputed
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.claim import ClaimStatus


def sure_part(board: Board) -> Board:
    """The board with only those regions that a fit may rest on, as far as sources agree on them."""
    regions = tuple(region for region in board.regions if not doubt_of_region(region))
    return undisputed(replace(board, regions=() if doubt_of_mcu(board) else regions))


def doubt_of(regions: Iterable[MemoryRegion], board: Board) -> str:
    """Why a firmware in one of these regions shows nothing, in a clause; empty where all are sure.

    Args:
        regions: of ``board``, the likeliest first.
    """
    doubts = (doubt_of_mcu(board), *map(doubt_of_region, regions))
    return next((doubt for doubt in doubts if doubt), "")


def doubt_of_sizes(regions: Iterable[MemoryRegion], board: Board) -> str:
    """Why a firmware that exceeds these regions shows nothing; a missing address is no reason."""
    doubts = (doubt_of_mcu(board), *map(_doubt_of_size, regions))
    return next((doubt for doubt in doubts if doubt), "")


def doubt_of_core(board: Board) -> str:
    """Why the board's ISA class shows nothing, in a clause; empty where it is sure."""
    if board.isa_status is not ClaimStatus.SOURCED:
        return f"the core is {_known(board.isa_status)}"
    return doubt_of_mcu(board)


def doubt_of_mcu(board: Board) -> str:
    """Why the board's microcontroller is in doubt, in a clause; empty where it is not."""
    link = board.mcu_link
    return "" if link is None or link.is_exact else f"the MCU {link.mcu_id} is a guess"


def doubt_of_region(region: MemoryRegion) -> str:
    """Why a region is in doubt, in a clause; empty where it is not."""
    if region.base_address is None:
        return f"the address of {region.name} is not known"
    return _doubt_of_size(region)


def with_doubt(message: str, doubt: str) -> str:
    """A sentence with the doubt, if there is one."""
    return f"{message}; but {doubt}" if doubt else message


def _doubt_of_size(region: MemoryRegion) -> str:
    if region.status is ClaimStatus.SOURCED:
        return ""
    return f"the size of {region.name} is {_known(region.status)}"


def _known(status: ClaimStatus) -> str:
    return "not checked" if status is ClaimStatus.UNCHECKED else status.value
