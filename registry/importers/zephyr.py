"""Zephyr's boards: the test runner's ``<board>.yaml``, and the devicetree beside it.

Source: https://docs.zephyrproject.org/latest/build/dts/api/api.html, "Chosen nodes".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from fitgraph.registry.board import Board
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers import numbers
from fitgraph.registry.importers.devicetree import Node, Tree, parse_tree
from fitgraph.registry.importers.devicetree_tokens import Reading, tokens
from fitgraph.registry.importers.imported import Imported, Note, unknown_keys
from fitgraph.registry.importers.names import one_line, slug
from fitgraph.registry.importers.sources import text_of
from fitgraph.registry.importers.words import radios, sensor_kinds
from fitgraph.registry.importers.zephyr_board_yml import soc_of
from fitgraph.registry.importers.zephyr_memory import tree_regions
from fitgraph.registry.isa import isa_class_of
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.plain_yaml import Plain, PlainYamlError, read_plain_yaml

_KEYS: Final = frozenset({
    "arch", "env", "flash", "identifier", "name", "ram", "simulation", "supported",
    "sysbuild", "testing", "toolchain", "twister", "type", "variants", "vendor",
})  # fmt: skip
_CORES: Final = {
    "arm,cortex-m0": ("Cortex-M0", None),
    "arm,cortex-m0+": ("Cortex-M0+", None),
    "arm,cortex-m1": ("Cortex-M1", None),
    "arm,cortex-m3": ("Cortex-M3", None),
    "arm,cortex-m4": ("Cortex-M4", "none"),
    "arm,cortex-m4f": ("Cortex-M4F", "sp"),
    "arm,cortex-m7": ("Cortex-M7", None),
    "arm,cortex-m23": ("Cortex-M23", None),
    "arm,cortex-m33": ("Cortex-M33", None),
    "arm,cortex-m33f": ("Cortex-M33F", "sp"),
    "arm,cortex-m55": ("Cortex-M55", None),
    "arm,cortex-m55f": ("Cortex-M55", "dp"),
    "arm,cortex-m85": ("Cortex-M85", None),
    "arm,cortex-m85f": ("Cortex-M85", "dp"),
    "espressif,xtensa-lx6": ("Xtensa LX6", "sp"),
    "cdns,tensilica-xtensa-lx6": ("Xtensa LX6", "sp"),
    "espressif,xtensa-lx7": ("Xtensa LX7", None),
    "cdns,tensilica-xtensa-lx7": ("Xtensa LX7", None),
}
#: In which letters of extensions stand (RISC-V unprivileged ISA, "ISA Extension Naming").
_RISCV_ORDER: Final = "iemafdqcbkjtpvh"
_RADIO_WORDS: Final = (
    ("ieee802154", "802.15.4"), ("bt-hci", "bluetooth"), ("wifi", "wifi"),
    ("semtech,sx12", "lora"), ("nfct", "nfc"),
)  # fmt: skip


def read_zephyr(path: Path, content: bytes, source: str, folders: Iterable[Path]) -> Imported:
    """The board of a ``<board>.yaml``.

    Args:
        path: of that file; the devicetree has its name with ``.dts``.
        content: of that file.
        source: what notes and the graph call it.
        folders: where includes may lie; nothing outside them is read.

    Raises:
        InvalidImportError: a file cannot be read or is no such file.
    """
    said = _said(content)
    identifier = _text(said, "identifier")
    found = devicetree_files(path, identifier)
    reading = Reading(tuple(folder for folder in folders if folder.is_dir()))
    tree = parse_tree(chain.from_iterable(tokens(file, reading) for file in found))
    part = soc_of(path, identifier)
    notes = [f"{name} lies outside the given folders" for name in dict.fromkeys(reading.missing)]
    if not found:
        what = path.with_suffix(".dts").name
        notes.append(f"there is no {what}: core, sensors and addresses are not known")
    board = _board(identifier, part, said, tree, source, notes)
    unknown = unknown_keys(source, said, _KEYS)
    return Imported((board,), notes=(*(Note(source, message) for message in notes), *unknown))


def devicetree_files(path: Path, identifier: str) -> list[Path]:
    """The devicetree of a board's target, and the overlay that changes it for the target.

    The devicetree has the name of the ``.yaml``, or that of the board with fewer of the target's
    qualifiers.

    Args:
        path: of the ``<board>.yaml``.
        identifier: ``board@revision/soc/cluster/variant``; what follows the board may be missing.
    """
    board, *qualifiers = identifier.split("/")
    board = board.partition("@")[0]
    names = [path.stem]
    for count in range(len(qualifiers), -1, -1):
        names += ["_".join([board, *qualifiers[:count]]), "_".join([board, *qualifiers[-count:]])]
    folder = path.parent
    candidates = (folder / f"{name}.dts" for name in names if "/" not in name)
    found = next((file for file in candidates if file.is_file()), None)
    overlay = path.with_suffix(".overlay")
    found_files = (found, overlay)
    return [file for file in found_files if file and file.is_file() and not file.is_symlink()]


def _board(
    identifier: str,
    part: str,
    said: Mapping[str, Plain],
    tree: Tree,
    source: str,
    notes: list[str],
) -> Board:
    core, isa_class, clock = _core(tree, notes)
    regions, left_out = tree_regions(tree)
    notes += left_out
    totals, claims = _totals(said, source)
    kinds = {region.kind for region in regions}
    regions += tuple(region for region in totals if region.kind not in kinds)
    compatible = [text for node in tree.enabled() for text in node.texts("compatible")]
    sensors = {kind for text in compatible for kind in sensor_kinds(text.partition(",")[2])}
    return Board(
        board_id=slug(identifier),
        name=one_line(str(said.get("name") or identifier), "name"),
        vendor=str(said.get("vendor") or ""),
        mcu=part or identifier,
        cpu_core=core,
        isa_class=isa_class,
        clock_hz=clock,
        regions=regions,
        sensors=tuple(sorted(sensors)),
        radios=radios(_radio_words(compatible, said)),
        sources=(f"Zephyr {source}",),
        claims=claims,
        isa_status=ClaimStatus.DERIVED if core == "Cortex-M33F" else ClaimStatus.SOURCED,
    )


def _radio_words(compatible: Iterable[str], said: Mapping[str, Plain]) -> Iterator[str]:
    """What the devicetree's nodes and the list of what is supported say of radios."""
    known = tuple(compatible)
    yield from (word for part, word in _RADIO_WORDS if any(part in text for text in known))
    supported = said.get("supported")
    yield from map(str, supported if isinstance(supported, list) else ())


