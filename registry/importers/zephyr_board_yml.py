"""Which microcontroller a Zephyr board has, by the ``board.yml`` beside it.

Source: https://docs.zephyrproject.org/latest/hardware/porting/board_porting.html, "board.yml".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.names import one_line
from fitgraph.registry.importers.sources import read_bytes, text_of
from fitgraph.registry.plain_yaml import Limits, Plain, PlainYamlError, read_plain_yaml

_MAX_BYTES: Final = 1 << 20
#: Variants of variants of a part of a board.
_LIMITS: Final = Limits(max_depth=16)


def soc_of(path: Path, identifier: str) -> str:
    """The part that a target runs on; an empty string where nothing tells it.

    Args:
        path: of the target's ``.yaml``; ``board.yml`` lies beside it.
        identifier: ``board@revision/soc/cluster/variant``, or the board alone.
    """
    board, *qualifiers = identifier.split("/")
    if qualifiers and qualifiers[0]:
        return qualifiers[0]
    listed = [
        soc for name, socs in _boards(path) for soc in socs if name == board.partition("@")[0]
    ]
    return listed[0] if len(listed) == 1 else ""


def _boards(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Boards of the file with their parts; nothing where there is no such file that reads."""
    file = path.with_name("board.yml")
    if not file.is_file() or file.is_symlink():
        return
    try:
        said = read_plain_yaml(text_of(read_bytes(file, _MAX_BYTES)), _LIMITS)
        for board in _listed(said):
            parts = board.get("socs", [])
            found = parts if isinstance(parts, list) else []
            names = [str(soc.get("name", "")) for soc in found if isinstance(soc, dict)]
            yield str(board.get("name", "")), [one_line(name, "name") for name in names if name]
    except (InvalidImportError, PlainYamlError):
        return


def _listed(said: Plain | None) -> Iterator[Mapping[str, Plain]]:
    if not isinstance(said, dict):
        return
    several = said.get("boards", [])
    for board in (said.get("board"), *(several if isinstance(several, list) else ())):
        if isinstance(board, dict):
            yield board
