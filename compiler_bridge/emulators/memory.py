"""The board's memory in the emulator: nothing else is there to be touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from unicorn import unicorn_const as uc

from fitgraph.matcher.placement import FLASH_KINDS, RAM_KINDS, WEIGHTS_KINDS, round_up, usable
from fitgraph.registry.board import Board, MemoryRegion

_READ_EXECUTE = uc.UC_PROT_READ | uc.UC_PROT_EXEC
_READ_WRITE = uc.UC_PROT_READ | uc.UC_PROT_WRITE


@dataclass(frozen=True, slots=True)
class Span:
    """Addresses from ``start`` to ``end``, the latter excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MappedPages:
    """Whole pages with one access right.

    Attributes:
        rights: of ``UC_PROT_*``.
        guards: parts of the pages that belong to no region; an access there is a fault too.
    """

    pages: Span
    rights: int
    guards: tuple[Span, ...] = ()


# System control space of every Cortex-M (Armv7-M ARM, B3.2), which start-up code writes to.
SYSTEM_CONTROL_SPACE = MappedPages(Span(0xE000_E000, 0xE000_F000), _READ_WRITE)


def board_pages(board: Board, page_bytes: int) -> tuple[MappedPages, ...]:
    """Pages to map for a board: flash to read and execute, RAM to read and write.

    Flash that a program sets up first is there to be read.

    Only what the reserves leave of each region is there.
    """
    flash = board.regions_of(*FLASH_KINDS)
    outer = board.regions_of(*(kind for kind in WEIGHTS_KINDS if kind not in FLASH_KINDS))
    ram = board.regions_of(*RAM_KINDS)
    return (
        *_mapped(flash, _READ_EXECUTE, page_bytes),
        *_mapped(outer, uc.UC_PROT_READ, page_bytes),
        *_mapped(ram, _READ_WRITE, page_bytes),
    )


def _mapped(regions: Iterable[MemoryRegion], rights: int, page_bytes: int) -> Iterator[MappedPages]:
    """Pages of the regions; regions that share a page are mapped together."""
    run: list[Span] = []
    for span in sorted(map(_usable_span, regions), key=lambda span: span.start):
        if span.start == span.end:
            continue
        if run and span.start >= round_up(run[-1].end, page_bytes):
            yield _one_run(run, rights, page_bytes)
            run = []
        run.append(span)
    if run:
        yield _one_run(run, rights, page_bytes)


def _one_run(run: list[Span], rights: int, page_bytes: int) -> MappedPages:
    pages = Span(run[0].start // page_bytes * page_bytes, round_up(run[-1].end, page_bytes))
    starts = [pages.start, *(span.end for span in run)]
    ends = [*(span.start for span in run), pages.end]
    gaps = [Span(start, end) for start, end in zip(starts, ends, strict=True) if start < end]
    return MappedPages(pages, rights, tuple(gaps))


def _usable_span(region: MemoryRegion) -> Span:
    origin, capacity_bytes = usable(region)
    return Span(origin, origin + capacity_bytes)
