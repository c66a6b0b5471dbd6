"""``fitgraph runtime``: what executes models, and which operators each supports."""

from __future__ import annotations

from typing import Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, print_table
from fitgraph.api.session import reading

app = typer.Typer(help="Runtimes: list and show.", no_args_is_help=True)


@app.command("list")
def list_runtimes(context: typer.Context, as_json: AsJson = False) -> None:
    """List all runtimes with what is known of them."""
    with reading(context) as registry:
        runtimes = registry.list_runtimes()
    if as_json:
        print_json(runtimes)
        return
    print_table(
        "",
        ("runtime", "operators", "with dtypes", "ISA classes", "footprint by", "status", "licence"),
        [
            (r.name, len(r.operators), sum(bool(o.dtypes) for o in r.operators),
             len(r.isa_classes), r.footprint_method, r.maintenance, r.licence)
            for r in runtimes
        ],
    )  # fmt: skip


@app.command()
def show(
    context: typer.Context,
    runtime: Annotated[str, typer.Argument(help="Name of the runtime.")],
    as_json: AsJson = False,
) -> None:
    """Show one runtime with its operators, the figures published of it."""
    with reading(context) as registry:
        found = registry.get_runtime(runtime)
    if as_json:
        print_json(found)
        return
    print_fields(
        {
            "runtime": found.name,
            "label": found.label,
            "release": found.release or None,
            "licence": found.licence,
            "status": found.maintenance,
            "homepage": found.homepage or None,
            "footprint by": found.footprint_method,
            "ISA classes": ", ".join(found.isa_classes) or "unknown",
            "needs": found.npu or None,
            "falls back to": found.fallback or None,
            "source": found.source,
        }
    )
    print_table(
        "",
        ("operator", "dtypes", "from version", "to version"),
        [
            (o.operator, ", ".join(o.dtypes) or "unknown", o.min_version, o.max_version)
            for o in found.operators
        ],
    )
    figures = [claim for claim in found.claims if not isinstance(claim.value, str)]
    facts = [claim for claim in found.claims if isinstance(claim.value, str)]
    for title, claims in (("published figures", figures), ("sources", facts)):
        if claims:
            print_table(
                title,
                ("property", "value", "source"),
                [(c.property_name, c.value, "; ".join(c.sources)) for c in claims],
            )
