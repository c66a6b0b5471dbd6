"""Cells of competency questions in the short form in which the expected rows are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.questions import Question
from fitgraph.registry.iris import BASE
from tests.support.competency_graph import short_names

ROWS_FILE = Path(__file__).resolve().parents[1] / "ontology" / "competency_rows.yaml"
PREFIXES = {
    FG: "fg:",
    BASE: "id:",
    "http://www.w3.org/2004/02/skos/core#": "skos:",
    "http://qudt.org/vocab/unit/": "unit:",
}

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with values, and the rows that it must give, in their order.

    Attributes:
        values: as a user writes them.
        rows: without the columns that are bound.
    """

    question: str
    values: Mapping[str, str]
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        return " ".join((self.question, *self.values.values()))


def cases() -> tuple[Case, ...]:
    """All of the file; a question may stand there several times."""
    content: list[dict[str, Any]] = yaml.safe_load(ROWS_FILE.read_text(encoding="utf-8"))
    return tuple(
        Case(
            entry["ask"],
            {name: str(value) for name, value in entry.get("with", {}).items()},
            tuple(map(tuple, entry["rows"])),
        )
        for entry in content
    )


def columns(question: Question) -> list[str]:
    """What a question returns besides what is bound, in the order of its projection."""
    selected = re.search(r"^SELECT\b(.*?)^WHERE", question.sparql, re.DOTALL | re.MULTILINE)
    assert selected is not None
    projection = re.sub(r"\(.*? AS (\?\w+)\)", r"\1", selected.group(1), flags=re.DOTALL)
    bound = question.binds.keys() | question.may_bind.keys()
    return [name for name in re.findall(r"\?(\w+)", projection) if name not in bound]


def short(value: Cell) -> Cell:
    """A cell as it is written in the file."""
    if not isinstance(value, str):
        return value
    for name, iri in short_names().items():
        value = value.replace(iri, name)
    for start, prefix in PREFIXES.items():
        if value.startswith(start):
            return prefix + value.removeprefix(start)
    return value


def written(values: Mapping[str, str]) -> dict[str, str]:
    """Values with the IRIs of what the file calls by a short name."""
    names = short_names()
    return {
        name: str(names.get(value, re.sub("^id:", BASE, value))) for name, value in values.items()
    }
