"""Board files: a board that a person wrote down in YAML becomes a ``Board``.

``docs/boards.md`` explains the form. The boards that fitgraph brings lie in ``boards/`` beside
this file, one file each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from fitgraph.registry.board import Board, McuLink, MemoryRegion, RegionKind
from fitgraph.registry.board_checks import check_board, check_is_whole, nearest
from fitgraph.registry.board_fields import Fields, read_fields
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidBoardError, NotFoundError
from fitgraph.registry.plain_yaml import Plain, PlainYamlError, read_plain_yaml
from fitgraph.registry.quantities import (
    ADDRESS_HINT,
    SIZE_HINT,
    parse_address,
    parse_count,
    parse_size,
)

_Value = TypeVar("_Value")

# The largest board file here has 3 KiB; whatever has a megabyte is not a board.
MAX_FILE_BYTES = 1 << 20

_REQUIRED = (
    "board_id",
    "name",
    "vendor",
    "mcu",
    "cpu_core",
    "isa_class",
    "clock_hz",
    "regions",
    "sources",
)
_OPTIONAL = (
    "sensors", "radios", "mcu_id", "mcu_guess", "other_names", "price_class", "price_source",
)  # fmt: skip
_REGION_REQUIRED = ("name", "kind", "base_address", "size")
_REGION_OPTIONAL = ("reserve", "reserve_reason", "status")

#: Classes of list prices; see ``fg:priceClass``.
PRICE_CLASSES = 5
_PRICE_HINT = "write 1 (up to 10 US dollars), 2 (to 25), 3 (to 50), 4 (to 100) or 5 (above)"

# What an author writes for an address, clock or class that no source tells.
UNKNOWN = "unknown"


def load_board(path: Path) -> Board:
    """The board that a file describes.

    Raises:
        NotFoundError: there is no such file.
        InvalidBoardError: the file cannot be read, is larger than ``MAX_FILE_BYTES``, is not
            text, or does not describe a board.
    """
    return parse_board(_read_text(path), path.name)


def parse_board(text: str, source_name: str) -> Board:
    """The board that ``text`` describes; ``source_name`` is what errors call it.

    Raises:
        InvalidBoardError: the text is not YAML of the plain kind, a key is unknown or missing,
            a value does not read, or the board contradicts itself (see ``check_board``).
    """
    try:
        return check_is_whole(check_board(_board(_document(text))))
    except InvalidBoardError as error:
        raise InvalidBoardError(f"{source_name}: {error.message}", hint=error.hint) from error


def board_of_document(document: Plain, source_name: str) -> Board:
    """The board that one YAML document describes; see ``parse_board``.

    Raises:
        InvalidBoardError: as there.
    """
    try:
        fields = read_fields(document, required=_REQUIRED, optional=_OPTIONAL, place="")
        return check_is_whole(check_board(_board(fields)))
    except InvalidBoardError as error:
        raise InvalidBoardError(f"{source_name}: {error.message}", hint=error.hint) from error


@cache
def builtin_boards() -> tuple[Board, ...]:
    """The boards that fitgraph brings, by id."""
    folder = files("fitgraph.registry").joinpath("boards")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    boards = [parse_board(entry.read_text(encoding="utf-8"), entry.name) for entry in found]
    return tuple(sorted(boards, key=lambda board: board.board_id))


def builtin_board(board_id: str) -> Board:
    """One of the boards that fitgraph brings.

    Raises:
        NotFoundError: there is none of that id.
    """
    boards = {board.board_id: board for board in builtin_boards()}
    if board_id not in boards:
        raise NotFoundError(f"no built-in board '{board_id}'", hint=nearest(board_id, [*boards]))
    return boards[board_id]


def _read_text(path: Path) -> str:
    try:
        size = path.stat().st_size
        # A pipe or a device could block, or never end.
        if not path.is_file():
            raise InvalidBoardError(f"{path} is not a regular file", hint="name a .yaml file")
        if size > MAX_FILE_BYTES:
            raise InvalidBoardError(
                f"{path.name} has {size} bytes, more than the {MAX_FILE_BYTES} of a board file",
                hint="a board file describes one board in about 2 KiB",
            )
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"no board file {path}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise InvalidBoardError(
            f"{path.name} is not UTF-8 text: byte {error.start} does not decode",
            hint="save the file as UTF-8",
        ) from error
    except OSError as error:
        raise InvalidBoardError(
            f"{path} cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error


def _document(text: str) -> Fields:
    try:
        document = read_plain_yaml(text)
    except PlainYamlError as error:
        raise InvalidBoardError(
            f"not YAML that a board file may have: {error}",
            hint="docs/boards.md has an example to start from",
        ) from error
    return read_fields(document, required=_REQUIRED, optional=_OPTIONAL, place="")


def _board(fields: Fields) -> Board:
    return Board(
        board_id=fields.text("board_id"),
        name=fields.text("name"),
        vendor=fields.text("vendor"),
        mcu=fields.text("mcu"),
        cpu_core=fields.text("cpu_core"),
        isa_class=_known(fields, "isa_class", fields.text),
        clock_hz=_known(
            fields,
            "clock_hz",
            lambda key: fields.parsed(key, parse_count, hint="write hertz: 64_000_000"),
        ),
        regions=_regions(fields),
        sensors=fields.texts("sensors"),
        radios=fields.texts("radios"),
        sources=_sources(fields),
        mcu_link=_mcu_link(fields),
        other_names=fields.texts("other_names"),
        claims=_price(fields),
    )


def _known(fields: Fields, key: str, read: Callable[[str], _Value]) -> _Value | None:
    """The value of a key, or None where the file says that it is not known."""
    return None if fields.values[key] == UNKNOWN else read(key)


def _mcu_link(fields: Fields) -> McuLink | None:
    if "mcu_id" not in fields.values:
        if "mcu_guess" in fields.values:
            raise InvalidBoardError(
                "mcu_guess stands without mcu_id", hint="name the microcontroller with mcu_id"
            )
        return None
    reason = fields.text("mcu_guess") if "mcu_guess" in fields.values else ""
    return McuLink(fields.text("mcu_id"), is_exact=not reason, reason=reason)


def _price(fields: Fields) -> tuple[Claim, ...]:
    """What the board costs, as its source says; a class without a source is refused."""
    given = [key for key in ("price_class", "price_source") if key in fields.values]
    if not given:
        return ()
    if len(given) == 1:
        raise InvalidBoardError(
            f"{given[0]} stands alone", hint="write both price_class and price_source, or neither"
        )
    found = fields.parsed("price_class", parse_count, hint=_PRICE_HINT)
    if not 1 <= found <= PRICE_CLASSES:
        raise InvalidBoardError(f"price_class is {found}", hint=_PRICE_HINT)
    source = fields.text("price_source")
    return (Claim("priceClass", found, ClaimStatus.SOURCED, (source,)),)


def _sources(fields: Fields) -> tuple[str, ...]:
    sources = fields.texts("sources")
    if not sources:
        raise InvalidBoardError(
            "sources is an empty list", hint="name the manual and its section on memory"
        )
    return sources


def _regions(fields: Fields) -> tuple[MemoryRegion, ...]:
    items = fields.items("regions", hint="start each region with '- name: '")
    return tuple(_region(item, f"region {index}") for index, item in enumerate(items, 1))


def _region(item: Plain, place: str) -> MemoryRegion:
    fields = read_fields(item, required=_REGION_REQUIRED, optional=_REGION_OPTIONAL, place=place)
    has_reserve = "reserve" in fields.values
    has_reason = "reserve_reason" in fields.values
    return MemoryRegion(
        name=fields.text("name"),
        kind=_kind(fields),
        base_address=_known(
            fields,
            "base_address",
            lambda key: fields.parsed(key, parse_address, hint=ADDRESS_HINT),
        ),
        size_bytes=fields.parsed("size", parse_size, hint=SIZE_HINT),
        reserve_bytes=fields.parsed("reserve", parse_size, hint=SIZE_HINT) if has_reserve else 0,
        reserve_reason=fields.text("reserve_reason") if has_reason else "",
        status=_status(fields),
    )


def _status(fields: Fields) -> ClaimStatus:
    if "status" not in fields.values:
        return ClaimStatus.SOURCED
    text, known = fields.text("status"), [status.value for status in ClaimStatus]
    if text not in known:
        raise InvalidBoardError(
            f"{fields.key('status')} '{text}' is not how a fact is known", hint=nearest(text, known)
        )
    return ClaimStatus(text)


def _kind(fields: Fields) -> RegionKind:
    text = fields.text("kind")
    kinds = [kind.value for kind in RegionKind]
    if text not in kinds:
        raise InvalidBoardError(
            f"{fields.key('kind')} '{text}' is not a kind of memory", hint=nearest(text, kinds)
        )
    return RegionKind(text)
