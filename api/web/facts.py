"""What a graph says of a resource, arranged for reading: its own facts, and its parts by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.api.web.addresses import local
from fitgraph.api.web.words import number
from fitgraph.ontology.namespaces import OPERATORS, RDF, RDFS, XSD
from fitgraph.registry.iris import key_of, operator_name
from fitgraph.registry.vocabulary_graphs import ontology_triples

_TYPE: Final = f"{RDF}type"
_NUMBERS: Final = frozenset({f"{XSD}integer", f"{XSD}decimal", f"{XSD}double", f"{XSD}long"})
#: Some resources have thousands of parts; a page shows the first, and the data has them all.
MOST_PARTS: Final = 300


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property.

    Attributes:
        address: of a page about it, or an empty string.
        is_number: whether it is one, which tables align.
    """

    text: str
    address: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A property with its values."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class PartTable:
    """Parts of one kind.

    Attributes:
        columns: labels of the properties that one of them has.
        rows: for each part the fragment of its IRI, and the values of each column.
        total: how many there are; the table has the first.
    """

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Value, ...], ...]], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Description:
    """All that a graph says of a resource.

    Attributes:
        kinds: labels of its classes.
        facts: of itself, by label.
        parts: what else the graph speaks of.
    """

    kinds: tuple[str, ...]
    facts: tuple[Fact, ...]
    parts: tuple[PartTable, ...]


def describe(iri: str, triples: Iterable[Triple]) -> Description:
    """What some triples say of a resource and its parts."""
    said: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        is_kind = _name(triple.predicate) == _TYPE
        value = Value(label_of(_name(triple.object))) if is_kind else _value(triple.object)
        said[_name(triple.subject)][_name(triple.predicate)].append(value)
    own = said.pop(iri, {})
    kinds = tuple(sorted(value.text for value in own.pop(_TYPE, [])))
    facts = sorted(
        (
            Fact(label_of(name), _sorted(values))
            for name, values in own.items()
            if not all(value.address.startswith(f"{local(iri)}#") for value in values)
        ),  # parts have tables of their own
        key=lambda fact: fact.label,
    )
    return Description(kinds, tuple(facts), _tables(said))


def label_of(iri: str) -> str:
    """What the vocabulary calls a term; else the last part of its IRI."""
    return _labels().get(iri) or key_of(iri).rpartition("#")[2] or iri


def _tables(parts: Mapping[str, Mapping[str, list[Value]]]) -> tuple[PartTable, ...]:
    by_kind: dict[str, dict[str, Mapping[str, list[Value]]]] = defaultdict(dict)
    for subject, said in parts.items():
        kinds = said.get(_TYPE, [])
        by_kind[kinds[0].text if kinds else "also said"][subject] = said
    return tuple(_table(kind, by_kind[kind]) for kind in sorted(by_kind))


def _table(kind: str, parts: Mapping[str, Mapping[str, list[Value]]]) -> PartTable:
    names = {name for said in parts.values() for name in said} - {_TYPE}
    columns = sorted(names, key=label_of)
    shown = sorted(parts)[:MOST_PARTS]
    rows = tuple(
        (subject.partition("#")[2], tuple(_sorted(parts[subject].get(one, [])) for one in columns))
        for subject in shown
    )
    return PartTable(kind, tuple(map(label_of, columns)), rows, len(parts))


def _sorted(values: list[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=lambda value: value.text))


def _value(term: object) -> Value:
    if isinstance(term, Literal):
        is_number = term.datatype.value in _NUMBERS
        text = term.value
        if term.datatype.value == f"{XSD}integer" and len(text) < 30:
            text = number(int(text))
        return Value(text, is_number=is_number)
    iri = _name(term)
    if iri in _labels():
        return Value(_labels()[iri], local(iri))
    if iri.startswith(OPERATORS) and iri.count("/") == OPERATORS.count("/") + 1:
        return Value(operator_name(iri), local(iri))
    if local(iri) != iri:
        return Value(key_of(iri), local(iri))
    return Value(iri, iri if iri.startswith(("http://", "https://")) else "")


def _name(term: object) -> str:
    return str(term.value) if isinstance(term, NamedNode) else str(term)


@cache
def _labels() -> Mapping[str, str]:
    return {
        _name(triple.subject): triple.object.value
        for triple in ontology_triples()
        if triple.predicate.value == f"{RDFS}label" and isinstance(triple.object, Literal)
    }
