"""A board's memory map as a text picture, highest address on top, as datasheets draw it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from operator import itemgetter

from fitgraph.matcher.placement import usable
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.claim import ClaimStatus

_WIDTH = 46
_KIB = 1024
_MAX_LINES = 9


def memory_map(board: Board) -> str:
    """Boxes as tall as the regions' sizes on a logarithmic scale; gaps as dots."""
    if not board.regions:
        return "no memory region is known"
    placed = [
        (region.base_address, region) for region in board.regions if region.base_address is not None
    ]
    boxes = _boxes(sorted(placed, key=itemgetter(0), reverse=True))
    elsewhere = (_line(region) for region in board.regions if region.base_address is None)
    return "\n".join((*(line for lines in boxes for line in lines), *elsewhere))


def size_words(n_bytes: int) -> str:
    """``256 KiB`` where that is exact, else bytes."""
    if n_bytes and n_bytes % (_KIB * _KIB) == 0:
        return f"{n_bytes // (_KIB * _KIB):,} MiB"
    if n_bytes and n_bytes % _KIB == 0:
        return f"{n_bytes // _KIB:,} KiB"
    return f"{n_bytes:,} B"


def _boxes(regions: list[tuple[int, MemoryRegion]]) -> Iterator[list[str]]:
    for index, (base_address, region) in enumerate(regions):
        if index and regions[index - 1][0] > base_address + region.size_bytes:
            yield [f"{'':10}   ..."]
        yield _box(base_address, region)


def _line(region: MemoryRegion) -> str:
    """A region that has no place in the picture."""
    return f"{'at ?':10}   {_title(region)}; its address is not known"


def _title(region: MemoryRegion) -> str:
    status = "" if region.status is ClaimStatus.SOURCED else f", {region.status}"
    return f"{region.name} ({region.kind}{status}) {size_words(region.size_bytes)}"


def _box(base_address: int, region: MemoryRegion) -> list[str]:
    texts = [_title(region)]
    if region.reserve_bytes:
        origin, capacity = usable(region)
        texts.append(f"free {capacity:,} B from 0x{origin:08x}")
        reason = f": {region.reserve_reason}" if region.reserve_reason else ""
        texts.append(f"reserve {region.reserve_bytes:,} B{reason}")
    texts += [""] * (_n_lines(region) - len(texts))
    return [
        f"{_address(base_address + region.size_bytes - 1)} ┌{'─' * _WIDTH}┐",
        *(f"{'':10} │ {text[: _WIDTH - 2]:<{_WIDTH - 2}} │" for text in texts),
        f"{_address(base_address)} └{'─' * _WIDTH}┘",
    ]


def _n_lines(region: MemoryRegion) -> int:
    """One line up to 4 KiB, one more for each further factor of four."""
    factor = max(1.0, region.size_bytes / (4 * _KIB))
    return min(_MAX_LINES, 1 + int(math.log(factor, 4)))


def _address(address: int) -> str:
    return f"0x{address:08x}"
