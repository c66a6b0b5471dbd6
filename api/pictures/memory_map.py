"""A board's memory map as a picture: regions drawn to scale, highest address on top.

RAM and flash have a scale each, as one is often ten times the other; memory outside of the chip has
one of its own, too. What a model takes is drawn into its regions, and past their end where it is
too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fitgraph.api.memory_map import size_words
from fitgraph.api.output import shortened
from fitgraph.api.pictures.svg import (
    CHARACTER_WIDTH,
    INK,
    LINE,
    ON_COLOUR,
    QUIET,
    label,
    picture,
    text,
    told,
)
from fitgraph.registry.board import Board, MemoryRegion, RegionKind

_LEFT, _WIDTH, _RIGHT = 14, 720, 26
_BAR, _ROW, _HEAD, _FOOT = 30, 74, 34, 26
_FREE: Final = "var(--free, #e4e8e5)"
_SHORT: Final = "#d55e00"
# Told apart in print and by people who see fewer colours (Okabe & Ito).
_COLOURS: Final = {
    "weights": "#56b4e9",
    "code": "#9ad0f0",
    "arena": "#e69f00",
    "stack": "#f0e442",
    "static": "#cc79a7",
    "image": "#56b4e9",
    "memory": "#e69f00",
}
_OUTSIDE: Final = frozenset({RegionKind.PSRAM, RegionKind.EXTFLASH})
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Use:
    """Bytes of a region that something takes.

    Attributes:
        region: its name.
        part: ``weights``, ``code``, ``arena``, ``stack`` or ``static``; ``image`` and ``memory``
            where their parts are not known.
    """

    region: str
    part: str
    n_bytes: int


def memory_map_svg(board: Board, uses: Sequence[Use] = ()) -> str:
    """Regions of a board to scale, with what a model takes of them.

    Args:
        board: with the reserves that are to hold.
        uses: in the order in which they lie.
    """
    groups = [(name, some) for name, some in _groups(board.regions) if some]
    parts: list[str] = [_HATCH]
    y = 6.0
    for name, regions in groups:
        most = max(_extent(one, uses) for one in regions)
        parts.append(label(_LEFT, y + 18, name, f"font-weight='600' fill='{QUIET}'"))
        parts.append(
            label(_LEFT + _WIDTH, y + 18, f"full width {size_words(most)}",
                  f"text-anchor='end' fill='{QUIET}'")
        )  # fmt: skip
        y += _HEAD
        for region in regions:
            parts += _row(region, [one for one in uses if one.region == region.name], y, most)
            y += _ROW
    if not groups:
        parts.append(label(_LEFT, 30, "no memory region is known"))
        y = 30.0
    parts += _legend(uses, has_reserve=any(one.reserve_bytes for one in board.regions), y=y + 6)
    return picture(
        _LEFT + _WIDTH + _RIGHT,
        y + _FOOT,
        f"Memory map of {board.name}",
        "; ".join(_words(one, uses) for _, some in groups for one in some),
        parts,
    )


_HATCH: Final = (
    "<defs><pattern id='reserve' width='8' height='8' patternUnits='userSpaceOnUse' "
    "patternTransform='rotate(45)'><rect width='8' height='8' fill='#8b9691'/>"
    "<rect width='3' height='8' fill='#c5cdc9'/></pattern></defs>"
)


def _groups(regions: Iterable[MemoryRegion]) -> Iterator[tuple[str, list[MemoryRegion]]]:
    """Regions that are drawn to one scale, highest address first."""
    placed = sorted(
        regions, key=lambda one: (one.base_address is None, -(one.base_address or 0), one.name)
    )
    flash = [one for one in placed if one.kind is RegionKind.FLASH]
    # An outer flash of 16 MiB would make one of 256 KiB a hairline.
    inner = [one for one in flash if one.size_bytes <= 32 * min(f.size_bytes for f in flash)]
    yield "RAM", [o for o in placed if o.kind is not RegionKind.FLASH and o.kind not in _OUTSIDE]
    yield "external RAM", [one for one in placed if one.kind is RegionKind.PSRAM]
    yield "flash", inner
    yield "large flash", [one for one in flash if one not in inner]
    yield "external flash", [one for one in placed if one.kind is RegionKind.EXTFLASH]


def _extent(region: MemoryRegion, uses: Iterable[Use]) -> int:
    used = sum(one.n_bytes for one in uses if one.region == region.name)
    return max(region.size_bytes, region.reserve_bytes + used)


def _row(region: MemoryRegion, uses: Sequence[Use], y: float, most: int) -> Iterator[str]:
    scale = _WIDTH / most
    width = max(region.size_bytes * scale, 1.5)
    yield label(_LEFT, y + 12, f"{region.name} ({region.kind}) {size_words(region.size_bytes)}")
    yield label(_LEFT + _WIDTH, y + 12, _addresses(region), f"text-anchor='end' fill='{QUIET}'")
    top = y + 19
    yield told(
        _words(region, uses),
        f"<rect x='{_LEFT}' y='{top:g}' width='{width:.2f}' height='{_BAR}' fill='{_FREE}'/>",
    )
    start = 0
    for part, n_bytes, colour in _segments(region, uses):
        yield _segment(part, n_bytes, colour, _LEFT + start * scale, top, n_bytes * scale)
        start += n_bytes
    dashes = "" if region.base_address is not None else " stroke-dasharray='5 3'"
    yield (
        f"<rect x='{_LEFT}' y='{top:g}' width='{width:.2f}' height='{_BAR}' fill='none' "
        f"stroke='{INK}'{dashes}/>"
    )
    if start > region.size_bytes:
        end, over = _LEFT + width, (start - region.size_bytes) * scale
        yield (
            f"<rect x='{end:.2f}' y='{top:g}' width='{max(over, 2):.2f}' height='{_BAR}' "
            f"fill='none' stroke='{_SHORT}' stroke-width='2' stroke-dasharray='4 3'/>"
        )
    yield label(_LEFT, top + _BAR + 14, _below(region, start), f"fill='{QUIET}' font-size='11'")


def _segments(region: MemoryRegion, uses: Iterable[Use]) -> Iterator[tuple[str, int, str]]:
    if region.reserve_bytes:
        yield "reserve", region.reserve_bytes, "url(#reserve)"
    for one in uses:
        yield one.part, one.n_bytes, _COLOURS[one.part]


def _segment(part: str, n_bytes: int, colour: str, x: float, y: float, width: float) -> str:
    words = f"{part} {n_bytes:,} B"
    box = (
        f"<rect x='{x:.2f}' y='{y:g}' width='{max(width, 0.8):.2f}' height='{_BAR}' "
        f"fill='{colour}' stroke='{LINE}' stroke-width='0.5'/>"
    )
    shown = next((one for one in (words, part) if len(one) * CHARACTER_WIDTH + 8 <= width), "")
    if part == "reserve":
        shown = ""
    return told(words, box, label(x + 5, y + 19, shown, ON_COLOUR) if shown else "")


def _below(region: MemoryRegion, taken: int) -> str:
    """What is left, and why what is taken is."""
    left = region.size_bytes - taken
    parts = [f"{left:,} B free" if left >= 0 else f"{-left:,} B too much"]
    if region.reserve_bytes:
        why = f" for {region.reserve_reason}" if region.reserve_reason else ""
        parts.append(f"reserve {region.reserve_bytes:,} B{why}")
    if region.status != "sourced":
        parts.append(f"{region.status}, so nothing may rest on it")
    return shortened("; ".join(parts), 108)


def _addresses(region: MemoryRegion) -> str:
    if region.base_address is None:
        return "at an address that is not known"
    return f"0x{region.base_address:08x} to 0x{region.base_address + region.size_bytes - 1:08x}"


def _words(region: MemoryRegion, uses: Iterable[Use]) -> str:
    own = [f"{one.part} {one.n_bytes:,} B" for one in uses if one.region == region.name]
    reserve = [f"reserve {region.reserve_bytes:,} B"] if region.reserve_bytes else []
    takes = f": {', '.join((*reserve, *own))}" if reserve or own else ""
    return f"{region.name}, {region.kind}, {region.size_bytes:,} B, {_addresses(region)}{takes}"


def _legend(uses: Iterable[Use], *, has_reserve: bool, y: float) -> Iterator[str]:
    parts = dict.fromkeys(one.part for one in uses)
    entries = [(part, _COLOURS[part]) for part in _COLOURS if part in parts]
    entries += [("reserve", "url(#reserve)")] if has_reserve else []
    x = float(_LEFT)
    for part, colour in (*entries, ("free", _FREE)):
        yield f"<rect x='{x:g}' y='{y:g}' width='12' height='12' fill='{colour}' stroke='{LINE}'/>"
        yield f"<text x='{x + 17:g}' y='{y + 10:g}' fill='{QUIET}'>{text(part)}</text>"
        x += 34 + len(part) * CHARACTER_WIDTH
