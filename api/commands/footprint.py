"""``fitgraph footprint``: what a model takes of every board of an ISA class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.failure import report
from fitgraph.api.options import AsJson, RuntimeName
from fitgraph.api.output import print_json, print_table, progress
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    from fitgraph.api.output import Step
    from fitgraph.ontology.errors import FitgraphError
    from fitgraph.registry.footprint import Footprint


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("footprint")(footprint)


def footprint(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    isa: Annotated[
        list[str] | None,
        typer.Option(help="An ISA class, more than once if wanted; else those of all boards."),
    ] = None,
    runtime: RuntimeName = OWN_RUNTIME,
    as_json: AsJson = False,
) -> None:
    """Compile, link and run a model for ISA classes, and keep what it takes.

    One build gives the figures of all boards of its class. For a class that no emulator has the
    stack is an estimate. Under tflm and tflm+cmsis-nn the arena is measured with TFLM's
    interpreter and raised to a bound; code and stack are estimates.
    """
    from fitgraph.api.measuring import check_isa_classes

    check_isa_classes(isa or ())
    with progress(f"generating C for {model}") as step:
        if runtime == OWN_RUNTIME:
            found, errors = _built(context, model, isa, step)
        else:
            found, errors = _interpreted(context, model, isa, runtime)
    if as_json:
        print_json(found)
    else:
        _print(found)
    exit_codes = [report(error, debug=False) for error in errors]
    if exit_codes:
        raise typer.Exit(max(exit_codes))


def _built(
    context: typer.Context, model: str, isa: list[str] | None, step: Step
) -> tuple[list[Footprint], list[FitgraphError]]:
    """Footprints of builds, which now are in the graph."""
    from fitgraph.api.measuring import classes_of, measure
    from fitgraph.api.model_files import stored_graph

    with reading(context) as registry:
        graph = stored_graph(registry, model)
        classes = sorted(set(isa)) if isa else classes_of(registry.list_boards())
    found, errors = measure(graph, classes, step)
    step("storing")
    with writing(context) as registry:
        for one in found:
            registry.add_footprint(one)
    return found, errors


def _interpreted(
    context: typer.Context, model: str, isa: list[str] | None, runtime: str
) -> tuple[list[Footprint], list[FitgraphError]]:
    """Footprints under TFLM, which now are in the graph with the arena that they rest on."""
    from fitgraph.api.model_files import stored_graph
    from fitgraph.api.tflm_footprints import check_is_told_here, measured_arena, tflm_footprints

    with reading(context) as registry:
        profile = registry.get_runtime(runtime)
        check_is_told_here(profile)
        graph = stored_graph(registry, model)
        content, known = registry.model_bytes(graph.sha256), registry.list_measurements()
    measured = measured_arena(graph, content, known)
    found, errors = tflm_footprints(graph, measured, profile, isa or profile.isa_classes)
    with writing(context) as registry:
        registry.add_measurements((measured,))
        for one in found:
            registry.add_footprint(one)
    return found, errors


def _print(footprints: Iterable[Footprint]) -> None:
    print_table(
        "",
        ("ISA class", "SRAM B", "arena B", "stack B", "static B", "flash B", "weights B", "code B",
         "evidence", "toolchain"),
        [
            (f.isa_class, f.sram_bytes, f.arena_bytes, f.stack_bytes, f.static_bytes, f.flash_bytes,
             f.weights_bytes, f.code_bytes, f.evidence, f.toolchain)
            for f in footprints
        ],
    )  # fmt: skip
