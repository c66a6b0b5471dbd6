"""``fitgraph ontology``: alignments with other vocabularies, and checks of what others wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_json, print_table
from fitgraph.api.session import reading, writing

app = typer.Typer(
    help="Alignments of the vocabulary with others, and checks by its shapes.", no_args_is_help=True
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="ALIGNMENT...", help="Names as `ontology list` shows them."),
]
All = Annotated[bool, typer.Option("--all", help="All alignments instead of named ones.")]


@app.command("list")
def list_alignments(context: typer.Context, as_json: AsJson = False) -> None:
    """List all alignments, and whether the store holds them."""
    with reading(context) as registry:
        alignments = registry.list_alignments()
    if as_json:
        print_json(alignments)
        return
    print_table(
        "",
        ("alignment", "loaded", "relations", "about", "vocabulary"),
        [
            (a.name, "yes" if a.is_loaded else "no", a.relations, a.about, " ".join(a.vocabularies))
            for a in alignments
        ],
    )


@app.command()
def load(
    context: typer.Context,
    alignments: Names = None,
    every: All = False,
    as_json: AsJson = False,
) -> None:
    """Put alignments into the graph, each in a named graph of its own; verdicts stay the same."""
    with writing(context) as registry:
        names = _names(alignments, [one.name for one in registry.list_alignments()], every=every)
        added = registry.load_alignments(names)
    if as_json:
        print_json(added)
        return
    for one in added:
        out().print(f"{'loaded' if one.is_new else 'was loaded:'} {one.iri}", markup=False)


@app.command()
def unload(
    context: typer.Context,
    alignments: Names = None,
    every: All = False,
    as_json: AsJson = False,
) -> None:
    """Take alignments out of the graph."""
    with writing(context) as registry:
        names = _names(alignments, [one.name for one in registry.list_alignments()], every=every)
        removed = registry.unload_alignments(names)
    if as_json:
        print_json(removed)
        return
    for iri in removed:
        out().print(f"unloaded {iri}", markup=False)
    if not removed:
        out().print("none of them was loaded", markup=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Turtle, N-Triples, TriG or N-Quads.")],
    as_json: AsJson = False,
) -> None:
    """Hold RDF that other tools wrote against the shapes: plans, fleets, matches, boards, models.

    Nothing is stored. Ends with 1 where a rule is broken.
    """
    from fitgraph.ontology.checking import check_file

    found = check_file(file)
    broken = [(kind, one) for kind, some in found.items() for one in some]
    if as_json:
        print_json(found)
    elif broken:
        for kind, violation in broken:
            out().print(f"{kind} {violation}", markup=False)
    else:
        out().print(f"nothing is wrong: {', '.join(found)}", markup=False)
    if broken:
        raise typer.Exit(ANSWER_IS_NO)


def _names(given: list[str] | None, known: list[str], *, every: bool) -> list[str]:
    if every == bool(given):
        raise typer.BadParameter("name alignments, or give --all")
    return known if every else given or []
