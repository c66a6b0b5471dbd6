"""PlatformIO's ``boards/*.json``: what a program may take of a board, as totals without addresses.

Source: https://docs.platformio.org/en/latest/platforms/creating_board.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from fitgraph.registry.board import Board
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers import numbers
from fitgraph.registry.importers.imported import Imported, Note, unknown_keys
from fitgraph.registry.importers.names import one_line, slug
from fitgraph.registry.importers.sources import text_of
from fitgraph.registry.importers.words import radios
from fitgraph.registry.isa import isa_class_of
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

#: The largest board file there has 4 KB.
MAX_FILE_BYTES: Final = 1 << 20

_KEYS: Final = frozenset(
    {"build", "connectivity", "debug", "frameworks", "fuses", "name", "upload", "url", "vendor"}
)
# build.cpu in PlatformIO's spelling, where it alone tells the core.
_CORES: Final = {
    "cortex-m0": "Cortex-M0",
    "cortex-m0plus": "Cortex-M0+",
    "cortex-m3": "Cortex-M3",
    "cortex-m4": "Cortex-M4",
    "cortex-m7": "Cortex-M7",
    "cortex-m23": "Cortex-M23",
    "cortex-m33": "Cortex-M33",
    "cortex-m55": "Cortex-M55",
    "cortex-m85": "Cortex-M85",
}
#: Cores of parts that boards name without a core; the longest beginning comes first.
#: Source: the data sheets of the families, "Features".
_PARTS: Final = (
    ("esp32c2", "RV32IMC"), ("esp32c3", "RV32IMC"), ("esp32c5", "RV32IMAC"),
    ("esp32c6", "RV32IMAC"), ("esp32h2", "RV32IMAC"), ("esp32p4", "RV32IMAFC"),
    ("esp32s2", ""), ("esp32s3", "Xtensa LX7"), ("esp32", "Xtensa LX6"),
    ("esp8266", "Xtensa L106"), ("atmega", "AVR8"), ("attiny", "AVR8"), ("at90", "AVR8"),
    ("avr", "AVR8"),
)  # fmt: skip
#: What is known of the floating-point unit of such a core. An ESP32-S2 has none.
_FPU: Final = {"Xtensa LX7": "sp"}


def read_platformio(content: bytes, source: str) -> Imported:
    """The board that a file describes.

    Args:
        content: of the file.
        source: its name, of which the last part without suffix is the board's id.

    Raises:
        InvalidImportError: it is no such file, or a number does not read.
    """
    document = _mapping(_json(content), "the file")
    build, upload = _part(document, "build"), _part(document, "upload")
    board_id = slug(source.rpartition("/")[2].removesuffix(".json"))
    core, is_told = _core(build)
    regions, claims = _memory(upload, source)
    board = Board(
        board_id=board_id,
        name=_text(document, "name", board_id),
        vendor=_text(document, "vendor", ""),
        mcu=_text(build, "mcu", board_id),
        cpu_core=core,
        isa_class=isa_class_of(core, None if is_told else _FPU.get(core)),
        clock_hz=_clock(build),
        regions=regions,
        radios=radios(_texts(document.get("connectivity"))),
        sources=(f"PlatformIO {source}",),
        claims=claims,
        isa_status=ClaimStatus.SOURCED if is_told else ClaimStatus.DERIVED,
    )
    notes = (*_notes(board, source), *unknown_keys(source, document, _KEYS))
    return Imported(boards=(board,), notes=notes)


def _core(build: Mapping[str, object]) -> tuple[str, bool]:
    """The core, and whether the file tells it; else it is that of the part, by its name."""
    told = _CORES.get(_text(build, "cpu", "").lower(), "")
    march = _text(build, "march", "").lower().partition("_")[0]
    if not told and march.startswith("rv"):
        told = march.upper()
    part = _text(build, "mcu", "").lower()
    return told or next((core for start, core in _PARTS if part.startswith(start)), ""), bool(told)


def _memory(
    upload: Mapping[str, object], source: str
) -> tuple[tuple[MemoryRegion, ...], tuple[Claim, ...]]:
    """Totals: how many regions they are spread over, and where, the file does not say."""
    totals = (
        ("maximum_size", "flash", RegionKind.FLASH, "flashBytes"),
        ("maximum_ram_size", "RAM", RegionKind.SRAM, "sramBytes"),
    )
    regions, claims = [], []
    for key, name, kind, claimed in totals:
        size = numbers.size_bytes(upload[key], f"upload.{key}") if key in upload else 0
        if size:
            regions.append(MemoryRegion(f"{name} (total)", kind, None, size))
            claims.append(Claim(claimed, size, ClaimStatus.SOURCED, (f"PlatformIO {source}",)))
    return tuple(regions), tuple(claims)


def _clock(build: Mapping[str, object]) -> int | None:
    value = build.get("f_cpu")
    return (numbers.clock_hz(value, "build.f_cpu") or None) if value is not None else None


def _notes(board: Board, source: str) -> list[Note]:
    missing = {
        "its core is not told, so no ISA class": not board.cpu_core,
        f"{board.cpu_core} comes with and without FPU, so no ISA class": bool(
            board.cpu_core and board.isa_class is None
        ),
        "no memory sizes": not board.regions,
    }
    return [Note(source, message) for message, is_so in missing.items() if is_so]


def _json(content: bytes) -> object:
    if len(content) > MAX_FILE_BYTES:
        raise InvalidImportError(
            f"{len(content):,} bytes, more than the {MAX_FILE_BYTES:,} of a board",
            hint="a board's file has a few kilobytes",
        )
    try:
        return json.loads(text_of(content))
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "nested too deep"
        raise InvalidImportError(f"not JSON: {reason}", hint="correct the file") from error


def _mapping(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise InvalidImportError(
            f"{what} is not an object", hint="a board of PlatformIO has name, build and upload"
        )
    return value


def _part(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    return _mapping(document.get(key, {}), key)


def _text(values: Mapping[str, object], key: str, default: str) -> str:
    value = values.get(key, default)
    if not isinstance(value, str):
        raise InvalidImportError(f"{key} is no text", hint="correct the file")
    return one_line(value, key) if value.strip() else default


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
