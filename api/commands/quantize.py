"""``fitgraph quantize``: a smaller variant of a model, with what that does to its accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.deriving import deriving, store_variant
from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, progress

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.recipes.evaluate import Metric
    from fitgraph.compiler_bridge.recipes.recipe import QuantizedModel


class WeightBits(StrEnum):
    """In how many bits weights are stored."""

    EIGHT = "8"
    FOUR = "4"
    TWO = "2"


# What a variant's name ends with.
_KINDS = {WeightBits.EIGHT: "int8", WeightBits.FOUR: "int4", WeightBits.TWO: "int2"}


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("quantize")(quantize)


def quantize(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A float ONNX model of the registry.")],
    calibration: Annotated[
        Path, typer.Option(help="An .npz file: for each model input an array of samples.")
    ],
    name: Annotated[
        str | None,
        typer.Option(
            help="What to call the variant; else the model's name and -int8, -int4 or -int2."
        ),
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="An .npz file with samples x and labels y.")
    ] = None,
    metric: Annotated[
        str, typer.Option(help="How outputs are judged: accuracy or roc-auc.")
    ] = "accuracy",
    per_channel: Annotated[
        bool, typer.Option("--per-channel/--per-tensor", help="Weight scales.")
    ] = True,
    weight_bits: Annotated[
        WeightBits,
        typer.Option(help="Of a weight; 4 and 2 take less flash and more instructions."),
    ] = WeightBits.EIGHT,
    as_json: AsJson = False,
) -> None:
    """Make an int8 variant of a float ONNX model, and measure its accuracy where data is given."""
    from fitgraph.api.data_files import load_arrays, load_test_set
    from fitgraph.api.quantizing import quantized

    samples = load_arrays(calibration)
    test_set = None if test is None else load_test_set(test)
    ending = f"-{_KINDS[weight_bits]}"
    with deriving(context, model, name, ending) as one, progress("quantizing") as step:

        def tell(stage: str, done: int, total: int) -> None:
            step(f"{stage} {done}/{total}", done=done, total=total)

        done = quantized(
            one.source,
            one.target,
            samples,
            test_set,
            metric,
            per_channel=per_channel,
            weight_bits=int(weight_bits),
            tell=tell,
        )
        made, variant = done.made, done.variant
        step("storing")
        is_new = store_variant(context, made.path, one.name, variant)
    if as_json:
        print_json({"name": one.name, "is_new": is_new, "variant": variant, "model": made})
        return
    _print(one.name, one.source_name, made, done.before, done.after)


def _print(
    called: str, model: str, made: QuantizedModel, before: Metric | None, after: Metric | None
) -> None:
    quality = (
        {str(after.name): f"{before.value:.4f} before, {after.value:.4f} after"}
        if before is not None and after is not None
        else {}
    )
    print_fields(
        {
            "variant": called,
            "derived from": model,
            "digest": made.sha256,
            "file": f"{made.n_bytes:,} B",
            "recipe": made.recipe.text,
            "int8": _counts(made.int8_operators),
            "still float": _counts(made.float_operators),
            **quality,
        }
    )


def _counts(operators: Mapping[str, int]) -> str | None:
    return ", ".join(f"{name} x{n}" for name, n in operators.items()) or None
