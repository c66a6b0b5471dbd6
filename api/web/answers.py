"""Answers of the SPARQL endpoint, arranged for reading: a table, and often a picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.api.pictures.bars import bars_svg
from fitgraph.api.pictures.layers import Arrow, Box, layered_svg
from fitgraph.api.web.addresses import local
from fitgraph.api.web.facts import label_of
from fitgraph.api.web.words import number
from fitgraph.ontology.namespaces import FG, RDF, XSD
from fitgraph.registry.answer import Kind
from fitgraph.registry.iris import BASE
from fitgraph.registry.sparql_jobs import Written

_NUMBERS: Final = frozenset(
    f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "long", "int")
)
#: Rows that a page shows; the data has them all.
MOST_ROWS: Final = 500
#: Of a digest, the start is enough.
_DIGEST: Final = re.compile(r"([0-9a-f]{10})[0-9a-f]{30,}")
_MOST_BARS: Final = 60
_MOST_BOXES: Final = 60
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """A term in a table.

    Attributes:
        address: of a page about it, or an empty string.
        value: of a number, else None.
    """

    text: str
    address: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What a page shows of an answer.

    Attributes:
        truth: of an ASK, else None.
        rows: the first of them.
        total: how many there are.
        picture: SVG, or an empty string.
        is_graph: whether it is triples.
    """

    truth: bool | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    picture: str
    is_graph: bool


def view_of(answer: Written) -> AnswerView:
    """What is shown of an answer in JSON, or triples in N-Triples."""
    content = answer.content or b""
    if answer.kind is Kind.TRIPLES:
        quads = parse(content, format=RdfFormat.N_TRIPLES)
        return _of_triples(sorted((quad.triple for quad in quads), key=str))
    said = json.loads(content)
    if "boolean" in said:
        return AnswerView(bool(said["boolean"]), (), (), 0, "", is_graph=False)
    return _of_rows(tuple(said["head"]["vars"]), said["results"]["bindings"])


def _of_rows(columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> AnswerView:
    cells = tuple(
        tuple(_cell(row[name]) if name in row else Cell("") for name in columns)
        for row in rows[:MOST_ROWS]
    )
    return AnswerView(None, columns, cells, len(rows), _bars(columns, cells), is_graph=False)


def _cell(term: Mapping[str, str]) -> Cell:
    if term["type"] == "uri":
        return Cell(short_name(term["value"]), _address(term["value"]))
    if term.get("datatype") in _NUMBERS:
        value = float(term["value"])
        is_whole = value.is_integer() and abs(value) < 1e15
        return Cell(number(int(value)) if is_whole else term["value"], value=value)
    return Cell(term["value"])


def short_name(iri: str) -> str:
    """What a reader knows an IRI by: ``fg:arenaBytes``, ``board/nrf52840-dk``."""
    for start, prefix in ((BASE, ""), (FG, "fg:"), (RDF, "rdf:"), (XSD, "xsd:")):
        if iri.startswith(start):
            return prefix + iri.removeprefix(start)
    return iri


def _address(iri: str) -> str:
    """Of a page: here, or elsewhere; other schemes lead nowhere, or to mischief."""
    return local(iri) if iri.startswith(("http://", "https://")) else ""


def _bars(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A chart where one column has numbers and another tells the rows apart."""
    places = [place for place in range(len(columns)) if len({row[place] for row in rows}) > 1]
    numbers = [one for one in places if all(row[one].value is not None for row in rows)]
    names = [one for one in places if all(row[one].value is None for row in rows)]
    if not (len(numbers) == 1 and names and 1 < len(rows) <= _MOST_BARS):
        return ""
    at, by = numbers[0], names[:2]
    values = [
        (", ".join(row[one].text.rpartition("/")[2][:_SHOWN] for one in by), row[at].value or 0.0)
        for row in rows
    ]
    return bars_svg(values, f"{columns[at]} by {' and '.join(columns[one] for one in by)}")


def _of_triples(triples: Sequence[Triple]) -> AnswerView:
    rows = tuple(
        (_term(one.subject), Cell(label_of(one.predicate.value), _address(one.predicate.value)),
         _term(one.object))
        for one in triples[:MOST_ROWS]
    )  # fmt: skip
    columns = ("subject", "property", "value")
    return AnswerView(None, columns, rows, len(triples), triples_svg(triples), is_graph=True)


def _term(term: object) -> Cell:
    if isinstance(term, NamedNode):
        return Cell(short_name(term.value), _address(term.value))
    if isinstance(term, Literal):
        return _cell({"type": "literal", "value": term.value, "datatype": term.datatype.value})
    return Cell(str(term))


def triples_svg(triples: Iterable[Triple]) -> str:
    """A drawing of triples; an empty string where there are none, or too many for one."""
    boxes: dict[str, Box] = {}
    arrows = []
    for one in triples:
        ends = []
        for end in (one.subject, one.object):
            key = str(end) if isinstance(end, NamedNode | BlankNode) else f"{one.subject} {end}"
            boxes.setdefault(key, Box(key, _DIGEST.sub(r"\1…", _term(end).text)))
            ends.append(key)
        arrows.append(Arrow(ends[0], ends[1], label_of(one.predicate.value)))
    if not 1 < len(boxes) <= _MOST_BOXES:
        return ""
    said = "; ".join(f"{boxes[one.start].title} {one.words} {boxes[one.end].title}"
                     for one in arrows)  # fmt: skip
    return layered_svg(tuple(boxes.values()), arrows, "The triples as a graph", said)
