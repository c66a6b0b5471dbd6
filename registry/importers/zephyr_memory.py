"""Memory nodes of a devicetree as regions, with partitions of the flash as reserves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fitgraph.registry.board_checks import ADDRESS_SPACE_BYTES
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.importers.devicetree import Node, Tree
from fitgraph.registry.importers.regions import distinct, ram_kind
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

_KINDS: Final = {
    "mmio-sram": RegionKind.SRAM,
    "zephyr,memory-region": RegionKind.SRAM,
    "arm,dtcm": RegionKind.DTCM,
    "arm,itcm": RegionKind.ITCM,
    "nxp,imx-dtcm": RegionKind.DTCM,
    "nxp,imx-itcm": RegionKind.ITCM,
    "st,stm32-ccm": RegionKind.CCM,
    "arm,ccm": RegionKind.CCM,
    "soc-nv-flash": RegionKind.FLASH,
}
# Armv7-M ARM, B3.1: external RAM from here on.
_EXTERNAL_RAM: Final = 0x6000_0000


def tree_regions(tree: Tree) -> tuple[tuple[MemoryRegion, ...], list[str]]:
    """Regions, those that Zephyr itself uses first, and what was left out, in words."""
    chosen = tree.root.children.get("chosen", Node("chosen"))
    wanted = [tree.labelled(chosen.reference(f"zephyr,{name}")) for name in ("sram", "flash")]
    notes: list[str] = []
    found: list[MemoryRegion] = []
    for node in sorted(tree.root.walk(), key=lambda node: node not in wanted):
        kind = _kind(node)
        if kind is None or not node.is_enabled or (kind is RegionKind.FLASH and node not in wanted):
            continue
        if kind is RegionKind.PSRAM and node not in wanted and not _says_ram(node):
            notes.append(f"{node.name} left out: memory beside the chip that may be flash")
            continue
        span = _span(node)
        if span is None:
            notes.append(f"{node.name} left out: its address or size is not a plain number")
            continue
        found += _regions(node, kind, span, tree, is_chosen=node in wanted)
    kept, overlapping = distinct(found)
    notes += [f"{region.name} left out: it overlaps another" for region in overlapping]
    return kept, notes


def _kind(node: Node) -> RegionKind | None:
    compatible = node.texts("compatible")
    kind = next((_KINDS[text] for text in reversed(compatible) if text in _KINDS), None)
    if kind is None and node.texts("device_type") == ["memory"]:
        kind = RegionKind.SRAM
    start = (node.cells("reg") or [None])[0]
    if kind is not RegionKind.SRAM:
        return kind
    is_external = start is not None and start >= _EXTERNAL_RAM
    # Names tell what addresses don't: an ESP32's PSRAM lies between its internal memories.
    return RegionKind.PSRAM if is_external else ram_kind(" ".join([node.name, *node.labels]))


def _says_ram(node: Node) -> bool:
    """Whether the node is RAM: by what it is compatible with, or by its name."""
    is_sram = {"mmio-sram"} & set(node.texts("compatible"))
    return bool(is_sram) or "ram" in " ".join([node.name, *node.labels]).lower()


def _span(node: Node) -> tuple[int, int] | None:
    """Address and size, as the core sees them; None where they are not plain numbers."""
    cells = node.cells("reg")
    if len(cells) != 2 or cells[0] is None or not cells[1]:
        return None
    start = cells[0]
    bus = node.parent
    while bus is not None:
        ranges = bus.cells("ranges")
        # A bus without ranges, or with ranges that say nothing, shows addresses as they are.
        if len(ranges) == 3:
            child, base, size = ranges
            if child is None or base is None or size is None:
                return None
            if child <= start < child + size:
                start = start - child + base
        bus = bus.parent
    return (start, cells[1]) if start + cells[1] <= ADDRESS_SPACE_BYTES else None


def _regions(
    node: Node, kind: RegionKind, span: tuple[int, int], tree: Tree, *, is_chosen: bool
) -> Iterator[MemoryRegion]:
    name = (node.labels or [node.name])[0]
    status = ClaimStatus.SOURCED if is_chosen else ClaimStatus.UNCHECKED
    whole = MemoryRegion(name, kind, *span, status=status)
    chosen = tree.root.children.get("chosen", Node("chosen"))
    partition = tree.labelled(chosen.reference("zephyr,code-partition"))
    cells = partition.cells("reg") if partition is not None else []
    if kind is not RegionKind.FLASH or partition is None or not _lies_in(partition, node):
        yield whole
        return
    offset, size = cells if len(cells) == 2 else (None, None)
    if offset is None or not size or offset + size > whole.size_bytes:
        yield replace(whole, status=ClaimStatus.UNCHECKED)
        return
    # MCUboot puts a header before and a trailer behind an image; how large, the build decides.
    is_slot = "image-0" in partition.texts("label")
    yield replace(
        whole,
        size_bytes=offset + size,
        reserve_bytes=offset,
        reserve_reason=f"partitions before {partition.labels[0]}" if offset else "",
        status=ClaimStatus.UNCHECKED if is_slot else status,
    )
    behind = whole.size_bytes - offset - size
    if behind:
        yield MemoryRegion(
            f"{name} behind {partition.labels[0]}", kind, span[0] + offset + size, behind,
            reserve_bytes=behind, reserve_reason="other partitions", status=status,
        )  # fmt: skip


def _lies_in(partition: Node, flash: Node) -> bool:
    node: Node | None = partition
    while node is not None and node is not flash:
        node = node.parent
    return node is flash
