"""Tells by its content which format a file is in."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

#: Where the keys that tell a format stand; a file need not be read whole to be passed over.
_HEAD_BYTES: Final = 1 << 16

_TOP_KEY: Final = re.compile(r"^(?:- )?([A-Za-z_][\w]*):", re.MULTILINE)


#: What a Thing Description names: the context of TD 1.1 or 1.0, or in Turtle the vocabulary.
_THING_MARKS: Final = ("https://www.w3.org/2022/wot/td/", "https://www.w3.org/2019/wot/td")


class Format(StrEnum):
    """What can be imported."""

    AUTO = "auto"
    FITGRAPH = "fitgraph"
    ZEPHYR = "zephyr"
    PLATFORMIO = "platformio"
    PROBE_RS = "probe-rs"
    CMSIS_PACK = "cmsis-pack"
    THING = "thing"


# Keys at the left margin of a YAML file that only the one format has together.
_YAML_KEYS: Final = (
    ({"board_id"}, Format.FITGRAPH),
    ({"identifier", "arch"}, Format.ZEPHYR),
    ({"name", "variants"}, Format.PROBE_RS),
)


def detect(name: str, content: bytes) -> Format | None:
    """The format, or None for something else.

    Args:
        name: of the file; its end tells XML, JSON and YAML apart.
        content: of the file.
    """
    head = content[:_HEAD_BYTES].decode("utf-8-sig", errors="replace")
    suffix = name.rpartition(".")[2].lower()
    if suffix in {"pdsc", "pack"}:
        return Format.CMSIS_PACK
    if suffix in {"json", "jsonld", "ttl"} and any(mark in head for mark in _THING_MARKS):
        return Format.THING
    if suffix == "json":
        return Format.PLATFORMIO if '"build"' in head and '"upload"' in head else None
    if suffix in {"yaml", "yml"}:
        keys = set(_TOP_KEY.findall(head))
        return next((form for needed, form in _YAML_KEYS if needed <= keys), None)
    return None
