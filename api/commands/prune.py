"""``fitgraph prune``: a variant of a model with fewer channels."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, progress
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.recipes.prune_channels import PrunedModel
    from fitgraph.registry.variant import Variant


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
    from fitgraph.api.model_files import check_name, read_whole
    from fitgraph.compiler_bridge.recipes.prune_channels import prune_channels
    from fitgraph.registry.facts import model_facts

    with reading(context) as registry:
        record = registry.get_model(model)
        content = registry.model_bytes(record.sha256)
    source_name = model if model in record.names else record.names[0]
    called = check_name(f"{source_name}-pruned" if name is None else name)
    with (
        tempfile.TemporaryDirectory(prefix="fitgraph-prune-") as folder,
        progress("pruning") as step,
    ):
        source = Path(folder) / "model.onnx"
        source.write_bytes(content)
        made = prune_channels(source, rate, Path(folder) / "variant.onnx")
        graph, variant_content = read_whole(made.path)
        step("storing")
        with writing(context) as registry:
            added = registry.add_model(graph, model_facts(graph), variant_content, called)
            registry.add_variant(_variant(made), replace=True)
    if as_json:
        print_json({"name": called, "is_new": added.is_new, "model": made})
        return
    layers = ", ".join(f"{name} {n} of {total}" for name, (n, total) in made.channels.items())
    print_fields(
        {
            "variant": called,
            "derived from": source_name,
            "digest": made.sha256,
            "recipe": made.recipe.text,
            "channels": layers,
        }
    )


def _variant(made: PrunedModel) -> Variant:
    from fitgraph.registry.variant import Variant

    return Variant(made.sha256, made.recipe.source_sha256, made.recipe.text)