def _core(tree: Tree, notes: list[str]) -> tuple[str, str | None, int | None]:
    """Core, ISA class and clock; nothing where processors differ."""
    cpus = tree.root.children.get("cpus", Node("cpus")).children.values()
    found = {
        (node.texts("compatible")[0], _riscv_isa(node)): node
        for node in cpus
        if node.name.startswith("cpu@") and node.is_enabled and node.texts("compatible")
    }
    if len(found) != 1:
        notes.append("no processor is told" if not found else "processors of several kinds")
        return "", None, None
    ((compatible, riscv), node) = next(iter(found.items()))
    clock = next((c for c in node.cells("clock-frequency") if c), None)
    if riscv:
        if isa_class_of(riscv) is None:
            notes.append(f"'{riscv}' is no ISA class")
        return riscv.upper(), isa_class_of(riscv), clock
    core, fpu = _CORES.get(compatible, ("", None))
    dsp = True if core == "Cortex-M33F" else None
    # No Cortex-M33 is known that has an FPU and no DSP; the devicetree does not say (isa_status).
    isa_class = isa_class_of(core, fpu, dsp=dsp)
    if isa_class is None:
        notes.append(f"'{compatible}' does not tell the ISA class")
    return core, isa_class, clock


def _riscv_isa(cpu: Node) -> str:
    """Base and extensions of one letter: ``rv32imac``; an empty string for another processor.

    Source: the binding of RISC-V processors in Linux and Zephyr, riscv,isa and riscv,isa-base.
    """
    whole = "".join(cpu.texts("riscv,isa")[:1]).partition("_")[0].lower()
    base = "".join(cpu.texts("riscv,isa-base")[:1]).lower()
    if whole or not base:
        return whole
    letters = {text.lower() for text in cpu.texts("riscv,isa-extensions") if len(text) == 1}
    return base + "".join(sorted(letters - {base[-1]}, key=_RISCV_ORDER.find))


def _totals(
    said: Mapping[str, Plain], source: str
) -> tuple[tuple[MemoryRegion, ...], tuple[Claim, ...]]:
    """``ram`` and ``flash`` of the YAML, in KiB: totals without an address."""
    regions, claims = [], []
    for key, kind, claimed in (
        ("ram", RegionKind.SRAM, "sramBytes"), ("flash", RegionKind.FLASH, "flashBytes"),
    ):  # fmt: skip
        size = numbers.size_bytes(said[key], key) * 1024 if key in said else 0
        if size:
            regions.append(MemoryRegion(f"{key} (total)", kind, None, size))
            claims.append(Claim(claimed, size, ClaimStatus.SOURCED, (f"Zephyr {source}",)))
    return tuple(regions), tuple(claims)


def _said(content: bytes) -> Mapping[str, Plain]:
    try:
        document = read_plain_yaml(text_of(content))
    except PlainYamlError as error:
        raise InvalidImportError(f"not YAML: {error}", hint="correct the file") from error
    if not isinstance(document, dict):
        raise InvalidImportError("not keys with values", hint="it needs identifier and arch")
    return document


def _text(said: Mapping[str, Plain], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str):
        raise InvalidImportError(f"{key} is missing or no text", hint="correct the file")
    return one_line(value, key)
