"""``fitgraph board``: what boards there are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.from_catalogue import add_from_catalogue, is_catalogue_id, stored_or
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_fields, print_json, print_table
from fitgraph.api.session import reading, store_place, writing

if TYPE_CHECKING:
    from fitgraph.registry.board import Board, MemoryRegion

app = typer.Typer(help="Boards: list, show, add and remove.", no_args_is_help=True)

BoardId = Annotated[str, typer.Argument(help="Id of the board, as `fitgraph board list` has it.")]


@app.command("list")
def list_boards(
    context: typer.Context,
    catalogue: Annotated[
        bool,
        typer.Option("--catalogue", help="List those of the device catalogue that are not here."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List all boards with the memory that a firmware may take."""
    from fitgraph.matcher.placement import flash_candidates, ram_candidates
    from fitgraph.registry.device_catalogue import catalogue_board
    from fitgraph.registry.device_tables import catalogue_names

    with reading(context) as registry:
        boards = registry.list_boards()
    known = {board.board_id for board in boards}
    more = [name for name in catalogue_names("board") if name not in known]
    if catalogue:
        boards = tuple(board for board in map(catalogue_board, more) if board is not None)
    if as_json:
        print_json(boards)
        return
    print_table(
        "",
        ("board", "MCU", "core", "ISA class", "MHz", "flash B", "SRAM B"),
        [
            (b.board_id, b.mcu, b.cpu_core or None, b.isa_class, _mhz(b.clock_hz),
             _capacities(flash_candidates(b)), _capacities(ram_candidates(b)))
            for b in boards
        ],
    )  # fmt: skip
    if more:
        which = "these are" if catalogue else f"{len(more):,} more are"
        out().print(
            f"{which} in the device catalogue alone: `fitgraph board search WORDS` finds one, "
            "`fitgraph board add ID` takes it in",
            markup=False,
        )


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words of a name, vendor or microcontroller.")],
    as_json: AsJson = False,
) -> None:
    """Find boards of the device catalogue, whether or not the store holds them."""
    from fitgraph.registry.device_catalogue import find_boards

    found = find_boards(text)
    if as_json:
        print_json(found)
        return
    print_table(
        "",
        ("board", "name", "vendor", "MCU", "ISA class"),
        [(b.board_id, b.name, b.vendor or None, b.mcu, b.isa_class) for b in found],
    )
    out().print(
        "`fitgraph board add ID` takes one into the store, `fitgraph import catalogue` all of them",
        markup=False,
    )


@app.command()
def show(
    context: typer.Context,
    board: BoardId,
    as_td: Annotated[
        bool, typer.Option("--td", help="Write the board's W3C Thing Model to stdout.")
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Write the memory map, to scale, as a picture into this.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one board and draw its memory map; of the device catalogue, if the store has none."""
    from fitgraph.api.memory_map import memory_map
    from fitgraph.registry.device_catalogue import catalogue_board

    with reading(context) as registry:
        found = stored_or(catalogue_board, registry.get_board, "board", board)
    if svg is not None:
        from fitgraph.api.pictures.files import write_picture
        from fitgraph.api.pictures.memory_map import memory_map_svg

        write_picture(memory_map_svg(found), svg)
    if as_td:
        from fitgraph.registry.thing_board import model_text

        sys.stdout.write(f"{model_text(found)}\n")
        return
    if as_json:
        print_json(found)
        return
    print_fields(
        {
            "board": found.board_id,
            "name": found.name,
            "other names": ", ".join(found.other_names) or None,
            "vendor": found.vendor or None,
            "MCU": found.mcu,
            "core": core_words(found.cpu_core, found.isa_class, found.clock_hz),
            "sensors": ", ".join(found.sensors) or None,
            "radios": ", ".join(found.radios) or None,
            "sources": "; ".join(found.sources) or None,
        }
    )
    out().print(f"\n{memory_map(found)}", markup=False)


@app.command()
def add(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|ID",
            help="A board in YAML (docs/boards.md), its Thing Model, or the id of a board of the "
            "device catalogue.",
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in place of the board of the same id.")
    ] = False,
) -> None:
    """Add a board from a file, or one of the device catalogue with its microcontroller."""
    from fitgraph.api.first_use import forget

    if is_catalogue_id(file):
        add_from_catalogue(context, "board", str(file))
        return
    board = _board(file)
    with writing(context) as registry:
        added = registry.add_board(board, replace=replace)
        if added.is_new:
            forget(store_place(context), board.board_id)
    out().print(f"{'added' if added.is_new else 'known already:'} {board.board_id}", markup=False)


@app.command()
def remove(context: typer.Context, board: BoardId) -> None:
    """Remove a board with the proofs on it."""
    with writing(context) as registry:
        removed = registry.remove_board(board)
    rest = f" with {len(removed) - 1} proofs" if len(removed) > 1 else ""
    out().print(f"removed {board}{rest}", markup=False)


def core_words(cpu_core: str, isa_class: str | None, clock_hz: int | None) -> str | None:
    """A core in words; None where nothing is known of it."""
    known = f"{cpu_core} ({isa_class})" if isa_class else cpu_core
    clock = f"at {clock_hz / 1e6:g} MHz" if clock_hz else ""
    return " ".join(part for part in (known, clock) if part) or None


def _board(file: Path) -> Board:
    """The board in a file: a Thing Model where its name ends in .json or .jsonld."""
    if file.suffix in {".json", ".jsonld"}:
        from fitgraph.registry.thing_board import board_from_model
        from fitgraph.registry.thing_json import read_document

        return board_from_model(read_document(file))
    from fitgraph.registry.board_file import load_board

    return load_board(file)


def _mhz(clock_hz: int | None) -> float | None:
    return None if clock_hz is None else clock_hz / 1e6


def _capacities(regions: tuple[MemoryRegion, ...]) -> str:
    """Usable bytes region by region: they do not add up to one that large."""
    from fitgraph.matcher.placement import capacity_bytes

    capacities = [capacity_bytes(region) for region in regions]
    return " + ".join(f"{capacity:,}" for capacity in capacities if capacity) or "0"
