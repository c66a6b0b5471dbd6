"""``fitgraph question``: questions that the graph can answer, ready to be asked."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import err, print_json, print_table
from fitgraph.api.query_output import Form, records, write_answer
from fitgraph.api.session import reading, store_place

app = typer.Typer(help="Competency questions: list, show and ask.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name or number of the question.")]


@app.command("list")
def list_questions(as_json: AsJson = False) -> None:
    """List all questions with the values that each takes."""
    from fitgraph.ontology.questions import questions

    found = questions()
    if as_json:
        print_json(found)
        return
    print_table(
        "",
        ("", "name", "question", "takes"),
        [(f"CQ{q.number:02}", q.name, q.text, ", ".join(q.binds) or None) for q in found],
    )


@app.command()
def show(question: Name, as_json: AsJson = False) -> None:
    """Show one question: the SPARQL query, which opens with what it takes and returns."""
    from fitgraph.ontology.questions import question_named

    found = question_named(question)
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(found.sparql)


@app.command()
def ask(
    context: typer.Context,
    question: Name,
    bind: Annotated[
        list[str] | None,
        typer.Option(help="VARIABLE=VALUE: a name, an IRI, a number; may be repeated."),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="How to write the rows; a table by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask one question of the graph."""
    from fitgraph.ontology.questions import question_named
    from fitgraph.registry import answer
    from fitgraph.registry.bound_query import bind as within
    from fitgraph.registry.question_values import bindings

    if as_json and form is not None:
        raise typer.BadParameter("give either --format or --json")
    found = question_named(question)
    values = dict(map(_pair, bind or ()))
    with reading(context) as registry:
        terms = bindings(registry, found, values)
    # Only when this process has let go of the folder, which a writer may wait for.
    rows = answer.ask(store_place(context), within(found.sparql, terms))
    print_json(records(rows)) if as_json else write_answer(rows, form)
    if rows.is_cut:
        err().print("there are more rows: ask with narrower values, or with fitgraph query")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not VARIABLE=VALUE")
    return name.removeprefix("?"), value
