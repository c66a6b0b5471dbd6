"""``fitgraph plan``: which model goes on which devices of a fleet, and who is left out and why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_fields, print_json, print_table, progress
from fitgraph.api.session import reading, writing
from fitgraph.api.timing import timing_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fitgraph.matcher.fleet.grounds import Ground
    from fitgraph.matcher.fleet.records import Fleet, Plan


class PlanGroup(TyperGroup):
    """``fitgraph plan FLEET.yaml`` is ``fitgraph plan make FLEET.yaml``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's
        """Put ``make`` before what is no command."""
        if args and args[0] not in {*self.commands, "--help", "-h"}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=PlanGroup, help="Plan fleets: `fitgraph plan FLEET.yaml`.", no_args_is_help=True
)

Drawn = Annotated[Path | None, typer.Option("--svg", help="Draw the plan into this file.")]


@app.command()
def make(
    context: typer.Context,
    fleet: Annotated[Path, typer.Argument(help="A fleet file; see docs/fleet.md.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the plan document here.")
    ] = None,
    svg: Drawn = None,
    keep: Annotated[bool, typer.Option("--keep", help="Write fleet and plan into the graph.")] = (
        False
    ),
    limit_s: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds for the solver.")
    ] = 15.0,
    as_json: AsJson = False,
) -> None:
    """Assign models to the devices of a fleet, exactly, and say who is left out and why.

    Rests on `fits` alone unless the file accepts `likely`. Ends with 1 when a demand is not met.
    """
    from fitgraph.matcher.fleet.fleet_file import load_fleet
    from fitgraph.matcher.fleet.grounds import grounds_of
    from fitgraph.matcher.fleet.plan import plan as plan_fleet
    from fitgraph.matcher.fleet.plan_file import plan_to_json

    told = load_fleet(fleet)
    with reading(context) as registry, progress("planning"):
        timing = timing_for(registry)
        found = plan_fleet(registry.store, told, timing, limit_s)
        grounds = grounds_of(registry.store, told, found, timing) if keep else {}
    if output is not None:
        _write(output, plan_to_json(found))
    if keep:
        _keep(context, told, found, grounds)
    _show(found, svg, as_json=as_json)
    if any(one.reached < one.wanted for one in found.coverage):
        raise typer.Exit(ANSWER_IS_NO)


@app.command()
def show(
    plan: Annotated[Path, typer.Argument(help="A plan document.")],
    svg: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Print a plan document, and draw it with --svg."""
    from fitgraph.matcher.fleet.plan_file import read_plan

    _show(read_plan(plan), svg, as_json=as_json)


def _show(found: Plan, svg: Path | None, *, as_json: bool) -> None:
    from fitgraph.matcher.fleet.draw import draw_plan

    if svg is not None:
        _write(svg, draw_plan(found))
    if as_json:
        print_json(found)
        return
    for note in found.notes:
        out().print(note, markup=False)
    print_table(
        "",
        ("demand", "devices", "wanted", "reached"),
        [(one.demand, one.n_devices, one.wanted, one.reached) for one in found.coverage],
    )
    print_table(
        "",
        ("group", "demand", "devices", "model", "verdict", "accuracy", "flash B", "proven"),
        [
            (
                one.group,
                one.demand,
                one.n_devices,
                one.model,
                one.verdict,
                one.accuracy,
                one.flash_bytes,
                one.artifact.sha256[:12] if one.artifact else one.build,
            )
            for one in found.assignments
        ],
    )
    print_table(
        "",
        ("wave", "devices", "groups"),
        [
            (
                f"{one.number} canary" if one.is_canary else str(one.number),
                one.n_devices,
                len({part.group for part in one.parts}),
            )
            for one in found.waves
        ],
    )
    for left in found.exclusions:
        words = f"left out: {left.n_devices:,} of {left.group} for {left.demand}: {left.reason}"
        out().print(words, markup=False)
        if left.would_help:
            out().print(f"  would help: {left.would_help}", markup=False)
    print_fields({"gap to the best plan": f"{found.gap:.2%}{' (proven)' * found.is_best}"})


def _keep(
    context: typer.Context, fleet: Fleet, found: Plan, grounds: Mapping[tuple[str, str], Ground]
) -> None:
    """Write both graphs, when the shapes let them."""
    from fitgraph.matcher.fleet.plan_graph import (
        fleet_iri,
        fleet_to_triples,
        plan_iri,
        plan_to_triples,
    )
    from fitgraph.registry.door import check

    of_fleet = tuple(fleet_to_triples(fleet))
    of_plan = tuple(plan_to_triples(found, datetime.now(UTC), grounds))
    check("fleet", of_fleet)
    check("plan", of_plan)
    with writing(context) as registry:
        registry.store.write({fleet_iri(fleet.name): of_fleet, plan_iri(found): of_plan})


def _write(path: Path, text: str) -> None:
    from fitgraph.registry.errors import StorageError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}", hint="name another file"
        ) from error
