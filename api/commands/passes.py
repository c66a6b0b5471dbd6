"""``fitgraph passes``: what each of the compiler's passes changes of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.build_options import ArenaIn, region_names
from fitgraph.api.options import AsJson
from fitgraph.api.output import Cell, print_json, print_table, progress
from fitgraph.api.session import reading

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.pass_report import Effect

# What stack and static data are taken as: a build tells.
_REST_BYTES = 1024


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("passes")(passes)


def passes(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    arena_budget: Annotated[
        int | None,
        typer.Option(min=1, help="Bytes that the arena is to keep within, by patches if need be."),
    ] = None,
    board: Annotated[
        str | None, typer.Option(help="A board: show, too, how the arena lies in its regions.")
    ] = None,
    arena_in: ArenaIn = None,
    as_json: AsJson = False,
) -> None:
    """Show what each pass leaves to run and to keep: steps, MACs, weights, arena.

    The first row is the model file, each operator a step; a pass shows what it changed.
    """
    from fitgraph.api.model_files import stored_graph
    from fitgraph.compiler_bridge.arena_regions import whole_or_spread
    from fitgraph.compiler_bridge.pass_report import pass_report

    if arena_in is not None and board is None:
        raise typer.BadParameter("--arena-in names regions of a board: give --board")
    with reading(context) as registry:
        graph = stored_graph(registry, model)
        target = None if board is None else registry.get_board(board)
    rooms = () if target is None else whole_or_spread(target, _REST_BYTES, region_names(arena_in))
    with progress(f"compiling {model}") as step:
        effects = pass_report(graph, arena_budget, rooms, progress=step)
    if as_json:
        print_json(effects)
    else:
        _print(effects)


def _print(effects: tuple[Effect, ...]) -> None:
    first = effects[0].before
    rows: list[tuple[Cell, ...]] = [
        ("as in the file", first.steps, first.macs, first.weights_bytes, first.arena_bytes, "")
    ]
    rows += [_row(one) for one in effects]
    print_table("", ("after", "steps", "MACs", "weights B", "arena B", "what it does"), rows)


def _row(effect: Effect) -> tuple[Cell, ...]:
    """The figures after a pass; None for those that it left alone."""
    names = ("steps", "macs", "weights_bytes", "arena_bytes")
    pairs = [(getattr(effect.before, name), getattr(effect.after, name)) for name in names]
    changed = [None if before == after else after for before, after in pairs]
    return (effect.name, *changed, effect.does)
