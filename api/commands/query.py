"""``fitgraph query`` and ``fitgraph version``."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import IO, Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import err, out, print_json
from fitgraph.api.query_output import Form, records, write_answer
from fitgraph.api.session import store_place

# Who writes more than this by hand? A query with 20,000 VALUES has 1 MB.
_MAX_QUERY_BYTES = 4 << 20


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("query")(query)
    app.command("version")(version)


def query(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A file with a SPARQL query; - reads standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The query itself.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="How to write the answer; a table or Turtle by default."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which the query is stopped.")
    ] = 60.0,
    max_results: Annotated[
        int, typer.Option(min=1, help="Rows or triples after which the answer is cut.")
    ] = 10_000,
    allow_service: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A server that SERVICE may ask; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the graph: a SPARQL query of any form. Nothing is changed.

    ASK ends with 1 when the answer is no.
    """
    from fitgraph.api.first_use import fill
    from fitgraph.registry.answer import Kind, ask

    sparql = _sparql(file, text)
    if as_json and form is not None:
        raise typer.BadParameter("give either --format or --json")
    fill(where := store_place(context))
    found = ask(
        where,
        sparql,
        timeout_s=timeout,
        max_results=max_results,
        allowed_hosts=allow_service or (),
    )
    print_json(records(found)) if as_json else write_answer(found, form)
    if found.is_cut:
        err().print(f"more than {max_results:,} results: the rest is left out (--max-results)")
    if found.kind is Kind.TRUTH and not found.truth:
        raise typer.Exit(ANSWER_IS_NO)


def version(as_json: AsJson = False) -> None:
    """Show the version of fitgraph and of the tools that figures and proofs depend on."""
    names = ("fitgraph", "ziglang", "unicorn", "onnxruntime", "tflite-micro", "pyoxigraph")
    versions = {name: version_of(name) for name in names}
    if as_json:
        print_json(versions)
        return
    for name, number in versions.items():
        out().print(f"{name} {number}", markup=False)


def _sparql(file: Path | None, text: str | None) -> str:
    if (file is None) == (text is None):
        raise typer.BadParameter("give either a file or --text")
    if text is not None:
        return text
    try:
        if str(file) == "-":
            return _limited(sys.stdin.buffer)
        with Path(str(file)).open("rb") as content:
            return _limited(content)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8 text") from error


def _limited(content: IO[bytes]) -> str:
    text = content.read(_MAX_QUERY_BYTES + 1)
    if len(text) > _MAX_QUERY_BYTES:
        raise typer.BadParameter(f"a query has at most {_MAX_QUERY_BYTES:,} bytes")
    return text.decode("utf-8")
