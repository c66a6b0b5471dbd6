"""``fitgraph model``: what models there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.commands import lineage
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_fields, print_json, print_table, progress
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.facts import ModelFacts, TensorSpec
    from fitgraph.registry.model_record import ModelRecord

app = typer.Typer(help="Models: add, list, show and remove.", no_args_is_help=True)
app.command("lineage")(lineage.of_model)

Name = Annotated[str, typer.Argument(help="Name of the model, or the start of its digest.")]


@app.command()
def add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An ONNX or TFLite file.")],
    name: Annotated[
        str | None, typer.Option(help="What to call it; else the file's name without suffix.")
    ] = None,
    dimension: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=SIZE", help="Fix a symbolic dimension of an ONNX model."),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="What it does, in words that fleet files demand: keyword spotting."),
    ] = None,
    licence: Annotated[
        list[str] | None, typer.Option(help="SPDX expression, for policies: Apache-2.0.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a model file to the registry.

    The file is checked and read in a process of its own, within limits of time and memory.
    """
    from fitgraph.api.fixed_dimensions import parse_dimensions
    from fitgraph.api.model_files import check_name, read_whole
    from fitgraph.registry.facts import model_facts

    sizes = parse_dimensions(dimension or ())
    called = check_name(file.stem if name is None else name)
    with progress(f"reading {file.name}") as step:
        graph, content = read_whole(file, sizes)
        step("gathering facts")
        facts = model_facts(graph)
        step("storing")
        with writing(context) as registry:
            added = registry.add_model(
                graph, facts, content, called, tasks=task or (), licences=licence or ()
            )
    open_dimensions = _open_dimensions(facts)
    if as_json:
        print_json(
            {
                "name": called,
                "sha256": graph.sha256,
                "is_new": added.is_new,
                "open_dimensions": open_dimensions,
            }
        )
        return
    out().print(
        f"{'added' if added.is_new else 'known already:'} {called} ({graph.format}, "
        f"{len(content):,} B, {facts.params:,} parameters, "
        f"{sum(facts.op_counts.values()):,} operators)",
        markup=False,
    )
    if open_dimensions:
        sizes_given = " ".join(f"--dimension '{name}=1'" for name in open_dimensions)
        out().print(
            f"its inputs leave dimensions open ({', '.join(open_dimensions)}), and compiling "
            f"needs their sizes: add it again with {sizes_given}",
            markup=False,
        )


def _open_dimensions(facts: ModelFacts) -> list[str]:
    """Names of the dimensions of inputs that have no size; ``?`` for those without a name."""
    return sorted({dim for one in facts.inputs for dim in one.shape if isinstance(dim, str)})


@app.command("list")
def list_models(context: typer.Context, as_json: AsJson = False) -> None:
    """List all models with their size and work."""
    with reading(context) as registry:
        models = registry.list_models()
    if as_json:
        print_json(models)
        return
    print_table(
        "",
        ("model", "format", "file B", "parameters", "MACs", "peak live B", "digest"),
        [
            (m.name, m.model_format, m.file_bytes, m.parameters, m.macs, m.peak_live_bytes,
             m.sha256[:12])
            for m in models
        ],
    )  # fmt: skip


@app.command()
def show(context: typer.Context, model: Name, as_json: AsJson = False) -> None:
    """Show one model: its inputs, outputs, operators, footprints and where it came from."""
    with reading(context) as registry:
        record = registry.get_model(model)
        footprints = registry.list_footprints(model=record.sha256)
        lineage = _lineage(registry, record.sha256)
    if as_json:
        print_json(_summary(record) | {"footprints": footprints, "lineage": lineage})
        return
    facts = record.facts
    print_fields(
        {
            "model": ", ".join(record.names),
            "digest": record.sha256,
            "format": record.model_format,
            "task": ", ".join(record.tasks) or None,
            "licence": ", ".join(record.licences) or None,
            "file": f"{record.file_bytes:,} B",
            "parameters": facts.params,
            "constants": f"{facts.const_bytes:,} B",
            "MACs": facts.macs,
            "peak live": facts.peak_activation_bytes
            and f"{facts.peak_activation_bytes:,} B at operator {facts.peak_op_index}",
            **{f"input {i}": _spec(spec) for i, spec in enumerate(facts.inputs)},
            **{f"output {i}": _spec(spec) for i, spec in enumerate(facts.outputs)},
            **lineage,
        }
    )
    print_table(
        "",
        ("operator", "version", "inputs", "outputs", "count"),
        [
            (use.name, str(use.version), _dtypes(use.input_dtypes), _dtypes(use.output_dtypes),
             use.count)
            for use in facts.operators
        ],
    )  # fmt: skip
    if footprints:
        print_table(
            "footprints",
            ("runtime", "ISA class", "arena B", "stack B", "static B", "flash B", "weights B",
             "evidence"),
            [
                (f.runtime, f.isa_class, f.arena_bytes, f.stack_bytes, f.static_bytes,
                 f.flash_bytes, f.weights_bytes, f.evidence)
                for f in footprints
            ],
        )  # fmt: skip


@app.command()
def remove(context: typer.Context, model: Name) -> None:
    """Remove a model with its file, footprints and proofs, or one of its several names."""
    with writing(context) as registry:
        removed = registry.remove_model(model)
    rest = f" with {len(removed) - 1} footprints and proofs" if len(removed) > 1 else ""
    what = (
        f"removed {model}{rest}" if removed else f"removed the name {model}; the model has others"
    )
    out().print(what, markup=False)


def _summary(record: ModelRecord) -> dict[str, object]:
    return {
        "names": record.names,
        "sha256": record.sha256,
        "format": record.model_format,
        "file_bytes": record.file_bytes,
        "tasks": record.tasks,
        "licences": record.licences,
        "facts": record.facts,
    }


def _lineage(registry: Registry, sha256: str) -> dict[str, str | float | None]:
    from fitgraph.registry.errors import NotFoundError

    try:
        variant = registry.get_variant(sha256)
    except NotFoundError:
        return {}
    source = ", ".join(registry.get_model(variant.source_sha256).names)
    return {
        "derived from": source,
        "recipe": variant.recipe,
        "metric": variant.metric or None,
        "before": variant.accuracy_before,
        "after": variant.accuracy_after,
    }


def _spec(spec: TensorSpec) -> str:
    shape = "x".join(str(dim) for dim in spec.shape) or "scalar"
    quantized = spec.quantization
    scale = (
        f", scale {quantized.scale:.6g}, zero point {quantized.zero_point}"
        if quantized is not None and len(quantized.scales) == 1
        else ""
    )
    return f"{spec.name}: {spec.dtype} {shape}{scale}"


def _dtypes(dtypes: tuple[object, ...]) -> str:
    return ", ".join("-" if dtype is None else str(dtype) for dtype in dtypes)
