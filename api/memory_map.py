"""A board's memory map as a text picture, highest address on top, as datasheets draw it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from fitgraph.matcher.placement import usable
from fitgraph.registry.board import Board, MemoryRegion

_WIDTH = 46
_KIB = 1024
_MAX_LINES = 9


def memory_map(board: Board) -> str:
    """Boxes as tall as the regions' sizes on a logarithmic scale; gaps as dots."""
    regions = sorted(board.regions, key=lambda region: region.base_address, reverse=True)
    if not regions:
        return "no memory region is known"
    return "\n".join(line for lines in _boxes(regions) for line in lines)


def size_words(n_bytes: int) -> str:
    """``256 KiB`` where that is exact, else bytes."""
    if n_bytes and n_bytes % (_KIB * _KIB) == 0:
        return f"{n_bytes // (_KIB * _KIB):,} MiB"
    if n_bytes and n_bytes % _KIB == 0:
        return f"{n_bytes // _KIB:,} KiB"
    return f"{n_bytes:,} B"


def _boxes(regions: list[MemoryRegion]) -> Iterator[list[str]]:
    for index, region in enumerate(regions):
        above = regions[index - 1] if index else None
        if above is not None and above.base_address > region.end_address:
            yield [f"{'':10}   ..."]
        yield _box(region)


def _box(region: MemoryRegion) -> list[str]:
    texts = [f"{region.name} ({region.kind}) {size_words(region.size_bytes)}"]
    if region.reserve_bytes:
        origin, capacity = usable(region)
        texts.append(f"free {capacity:,} B from 0x{origin:08x}")
        reason = f": {region.reserve_reason}" if region.reserve_reason else ""
        texts.append(f"reserve {region.reserve_bytes:,} B{reason}")
    texts += [""] * (_n_lines(region) - len(texts))
    return [
        f"{_address(region.end_address - 1)} ┌{'─' * _WIDTH}┐",
        *(f"{'':10} │ {text[: _WIDTH - 2]:<{_WIDTH - 2}} │" for text in texts),
        f"{_address(region.base_address)} └{'─' * _WIDTH}┘",
    ]


def _n_lines(region: MemoryRegion) -> int:
    """One line up to 4 KiB, one more for each further factor of four."""
    factor = max(1.0, region.size_bytes / (4 * _KIB))
    return min(_MAX_LINES, 1 + int(math.log(factor, 4)))


def _address(address: int) -> str:
    return f"0x{address:08x}"
