"""``fitgraph query`` and ``fitgraph version``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import Cell, out, print_json, print_table
from fitgraph.api.session import reading

if TYPE_CHECKING:
    from fitgraph.registry.store_base import Row

_COMMENT = re.compile(r"#[^\n<>]*$", re.MULTILINE)
_PROLOGUE = re.compile(r"\s*(PREFIX\s+\S*\s*<[^>]*>|BASE\s*<[^>]*>)", re.IGNORECASE)

# A prefix says as much as the whole IRI and leaves room for the next column.
_PREFIXES = {
    "https://w3id.org/fitgraph/ontology#": "fg:",
    "https://w3id.org/fitgraph/id/": "id:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs:",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("query")(query)
    app.command("version")(version)


def query(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A file with a SPARQL query.")] = None,
    text: Annotated[str | None, typer.Option(help="The query itself.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run a SPARQL SELECT or ASK query over the graph.

    ASK ends with 1 when the answer is no.
    """
    sparql = _sparql(file, text)
    if _form(sparql) == "ASK":
        with reading(context) as registry:
            answer = registry.store.ask(sparql)
        print_json(answer) if as_json else out().print("yes" if answer else "no")
        if not answer:
            raise typer.Exit(ANSWER_IS_NO)
        return
    with reading(context) as registry:
        rows = registry.store.query(sparql)
    _print_rows(rows, as_json=as_json)


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
        return Path(str(file)).read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8 text") from error


def _form(sparql: str) -> str:
    """The first word after comments and prologue: SELECT, ASK, ..."""
    rest = _COMMENT.sub("", sparql)
    while found := _PROLOGUE.match(rest):
        rest = rest[found.end() :]
    return (rest.split(None, 1) or [""])[0].upper().partition("{")[0]


def _print_rows(rows: Sequence[Row], *, as_json: bool) -> None:
    from fitgraph.registry.triples.terms import python_value

    records = [{name: python_value(term) for name, term in row.items()} for row in rows]
    if as_json:
        print_json(records)
        return
    columns = list(dict.fromkeys(name for record in records for name in record))
    print_table("", columns, [[_cell(record.get(name)) for name in columns] for record in records])
    out().print(f"{len(records):,} row{'s' * (len(records) != 1)}")


def _cell(value: Cell | bool) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        for start, prefix in _PREFIXES.items():
            if value.startswith(start):
                return prefix + value.removeprefix(start)
    return value
