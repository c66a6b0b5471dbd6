"""``fitgraph audit``: which claims about models are wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import Cell, out, print_json, print_table, progress
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
    every: Annotated[
        bool, typer.Option("--all", help="List all claims, not only the wrong ones.")
    ] = False,
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
        if fresh or material.unstored:
            step("storing")
            with writing(context) as registry:
                registry.add_measurements((*fresh, *material.unstored))
    claims = audited(material.descriptions, material.evidence(fresh))
    wrong = [claim for claim in claims if claim.verdict is AuditVerdict.WRONG]
    if as_json:
        print_json(claims)
    else:
        _print(claims if every else wrong)
        _print_summary(claims)
    if check and wrong:
        raise typer.Exit(ANSWER_IS_NO)


def _print(claims: Iterable[AuditedClaim]) -> None:
    print_table(
        "",
        ("verdict", "model", "claim", "claimed", "measured", "ratio", "note", "source"),
        [
            (c.verdict.value, c.model, c.property_name, _cell(c.claimed), _cell(c.measured),
             None if c.ratio is None else f"{c.ratio:.2f}", c.note, "; ".join(c.sources))
            for c in claims
        ],
    )  # fmt: skip


def _print_summary(claims: Sequence[AuditedClaim]) -> None:
    """How many claims on each property hold, and how many on all together."""
    verdicts = ("wrong", "unknown", "right")
    counts = Counter((claim.property_name, claim.verdict.value) for claim in claims)
    rows: list[tuple[Cell, ...]] = [
        (name, *(counts[name, verdict] for verdict in verdicts))
        for name in sorted({claim.property_name for claim in claims})
    ]
    if rows:
        print_table("all claims", ("claim", *verdicts), rows)
    totals = Counter(claim.verdict.value for claim in claims)
    said = ", ".join(f"{count:,} {verdict}" for verdict, count in totals.items())
    out().print(f"{len(claims):,} claims: {said or 'none'}", markup=False)


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return value if len(value) <= _MAX_CELL else f"{value[: _MAX_CELL - 3]}..."
    return "-" if value is None else f"{value:,}"
