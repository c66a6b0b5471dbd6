"""``fitgraph model lineage`` and ``fitgraph proof lineage``: where something comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_json, print_table
from fitgraph.api.session import reading

if TYPE_CHECKING:
    from fitgraph.api.lineage import Lineage

Drawn = Annotated[Path | None, typer.Option("--svg", help="Draw the lineage into this file.")]


def of_model(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name, or the start of the file's digest.")],
    svg: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Show what a model was made from, and what was made and shown of it."""
    from fitgraph.api.lineage import lineage_of_model

    with reading(context) as registry:
        found = lineage_of_model(registry, model)
    _show(found, svg, as_json=as_json)


def of_proof(
    context: typer.Context,
    proof: Annotated[str, typer.Argument(help="Start of the proof's digest.")],
    svg: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Show what a proof rests on: the model and what it was made from, the board, the build."""
    from fitgraph.api.lineage import lineage_of_proof

    with reading(context) as registry:
        found = lineage_of_proof(registry, proof)
    _show(found, svg, as_json=as_json)


def _show(found: Lineage, svg: Path | None, *, as_json: bool) -> None:
    if svg is not None:
        from fitgraph.api.lineage import lineage_svg
        from fitgraph.api.pictures.files import write_picture

        write_picture(lineage_svg(found), svg)
    if as_json:
        print_json(found)
        return
    titles = {step.key: f"{step.kind} {step.title}" for step in found.steps}
    print_table(
        found.title,
        ("step", "name", "says", "comes from"),
        [
            (step.kind, step.title, step.detail, ", ".join(titles[one] for one in step.sources))
            for step in found.steps
        ],
    )
    if found.left_out:
        out().print(f"{found.left_out:,} more results are not shown")
