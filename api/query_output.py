"""The answer to a query on standard output: a table for people, W3C formats for programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from fitgraph.api.output import Cell, out, print_table

if TYPE_CHECKING:
    from fitgraph.registry.answer import Answer
    from fitgraph.registry.triples.terms import Term

# A prefix says as much as the whole IRI and leaves room for the next column.
_PREFIXES = {
    "fg": "https://w3id.org/fitgraph/ontology#",
    "id": "https://w3id.org/fitgraph/id/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}


class Form(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    XML = "xml"
    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    JSONLD = "jsonld"


_OF_ROWS = (Form.TABLE, Form.JSON, Form.CSV, Form.TSV, Form.XML)
_OF_TRIPLES = (Form.TURTLE, Form.NTRIPLES, Form.JSONLD, Form.XML, Form.TABLE)


def write_answer(answer: Answer, form: Form | None) -> None:
    """Writes an answer: rows as a table and triples as Turtle where no form is given.

    Raises:
        typer.BadParameter: rows cannot be written as RDF, or triples as results.
    """
    from fitgraph.registry.answer import Kind

    is_graph = answer.kind is Kind.TRIPLES
    known = _OF_TRIPLES if is_graph else _OF_ROWS
    form = known[0] if form is None else form
    if form not in known:
        asked = "CONSTRUCT and DESCRIBE" if is_graph else "SELECT and ASK"
        raise typer.BadParameter(
            f"{form} does not suit what {asked} give; take one of {', '.join(known)}"
        )
    if form is Form.TABLE:
        _write_table(answer)
    else:
        from fitgraph.registry.answer_text import GraphForm, ResultForm, graph_text, results_text

        if is_graph:
            _write(graph_text(answer.triples, GraphForm(form)))
        else:
            _write(results_text(answer, ResultForm(form)))


def records(answer: Answer) -> object:
    """Rows and triples as records of plain values, or whether it is so."""
    from fitgraph.registry.answer import Kind
    from fitgraph.registry.triples.terms import python_value

    if answer.kind is Kind.TRUTH:
        return answer.truth
    names, rows = _rows(answer)
    return [
        {n: python_value(term) for n, term in zip(names, row, strict=True) if term is not None}
        for row in rows
    ]


def _rows(answer: Answer) -> tuple[tuple[str, ...], tuple[tuple[Term | None, ...], ...]]:
    """Names and rows; triples are rows of three."""
    from fitgraph.registry.answer import Kind

    if answer.kind is Kind.TRIPLES:
        return ("subject", "predicate", "object"), tuple(map(tuple, answer.triples))
    return answer.variables, answer.rows


def _write_table(answer: Answer) -> None:
    found = records(answer)
    if isinstance(found, bool):
        out().print("yes" if found else "no")
        return
    assert isinstance(found, list)
    names, _ = _rows(answer)
    print_table("", names, [[_cell(record.get(name)) for name in names] for record in found])
    out().print(f"{len(found):,} row{'s' * (len(found) != 1)}")


def _cell(value: Cell | bool) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        for prefix, start in _PREFIXES.items():
            if value.startswith(start):
                return f"{prefix}:{value.removeprefix(start)}"
    return value


def _write(content: bytes) -> None:
    """Writes text as it is, with a line's end."""
    sys.stdout.write(content.decode().rstrip("\n") + "\n")
