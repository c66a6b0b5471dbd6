"""A CMSIS-Pack's description (``.pdsc``): a vendor's devices with their cores and memories.

Families, sub-families, devices and variants each add to, or override, what stands above them.

Source: https://open-cmsis-pack.github.io/Open-CMSIS-Pack-Spec/main/html/pdsc_family_pg.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from fitgraph.registry.board import Board, McuLink
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers import numbers
from fitgraph.registry.importers.imported import Imported, Note
from fitgraph.registry.importers.names import one_line, slug
from fitgraph.registry.importers.pack_memory import pack_regions
from fitgraph.registry.importers.safe_xml import Element, read_xml
from fitgraph.registry.isa import isa_class_of
from fitgraph.registry.mcu import Mcu

#: The largest vendor's pack has 2,500 devices.
MAX_DEVICES: Final = 20_000

_LEVELS: Final = {
    "family": "Dfamily",
    "subFamily": "DsubFamily",
    "device": "Dname",
    "variant": "Dvariant",
}
_PARTS: Final = frozenset({"device", "variant"})
_KEPT: Final = frozenset(
    {*_LEVELS, "devices", "processor", "memory", "boards", "board", "mountedDevice", "vendor"}
)
_FPU: Final = {"NO_FPU": "none", "0": "none", "SP_FPU": "sp", "DP_FPU": "dp", "FPU": "", "1": ""}
_YES: Final = frozenset({"DSP", "FP_MVE", "1"})
_NO: Final = frozenset({"NO_DSP", "NO_MVE", "MVE", "0"})


@dataclass(frozen=True, slots=True)
class _Level:
    """What holds at one level of the hierarchy, with what stands above it.

    Attributes:
        processors: attributes by ``Pname``.
        memories: attributes by id or name, those of the lowest level first.
    """

    vendor: str = ""
    processors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    memories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_pack(content: bytes, source: str) -> Imported:
    """The microcontrollers that a pack describes, and the boards that carry them.

    Raises:
        InvalidImportError: it is not such XML, or a number in it does not read.
    """
    package = read_xml(content, _KEPT)
    if package.tag != "package":
        raise InvalidImportError(
            f"the root element is '{package.tag}', not 'package'", hint="name a .pdsc file"
        )
    mcus: dict[str, Mcu] = {}
    notes: list[Note] = []
    for element, level in _parts(package):
        mcu, left_out = _mcu(element, level, source)
        if mcu.mcu_id in mcus:
            left_out = [Note(f"{source}: {mcu.part}", "listed twice; the first counts")]
        mcus.setdefault(mcu.mcu_id, mcu)
        notes += left_out
        if len(mcus) > MAX_DEVICES:
            raise InvalidImportError(f"more than {MAX_DEVICES:,} devices", hint="split the file")
    boards = {board.board_id: board for board in _boards(package, mcus, source, notes)}
    return Imported(tuple(boards.values()), tuple(mcus.values()), tuple(notes))


def _parts(package: Element) -> Iterator[tuple[Element, _Level]]:
    for devices in package.all("devices"):
        for family in devices.all("family"):
            yield from _below(family, _Level())


def _below(element: Element, above: _Level) -> Iterator[tuple[Element, _Level]]:
    level = _merged(element, above)
    if element.tag in _PARTS:
        yield element, level
    for child in element.children:
        if child.tag in _LEVELS:
            yield from _below(child, level)


def _merged(element: Element, above: _Level) -> _Level:
    processors = {name: dict(attributes) for name, attributes in above.processors.items()}
    for processor in element.all("processor"):
        name = processor.attributes.get("Pname", "")
        # What is said without a name holds for all that are named above.
        for key in [name] if name or not processors else list(processors):
            inherited = processors.get(key, processors.get("", {}))
            processors[key] = {**inherited, **processor.attributes}
    if len(processors) > 1:
        processors.pop("", None)
    own = {_memory_key(memory): memory.attributes for memory in element.all("memory")}
    inherited_memories = {key: value for key, value in above.memories.items() if key not in own}
    vendor = element.attributes.get("Dvendor", "").partition(":")[0]
    return _Level(vendor or above.vendor, processors, {**own, **inherited_memories})


def _memory_key(memory: Element) -> str:
    attributes = memory.attributes
    return attributes.get("Pname", "") + ":" + (attributes.get("id") or attributes.get("name", ""))


def _mcu(element: Element, level: _Level, source: str) -> tuple[Mcu, list[Note]]:
    part = one_line(element.attributes.get(_LEVELS[element.tag], ""), _LEVELS[element.tag])
    place = f"{source}: {part}"
    try:
        name, processor = _fastest(level.processors)
        regions, left_out = pack_regions(level.memories, name)
        core, clock = processor.get("Dcore", ""), _clock(processor)
    except InvalidImportError as error:
        line = f", line {element.line}"
        raise InvalidImportError(f"{part}{line}: {error.message}", hint=error.hint) from error
    isa = _isa_class(processor)
    mcu = Mcu(
        mcu_id=slug(part),
        part=part,
        vendor=level.vendor,
        cpu_core=core,
        isa_class=isa,
        n_cores=len(level.processors) or None,
        clock_hz=clock or None,
        regions=regions,
        sources=(f"CMSIS-Pack {source}",),
    )
    notes = [Note(place, message) for message in left_out]
    if isa is None:
        notes.append(Note(place, f"no ISA class is known for '{core}' with what is said of it"))
    return mcu, notes


def _fastest(processors: Mapping[str, Mapping[str, str]]) -> tuple[str, Mapping[str, str]]:
    """The processor with the highest clock, which applications run on; the first of equals."""
    ranked = sorted(processors.items(), key=lambda item: -_clock(item[1]))
    return ranked[0] if ranked else ("", {})


def _clock(processor: Mapping[str, str]) -> int:
    return numbers.clock_hz(processor["Dclock"], "Dclock") if "Dclock" in processor else 0


def _isa_class(processor: Mapping[str, str]) -> str | None:
    return isa_class_of(
        processor.get("Dcore", ""),
        _FPU.get(processor.get("Dfpu", "")),
        dsp=_truth(processor.get("Ddsp")),
        mve=_truth(processor.get("Dmve")),
    )


def _truth(value: str | None) -> bool | None:
    return True if value in _YES else False if value in _NO else None


def _boards(
    package: Element, mcus: Mapping[str, Mcu], source: str, notes: list[Note]
) -> Iterator[Board]:
    for boards in package.all("boards"):
        for element in boards.all("board"):
            found = [d.attributes.get("Dname", "") for d in element.all("mountedDevice")]
            mounted = [name for name in found if name and slug(name) in mcus]
            board_name = one_line(element.attributes.get("name", ""), "a board's name")
            if not mounted:
                what = f"the pack does not describe its device '{', '.join(found)}'"
                notes.append(Note(f"{source}: {board_name}", what))
                continue
            yield _board(element, board_name, mcus[slug(mounted[0])], source)


def _board(element: Element, name: str, mcu: Mcu, source: str) -> Board:
    vendor = element.attributes.get("vendor", "").partition(":")[0]
    return Board(
        board_id=slug(f"{vendor} {name}"),
        name=name,
        vendor=vendor,
        mcu=mcu.part,
        cpu_core=mcu.cpu_core,
        isa_class=mcu.isa_class,
        clock_hz=mcu.clock_hz,
        regions=tuple(replace(region) for region in mcu.regions),
        sources=(f"CMSIS-Pack {source}",),
        mcu_link=McuLink(mcu.mcu_id),
    )
