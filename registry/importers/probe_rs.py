"""probe-rs's target files: a family's parts with their cores and memory maps.

They serve a debugger: a map may list views of one memory, and external flash at its most. So its
regions are taken as unchecked.

Source: https://docs.rs/probe-rs-target/latest/probe_rs_target/struct.Chip.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.imported import Imported, Note, unknown_keys
from fitgraph.registry.importers.names import one_line, slug
from fitgraph.registry.importers.probe_memory import map_regions, mapping, text
from fitgraph.registry.importers.sources import text_of
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.plain_yaml import Limits, Plain, PlainYamlError, read_plain_documents

#: The largest family file has 1,300 parts and 90,000 values.
LIMITS: Final = Limits(max_depth=16, max_nodes=1_000_000)

# What a type of core tells: its name where it is one, and its ISA class where that is certain.
_CORES: Final[dict[str, tuple[str, str | None]]] = {
    "armv6m": ("", "armv6-m"),
    "m0": ("Cortex-M0", "armv6-m"),
    "armv7m": ("Cortex-M3", "armv7-m"),
    "m3": ("Cortex-M3", "armv7-m"),
    "armv7em": ("", None),
    "m4": ("Cortex-M4", None),
    "m7": ("Cortex-M7", None),
    "armv8m": ("", None),
    "m23": ("Cortex-M23", "armv8-m.base"),
    "m33": ("Cortex-M33", None),
    "riscv": ("", None),
    "xtensa": ("", None),
    "avr": ("AVR8", "avr"),
}
_KEYS: Final = frozenset({
    "chip_detection", "family", "flash_algorithms", "generated_from_pack", "jep106",
    "manufacturer", "name", "pack_file_release", "source", "variants",
})  # fmt: skip


def read_probe_rs(content: bytes, source: str) -> Imported:
    """The microcontrollers of one family.

    Raises:
        InvalidImportError: it is no such file, or an address does not read.
    """
    family = _family(content)
    found = [
        _mcu(mapping(item, f"variant {number}"), source)
        for number, item in enumerate(_list(family, "variants"), 1)
    ]
    mcus = {mcu.mcu_id: mcu for mcu, _ in reversed(found)}
    notes = [note for _, left_out in found for note in left_out]
    if len(mcus) < len(found):
        notes.append(Note(source, f"{len(found) - len(mcus)} parts are listed twice"))
    notes += unknown_keys(source, family, _KEYS)
    return Imported(mcus=tuple(reversed(mcus.values())), notes=tuple(notes))


def _mcu(variant: Mapping[str, Plain], source: str) -> tuple[Mcu, list[Note]]:
    part = one_line(text(variant, "name"), "name")
    place = f"{source}: {part}"
    cores = [mapping(core, f"{part}: a core") for core in _list(variant, "cores")]
    first = cores[0] if cores else {}
    kind = str(first.get("type", "")).lower()
    core, isa = _CORES.get(kind, ("", None))
    regions, left_out = map_regions(
        (
            mapping(item, f"{part}: memory {number}")
            for number, item in enumerate(_list(variant, "memory_map"), 1)
        ),
        str(first.get("name", "")),
        part,
        is_arm=kind.startswith(("arm", "m")),
        has_security=kind in {"armv8m", "m23", "m33"},
    )
    mcu = Mcu(
        mcu_id=slug(part),
        part=part,
        vendor="",  # the file has a JEP106 code, which is no name
        cpu_core=core,
        isa_class=isa,
        n_cores=len(cores) or None,
        regions=regions,
        sources=(f"probe-rs {source}",),
    )
    notes = [Note(place, message) for message in left_out]
    if isa is None:
        notes.append(Note(place, f"the core type '{kind}' does not tell the ISA class"))
    return mcu, notes


def _family(content: bytes) -> Mapping[str, Plain]:
    try:
        documents = [
            d for _, d in read_plain_documents(text_of(content), LIMITS, tags_as_keys=True)
        ]
    except PlainYamlError as error:
        raise InvalidImportError(f"not YAML: {error}", hint="correct the file") from error
    if len(documents) != 1:
        raise InvalidImportError(f"{len(documents)} YAML documents, not one", hint="split the file")
    return mapping(documents[0], "the file")


def _list(values: Mapping[str, Plain], key: str) -> list[Plain]:
    value = values.get(key, [])
    if not isinstance(value, list):
        raise InvalidImportError(f"{key} is not a list", hint="correct the file")
    return value
