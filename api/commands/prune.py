"""``fitgraph prune``: a variant of a model with fewer channels."""

from __future__ import annotations

from typing import Annotated

import typer

from fitgraph.api.deriving import deriving, store_variant
from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, progress


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("prune")(prune)


def prune(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A float ONNX model of the registry.")],
    rate: Annotated[float, typer.Option(help="Share of the channels of each layer: 0.25.")],
    name: Annotated[
        str | None,
        typer.Option(help="What to call the variant; else the model's name and -pruned."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a variant in which the weakest channels of each layer but the last are zeros.

    Train it again before it is used: its accuracy has suffered. An int8 variant of it has neither
    the channels nor the weights that read them.
    """
    from fitgraph.api.quantizing import lineage_of_pruned
    from fitgraph.compiler_bridge.recipes.prune_channels import prune_channels

    with deriving(context, model, name, "-pruned") as one, progress("pruning") as step:
        made = prune_channels(one.source, rate, one.target)
        step("storing")
        is_new = store_variant(context, made.path, one.name, lineage_of_pruned(made))
    if as_json:
        print_json({"name": one.name, "is_new": is_new, "model": made})
        return
    layers = ", ".join(f"{name} {n} of {total}" for name, (n, total) in made.channels.items())
    print_fields(
        {
            "variant": one.name,
            "derived from": one.source_name,
            "digest": made.sha256,
            "recipe": made.recipe.text,
            "channels": layers,
        }
    )
