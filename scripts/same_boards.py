"""Which ids of the list of facts are one board, listed by projects under names of their own.

Two are one only where everything says so: both have the same part, name and maker, what is left of
their ids without maker and part is the same, no project lists both, and no memory, as they claim it
or as the part has it, differs by half. What is merely likely stays apart: two lines for one board
cost a glance, one line for two boards gives a wrong answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scripts.device_rules import vendor_name

Row = Mapping[str, str]

#: What companies add to their names.
_LEGAL: Final = re.compile(
    r"\b(inc|llc|ltd|gmbh|corp|corporation|co|company|industries|technologies|technology|"
    r"electronics|semiconductors?|labs?|studio|foundation)\b\.?",
    re.IGNORECASE,
)
#: Claims of one memory that differ by this factor are of two boards; a bootloader takes less.
_SAME_MEMORY: Final = 1.5
#: What stands for a maker that is not known.
_NOBODY: Final = frozenset({"otherunknown", "other", "unknown", "generic"})
#: What is claimed for a board, and what its part has.
_MEMORIES: Final = (("board_sram_claim", "sram_bytes"), ("board_flash_claim", "flash_bytes"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the list says under one id.

    Attributes:
        names: plain.
        vendors: plain, as the list has them.
        makers: those of them that are not the chip's, who stands in where a project knows no other.
        part: key of the microcontroller.
    """

    board_id: str
    names: frozenset[str]
    vendors: frozenset[str]
    makers: frozenset[str]
    part: str
    sources: frozenset[str]
    memories: tuple[tuple[int, ...], ...]


def one_board_each(groups: Mapping[str, Sequence[Row]], chips: Mapping[str, Row]) -> dict[str, str]:
    """For each id that gives way, the id of the same board that stays: the longest.

    Args:
        groups: rows of the list by id.
        chips: lines of the microcontrollers by key.
    """
    alike: dict[str, list[_Entry]] = defaultdict(list)
    for board_id, rows in groups.items():
        entry = _entry(board_id, rows, chips)
        if entry is not None:
            alike[entry.part].append(entry)
    merged: dict[str, str] = {}
    for entries in alike.values():
        for cluster in _clusters(sorted(entries, key=lambda e: (-len(e.board_id), e.board_id))):
            merged.update({entry.board_id: cluster[0].board_id for entry in cluster[1:]})
    return merged


def _clusters(entries: Iterable[_Entry]) -> list[list[_Entry]]:
    clusters: list[list[_Entry]] = []
    for entry in entries:
        home = next((c for c in clusters if all(_is_same(entry, other) for other in c)), None)
        if home is None:
            clusters.append([entry])
        else:
            home.append(entry)
    return clusters


def _is_same(one: _Entry, other: _Entry) -> bool:
    if one.sources & other.sources or not _is_of_one_maker(one, other):
        return False
    vendors = one.vendors | other.vendors
    names = ({_without(name, vendors) for name in entry.names} for entry in (one, other))
    stems = (_stem(_without(_plain(e.board_id), vendors), e.part) for e in (one, other))
    return (
        bool(set.intersection(*names))
        and len(set(stems)) == 1
        and all(_is_close(*pair) for pair in zip(one.memories, other.memories, strict=True))
    )


def _is_of_one_maker(one: _Entry, other: _Entry) -> bool:
    """Whether both name the same, or one names none; the chip's own boards are its maker's."""
    if one.makers and other.makers:
        return bool(one.makers & other.makers)
    return bool(one.makers or other.makers or one.vendors & other.vendors)


def _is_close(one: Sequence[int], other: Sequence[int]) -> bool:
    found = (*one, *other)
    return not (one and other) or max(found) < _SAME_MEMORY * min(found)


def _entry(board_id: str, rows: Sequence[Row], chips: Mapping[str, Row]) -> _Entry | None:
    """Nothing for what names several parts, or none, or whose maker is said to be unknown."""
    parts = {row["mcu_key"] for row in rows}
    if len(parts) != 1 or (part := parts.pop()) not in chips:
        return None
    vendors = {form for row in rows for form in _forms(row["vendor"])}
    if vendors & _NOBODY:
        return None
    return _Entry(
        board_id=board_id,
        names=frozenset(_plain(row["board_name"]) for row in rows),
        vendors=frozenset(vendors),
        makers=frozenset(vendors - {*_forms(vendor_name(chips[part]["vendor"]))}),
        part=part,
        sources=frozenset(row["source"].partition(":")[0].partition("-")[0] for row in rows),
        memories=tuple(
            _figures((row[claim] for row in rows), chips[part][own]) for claim, own in _MEMORIES
        ),
    )


def _figures(claims: Iterable[str], own: str) -> tuple[int, ...]:
    """What is claimed of a memory; where nothing is, what the part has."""
    claimed = tuple(int(text) for text in claims if text not in {"", "0"})
    return claimed or tuple(int(text) for text in (own,) if text not in {"", "0"})


def _forms(vendor: str) -> list[str]:
    """A maker's name in full and by its first word: ``seeedstudio``, ``seeed``."""
    short = _LEGAL.sub("", vendor)
    words = short.split()
    return [form for form in (_plain(short), _plain(words[0]) if words else "") if len(form) > 2]


def _stem(text: str, part: str) -> str:
    """The id without its part at either end, unless nothing else is in it."""
    chip = _plain(part)
    return text.removeprefix(chip).removesuffix(chip) or text


def _without(text: str, makers: Iterable[str]) -> str:
    for maker in sorted(makers, key=len, reverse=True):
        if text.startswith(maker) and len(text) > len(maker) + 2:
            return text[len(maker) :]
    return text


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
