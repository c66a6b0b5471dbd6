"""``fitgraph audit``: which claims about models are wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_json, print_table, progress
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.audit import AuditedClaim

# What a claim says of layers is longer than a table is wide.
_MAX_CELL = 48


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("audit")(audit)


def audit(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="End with 1 if a claim is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hold every claim about a model against what its file shows, and say which are wrong.

    The arena is measured with TFLM's own interpreter and kept in the graph, so that the next audit
    takes no time.
    """
    from fitgraph.api.auditing import gather, measure
    from fitgraph.compiler_bridge.audit import AuditVerdict
    from fitgraph.compiler_bridge.audit import audit as audited

    with progress("reading the graph") as step:
        with reading(context) as registry:
            material = gather(registry, step)
        fresh = measure(material, step)
        if fresh:
            step("storing")
            with writing(context) as registry:
                registry.add_measurements(fresh)
    claims = audited(material.descriptions, material.evidence(fresh))
    _print(claims, as_json=as_json)
    if check and any(claim.verdict is AuditVerdict.WRONG for claim in claims):
        raise typer.Exit(ANSWER_IS_NO)


def _print(claims: Iterable[AuditedClaim], *, as_json: bool) -> None:
    claims = tuple(claims)
    if as_json:
        print_json(claims)
        return
    print_table(
        "",
        ("verdict", "model", "claim", "claimed", "measured", "ratio", "note", "source"),
        [
            (c.verdict.value, c.model, c.property_name, _cell(c.claimed), _cell(c.measured),
             None if c.ratio is None else f"{c.ratio:.2f}", c.note, "; ".join(c.sources))
            for c in claims
        ],
    )  # fmt: skip
    counts = Counter(claim.verdict.value for claim in claims)
    said = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())
    out().print(f"{len(claims):,} claims: {said or 'none'}", markup=False)


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return value if len(value) <= _MAX_CELL else f"{value[: _MAX_CELL - 3]}..."
    return "-" if value is None else f"{value:,}"
