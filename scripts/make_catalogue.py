"""Writes the device catalogue's tables anew from a list of facts: registry/devices/*.tsv.

Usage: python -m scripts.make_catalogue [DEVICES.CSV] [FOLDER]
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.device_tables import BOARD_COLUMNS, MCU_COLUMNS, SOURCES, mcu_id_of
from fitgraph.registry.isa import isa_class_of
from fitgraph.registry.reviewed_parts import reviewed_parts
from scripts import device_rules as rules
from scripts.device_corrections import FAMILY, corrected, is_shared
from scripts.memory_rules import Memory, Region, clean_flash, clean_ram
from scripts.same_boards import one_board_each

REPOSITORY = Path(__file__).resolve().parents[1]
DEFAULT_LIST = REPOSITORY.parent / "shared" / "data" / "devices.csv"
FOLDER = REPOSITORY / "registry" / "devices"

Row = Mapping[str, str]
# What claims more is no microcontroller's memory.
_LARGEST_BYTES = 1 << 31
# Their lists of targets have been found wrong: TCM as RAM, external flash, another core's RAM.
_DEBUGGERS = {"probe-rs", "pyocd"}
_STATUS = {"source": "s", "platformio": "s", "derived": "d", "": "d"}
# Whose description of a board is taken for its name and vendor, first to last.
_ORDER = (
    "zephyr-4",
    "zephyr-3",
    "platformio",
    "mbed",
    "stm32duino",
    "micropython",
    "circuitpython",
)


@dataclass
class Regions:
    """Numbers sets of regions, so that a set is written once."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, regions: Iterable[Region], status: str) -> str:
        """Number of the set, as text."""
        text = ";".join(
            f"{kind},{name},{'' if base is None else hex(base)},{size},{status}"
            for kind, name, base, size in regions
        )
        return str(self.numbers.setdefault(text, len(self.numbers)))


def main(arguments: Sequence[str]) -> None:
    """Reads the list and writes the tables."""
    source = Path(arguments[0]) if arguments else DEFAULT_LIST
    folder = Path(arguments[1]) if len(arguments) > 1 else FOLDER
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, text in tables(rows).items():
        (folder / name).write_text(text, encoding="utf-8")


def tables(rows: Sequence[Row]) -> dict[str, str]:
    """The files of the catalogue by name."""
    sets = Regions()
    by_key = {row["mcu_key"]: corrected(row) for row in rows if row["kind"] == "mcu"}
    names = {part.listed_as: part.mcu.part for part in reviewed_parts() if part.listed_as}
    parts = {key: names.get(key) or rules.part_name(row["mcu"], key) for key, row in by_key.items()}
    mcus = [mcu_line(parts[key], row, sets) for key, row in sorted(by_key.items())]
    boards = board_lines([row for row in rows if row["kind"] == "board"], by_key, parts)
    return {
        "mcus.tsv": _table(MCU_COLUMNS, mcus),
        "boards.tsv": _table(BOARD_COLUMNS, boards),
        "regions.tsv": "".join(f"{number}\t{text}\n" for text, number in sets.numbers.items()),
    }


def mcu_line(part: str, row: Row, sets: Regions) -> list[str]:
    """One microcontroller as the table has it."""
    ram = clean_ram(
        json.loads(row["sram_regions"] or "[]"),
        _int(row["sram_bytes"]),
        row["cpu_core"],
        row["mcu_key"],
    )
    flash = clean_flash(
        json.loads(row["flash_regions"] or "[]"), _int(row["flash_bytes"]), part, row["mcu_key"]
    )
    return [
        part,
        rules.vendor_name(row["vendor"]),
        row["cpu_core"],
        isa_of(row) or "",
        _STATUS.get(row["core_src"], "d"),
        row["n_cores"],
        row["clock_hz"],
        _STATUS.get(row["clock_src"], "d"),
        *memory_cells(row, "sram_src", ram, sets),
        *memory_cells(row, "flash_src", flash, sets),
        row["npu"],
        _codes(row["source"]),
    ]


def memory_cells(row: Row, column: str, memory: Memory, sets: Regions) -> list[str]:
    """Total, source and number of the regions of RAM or of flash."""
    status = memory_status(row, column, is_sure=memory.is_sure)
    return [
        str(memory.total_bytes or ""),
        _codes(row[column]),
        sets.number(memory.regions, status) if memory.regions else "",
    ]


def memory_status(row: Row, column: str, *, is_sure: bool) -> str:
    """How a memory map is known: a debugger's target list alone has been found wrong."""
    is_alone = {*row["source"].split("+")} <= _DEBUGGERS | {FAMILY}
    if row[column] in {"manual-datasheet", "pyocd"} or is_alone:
        return "u"
    return "s" if is_sure and not is_shared(row["mcu_key"]) else "d"


def isa_of(row: Row) -> str | None:
    """The ISA class of a row's core."""
    truth = {"true": True, "false": False}
    fpu = row["fpu"] or None
    return isa_class_of(row["cpu_core"], fpu, dsp=truth.get(row["dsp"]), mve=row["mve"] == "true")


