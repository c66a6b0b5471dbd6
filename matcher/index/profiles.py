"""What of a board decides what runs on it: boards that agree in it are one hardware profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from fitgraph.matcher.constraints import isa_class
from fitgraph.matcher.doubt import doubt_of_core, sure_part
from fitgraph.matcher.index.columns_of import NOTHING_THERE, Columns, Ints
from fitgraph.matcher.index.levels import UNPROVEN, level_of
from fitgraph.matcher.placement import (
    capacity_bytes,
    flash_candidates,
    ram_candidates,
    total_bytes,
)
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.runtime import Runtime


class Profile(NamedTuple):
    """A hardware profile under a runtime; bytes are those that reserves leave.

    Attributes:
        isa_class: an empty string where it is not known.
        core: how well the runtime is known to run there, as a level.
        core_if_built: the same of a model that was built for the class.
        flash_sure: of the largest flash region that a fit may rest on.
        flash: of the largest one.
        sram_sure: likewise of RAM; the second largest in ``sram2_sure``.
        sram_total: of all RAM regions together; nothing where there is but one.
    """

    isa_class: str
    core: int
    core_if_built: int
    flash_sure: int
    flash: int
    sram_sure: int
    sram2_sure: int
    sram: int
    sram2: int
    sram_total: int


@dataclass(frozen=True, slots=True)
class ProfileColumns(Columns):
    """Profiles without their ISA class; see ``Profile``."""

    core: Ints
    core_if_built: Ints
    flash_sure: Ints
    flash: Ints
    sram_sure: Ints
    sram2_sure: Ints
    sram: Ints
    sram2: Ints
    sram_total: Ints


def profile_of(board: Board, runtime: Runtime) -> Profile:
    """The hardware profile of a board, whose reserves are those that are to hold."""
    sure = sure_part(board)
    is_built = UNPROVEN if doubt_of_core(board) else 0
    unknown = level_of(isa_class(board, runtime, None))
    total = total_bytes(board)
    sizes = [
        *(_largest(flash_candidates(one), 1)[0] for one in (sure, board)),
        *(n for one in (sure, board) for n in _largest(ram_candidates(one), 2)),
        NOTHING_THERE if total is None else total,
    ]
    core_if_built = is_built if board.isa_class is not None else unknown
    return Profile(board.isa_class or "", unknown, core_if_built, *sizes)


def _largest(regions: Iterable[MemoryRegion], count: int) -> list[int]:
    found = [capacity_bytes(region) for region in regions][:count]
    return found + [NOTHING_THERE] * (count - len(found))
