"""``fitgraph profile``: where instructions and bytes go, and what the next saving is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import Cell, out, plain, print_fields, print_json, print_table, progress
from fitgraph.api.session import reading

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.profiling.records import Profile
    from fitgraph.registry.board import Board


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("profile")(profile)


def profile(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    isa: Annotated[
        str | None, typer.Option(help="The ISA class, such as armv7e-m+fp; or give a board.")
    ] = None,
    board: Annotated[
        str | None, typer.Option(help="The board to link for, instead of ample memory.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(help="Write the memory timeline as a picture into this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show instructions and bytes by step, counted in the emulator, and where to save next.

    The figures of all steps, and what belongs to none, add up to those of the firmware.
    """
    from fitgraph.api.measuring import check_isa_classes
    from fitgraph.api.model_files import stored_graph
    from fitgraph.compiler_bridge.profiling import profile as profiling

    if (isa is None) == (board is None):
        raise typer.BadParameter("give either --isa or --board")
    check_isa_classes([isa] if isa else [])
    with reading(context) as registry:
        graph = stored_graph(registry, model)
        target = registry.get_board(board) if board else None
    with progress(f"profiling {model}") as step:
        found = profiling.profile(
            graph,
            _isa_class(isa, target),
            target,
            progress=lambda stage, done, total: step(stage, done=done, total=total),
        )
    if svg is not None:
        from fitgraph.api.memory_timeline import memory_timeline_svg
        from fitgraph.api.pictures.files import write_picture

        write_picture(memory_timeline_svg(found.timeline, found.isa_class), svg)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)


def _isa_class(isa: str | None, board: Board | None) -> str:
    return board.needed_isa_class() if board else str(isa)


def _document(found: Profile) -> object:
    """The record, with what follows from its figures."""
    document = plain(found)
    assert isinstance(document, dict)
    rates = [one.instructions_per_mac for one in found.steps]
    steps = [
        {**_fields(one), "instructions_per_mac": rate}
        for one, rate in zip(found.steps, rates, strict=True)
    ]
    return {**document, "steps": steps}


def _fields(record: object) -> dict[str, object]:
    """A record's fields."""
    fields = plain(record)
    assert isinstance(fields, dict)
    return fields


def _print(found: Profile) -> None:
    peak = found.steps[found.peak_step] if found.steps else None
    print_fields(
        {
            "model": f"{found.model} on {found.isa_class} ({found.board})",
            "instructions": f"{found.instructions:,} per inference, in {found.emulator}",
            "flash": f"weights {found.weights_bytes:,} B, code {found.code_bytes:,} B",
            "arena": f"{found.arena_bytes:,} B, lower bound {found.lower_bound_bytes:,} B",
            "peak": f"step {peak.index}, {peak.operator}: {', '.join(found.peak_tensors)}"
            if peak
            else "-",
        }
    )
    _print_steps(found)
    _print_functions(found)
    _print_savings(found)


def _print_steps(found: Profile) -> None:
    rows: list[tuple[Cell, ...]] = [
        (one.index, one.operator, one.kernel, one.instructions,
         _percent(one.instructions, found.instructions), one.macs, _rate(one.instructions_per_mac),
         one.code_bytes, one.weights_bytes, one.live_bytes)
        for one in found.steps
    ]  # fmt: skip
    shared_bytes = sum(one.code_bytes for one in found.functions)
    others: list[tuple[Cell, ...]] = [
        (None, "functions below", None, None, None, None, None, shared_bytes, None, None),
        (None, "no step", None, found.other_instructions,
         _percent(found.other_instructions, found.instructions), None, None,
         found.other_code_bytes, found.other_weights_bytes, None),
        (None, "sum", None, found.instructions, "100.0 %", None, None, found.code_bytes,
         found.weights_bytes, None),
    ]  # fmt: skip
    print_table(
        "",
        ("step", "operator", "kernel", "instructions", "share", "MACs", "per MAC", "code B",
         "weights B", "live B"),
        [*rows, *others],
    )  # fmt: skip


def _print_functions(found: Profile) -> None:
    print_table(
        "functions that steps call; their instructions are among those of the steps",
        ("function", "instructions", "code B", "steps"),
        [
            (one.name, one.instructions, one.code_bytes, ", ".join(map(str, one.steps)) or None)
            for one in found.functions
        ],
    )


def _print_savings(found: Profile) -> None:
    if not found.savings:
        out().print("nothing stands out: no step is much above the best", markup=False)
        return
    print_table(
        "where the next saving is",
        ("of", "step", "amount", "share", "because"),
        [(one.what, one.step, one.amount, f"{one.share:.1%}", one.reason) for one in found.savings],
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _rate(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
