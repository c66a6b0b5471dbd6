"""``fitgraph import``: brings in what other people wrote down, one source a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fitgraph.api.commands import import_boards, import_catalogue
from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, print_table, progress
from fitgraph.api.session import writing

app = typer.Typer(help="Bring in devices and models that others describe.", no_args_is_help=True)
app.command("boards")(import_boards.boards)
app.command("catalogue")(import_catalogue.catalogue)


@app.command("reference-kg")
def reference_kg(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with the Turtle files, as published.")
    ],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Let boards and descriptions that came from elsewhere give way."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring in the graph of "How to Manage Tiny Machine Learning at Scale" and of SeLoC-ML.

    All of it or nothing: their triples, their devices as boards, their networks as descriptions
    with claims, and the model files beside them. What the same folder brought before and has no
    more goes.
    """
    from fitgraph.api.reference_models import read_reference_kg

    with progress(f"reading {folder.name}") as step:
        found, models = read_reference_kg(folder, step)
        step("checking and storing")
        with writing(context) as registry:
            done = registry.add_reference_graph(found, models, replace=replace)
    taken = {
        "triples": sum(map(len, found.graphs.values())),
        "graphs": len(found.graphs),
        "boards": len(found.boards),
        "descriptions": len(found.descriptions),
        "models": len({model.graph.sha256 for model in models}),
        "described_without_file": sum(d.model_sha256 is None for d in found.descriptions),
        "matched_by_content": len(found.by_content),
        "new_or_changed": sum(one.is_new for one in done.added),
        "removed": len(done.removed),
    }
    if as_json:
        by_content = [{"description": name, "file": file} for name, file in found.by_content]
        print_json(
            {
                "taken": taken,
                "matched_by_content": by_content,
                "removed": done.removed,
                "odd": found.findings,
                "skipped": found.skipped,
            }
        )
        return
    print_fields({name.replace("_", " "): count for name, count in taken.items()})
    print_table("odd", ("about", "what"), [(one.about, one.what) for one in found.findings])
    print_table("skipped", ("file", "why"), [(one.about, one.what) for one in found.skipped])