def board_lines(
    rows: Sequence[Row], by_key: Mapping[str, Row], parts: Mapping[str, str]
) -> list[list[str]]:
    """Boards as the table has them: descriptions that are surely of one board are one."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[rules.slug(row["board_id"])].append(row)
    ours = {name for board in builtin_boards() for name in (board.board_id, *board.other_names)}
    theirs = {name: rows for name, rows in groups.items() if name not in ours}
    merged = one_board_each(theirs, by_key)
    other_names: dict[str, list[str]] = defaultdict(list)
    for name, stays in sorted(merged.items()):
        theirs[stays] = [*theirs[stays], *theirs.pop(name)]
        other_names[stays].append(name)
    lines: dict[str, list[str]] = {}
    for name in sorted(theirs):
        same, others = _same_board(theirs[name], by_key)
        clusters = [(name, same), *((_prefixed(name, row), [row]) for row in others)]
        for board_id, cluster in clusters:
            if board_id and board_id not in ours and board_id not in lines and cluster[0]["mcu"]:
                line = board_line(board_id, cluster, by_key, parts)
                lines[board_id] = [*line, ",".join(other_names[board_id])]
    return [lines[board_id] for board_id in sorted(lines)]


def _prefixed(name: str, row: Row) -> str:
    return rules.slug(f"{row['source'].split(':')[0]}-{name}")


def _same_board(rows: Sequence[Row], by_key: Mapping[str, Row]) -> tuple[list[Row], list[Row]]:
    """Rows that name the same part as the best of them, and the rest."""
    ordered = sorted(rows, key=lambda row: (_rank(_link(row, by_key)), _source_rank(row)))
    first = ordered[0]
    key = _key(first, by_key)
    same = [row for row in ordered if row is first or (key and _key(row, by_key) == key)]
    return same, [row for row in ordered if row not in same]


def _link(row: Row, by_key: Mapping[str, Row]) -> str | None:
    key, name = row["mcu_key"], f"{row['board_id']} {row['board_name']}"
    if key not in by_key or rules.speaks_of_another(name, key):
        return None
    kind = rules.link_kind(row["mcu"], key)
    is_other = rules.names_another_core(f"{name} {row['mcu']}", by_key[key]["cpu_core"])
    return "c" if is_other and kind is not None else kind


def _key(row: Row, by_key: Mapping[str, Row]) -> str:
    return "" if _link(row, by_key) is None else row["mcu_key"]


def _rank(link: str | None) -> int:
    return {"": 0, "f": 1, "p": 2, "c": 2, None: 3}[link]


def _source_rank(row: Row) -> tuple[int, str]:
    found = [rank for rank, start in enumerate(_ORDER) if row["source"].startswith(start)]
    return (found[0] if found else len(_ORDER)), row["source"]


def board_line(
    board_id: str, rows: Sequence[Row], by_key: Mapping[str, Row], parts: Mapping[str, str]
) -> list[str]:
    """One board, from all descriptions of it; the first names it."""
    first = rows[0]
    link = _link(first, by_key)
    kinds, sensor_parts = rules.sensor_facts(
        name for row in rows for name in json.loads(row["sensors"] or "[]")
    )
    connectivity = {n for row in rows for n in json.loads(row["connectivity"] or "[]")}
    vendors = [rules.vendor_name(row["vendor"]) for row in rows]
    names = sorted(rows, key=_source_rank)
    return [
        board_id,
        names[0]["board_name"].replace("\\", ""),
        next((vendor for vendor in vendors if vendor), ""),
        first["mcu"].replace("\\", ""),
        "" if link is None else mcu_id_of(parts[first["mcu_key"]]),
        link or "",
        first["cpu_core"] if link is None and not first["mcu_key"] else "",
        (isa_of(first) or "") if link is None and not first["mcu_key"] else "",
        _STATUS.get(first["core_src"], "d"),
        ",".join(sorted(kinds)),
        ",".join(sorted(sensor_parts)),
        ",".join(sorted(rules.radios(connectivity))),
        ",".join(sorted({row["source"] for row in rows})),
        ";".join(_claims(rows, by_key)),
    ]


def _claims(rows: Sequence[Row], by_key: Mapping[str, Row]) -> list[str]:
    """``sramBytes=4096@source`` for what a source says of the board itself."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        source, mcu = row["source"], by_key.get(_key(row, by_key))
        found["mcu", row["mcu"].replace("\\", "")].add(source)
        for name, column in (
            ("sramBytes", "board_sram_claim"),
            ("flashBytes", "board_flash_claim"),
        ):
            if 0 < _int(row[column]) <= _LARGEST_BYTES:
                found[name, row[column]].add(source)
        if row["clock_hz"] and (mcu is None or mcu["clock_hz"] != row["clock_hz"]):
            mark = "" if row["clock_src"] == "platformio" else "?"
            if mcu is not None or not row["mcu_key"]:
                found["clockHz", row["clock_hz"] + mark].add(source)
    lines = (f"{n}={v}@{'+'.join(sorted(who))}" for (n, v), who in found.items() if v)
    return sorted(lines)


def _codes(sources: str) -> str:
    codes = {name: code for code, name in SOURCES.items()}
    return "+".join(codes[name] for name in sources.split("+") if name)


def _int(text: str) -> int:
    return int(text) if text else 0


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = ("\t".join(" ".join(cell.split()) for cell in line) for line in lines)
    return "\n".join(("\t".join(columns), *rows)) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
