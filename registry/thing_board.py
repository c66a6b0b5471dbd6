"""A board as a Thing Model, and back: hardware facts ride in it under the prefix ``fg``.

What the model says in fitgraph's own terms is the board's graph, triple by triple. Sensors are
properties besides, each optional: whether a device shows one is up to its firmware.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import FG, RDFS, XSD
from fitgraph.ontology.td_context import TD_11
from fitgraph.registry.board import Board
from fitgraph.registry.board_checks import check_board
from fitgraph.registry.errors import InvalidThingError, RegistryError
from fitgraph.registry.iris import board_iri
from fitgraph.registry.thing_json import Json, JsonDocument, step
from fitgraph.registry.thing_rules import rule_errors
from fitgraph.registry.thing_schema import schema_errors
from fitgraph.registry.triples.board import board_from_triples, board_to_triples
from fitgraph.registry.triples.terms import RDF_TYPE, Term
from fitgraph.registry.triples.thing import document_to_triples

SOSA: Final = "http://www.w3.org/ns/sosa/"
_PREFIXES: Final[Mapping[str, str]] = {"fg": FG, "sosa": SOSA}
#: What is written under the prefixes of the context above, or under those of TD 1.1.
_NAMESPACES: Final[Mapping[str, str]] = {FG: "fg", SOSA: "sosa", RDFS: "rdfs"}

#: Sensors that measure along three axes, and those that give one number.
_THREE_AXES: Final = frozenset({"accelerometer", "gyroscope", "magnetometer"})
_ONE_NUMBER: Final = frozenset(
    {"temperature", "humidity", "pressure", "light", "proximity", "distance", "gas"}
)


def board_to_model(board: Board) -> dict[str, Json]:
    """The Thing Model of a board."""
    subject = board_iri(board.board_id)
    facts = _Tree(board_to_triples(board)).members(subject)
    optional: list[Json] = [f"/properties/{step(sensor)}" for sensor in board.sensors]
    properties: dict[str, Json] = {sensor: _affordance(sensor) for sensor in board.sensors}
    return {
        "@context": [TD_11, dict(_PREFIXES)],
        "id": subject,
        "title": board.name,
        **({"tm:optional": optional, "properties": properties} if optional else {}),
        **facts,
        "@type": ["tm:ThingModel", "fg:Board"],
    }


def model_text(board: Board) -> str:
    """The Thing Model of a board, as indented JSON."""
    return json.dumps(board_to_model(board), indent=2, ensure_ascii=False)


def board_from_model(document: JsonDocument, contexts: Mapping[str, object] | None = None) -> Board:
    """The board that a Thing Model describes; what it says of affordances is left out.

    Args:
        document: the model.
        contexts: JSON-LD contexts besides those that are known, by address.

    Raises:
        InvalidThingError: it is no valid model, or none of a board.
        InvalidBoardError: the board contradicts itself.
    """
    errors = schema_errors(document.value) or rule_errors(document.value)
    if errors:
        raise InvalidThingError(f"{document.name}: {errors[0]}", hint="see docs/things.md")
    subject = document.value.get("id")
    if not is_board_model(document):
        raise InvalidThingError(
            f"{document.name}: /@type: says neither tm:ThingModel nor fg:Board",
            hint="a device is added by `fitgraph thing add`",
        )
    try:
        board = board_from_triples(document_to_triples(document, board_iri("unnamed"), contexts))
    except RegistryError as error:
        raise InvalidThingError(
            f"{document.name}: {error.message}", hint="`fitgraph board show ID --td` has examples"
        ) from error
    if board_iri(board.board_id) != subject:
        raise InvalidThingError(
            f"{document.name}: /id: is {subject}, and fg:name makes it {board_iri(board.board_id)}",
            hint="correct one of them",
        )
    return check_board(board)


def is_board_model(document: JsonDocument) -> bool:
    """Whether a document says that it is the Thing Model of a board."""
    types = document.value.get("@type")
    return isinstance(types, list) and {"tm:ThingModel", "fg:Board"} <= set(map(str, types))


def _affordance(sensor: str) -> Json:
    affordance: dict[str, Json] = {
        "@type": "sosa:ObservableProperty",
        "title": sensor,
        "readOnly": True,
    }
    if sensor in _THREE_AXES:
        axes: dict[str, Json] = {"type": "number"}
        return {**affordance, "type": "array", "items": axes, "minItems": 3, "maxItems": 3}
    return {**affordance, "type": "number"} if sensor in _ONE_NUMBER else affordance


class _Tree:
    """Triples as nested JSON-LD: parts inside what they are parts of."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._of: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            assert isinstance(triple.subject, NamedNode)
            self._of[triple.subject.value][triple.predicate.value].append(triple.object)

    def members(self, subject: str) -> dict[str, Json]:
        """What is said of a node, by prefixed names in their order."""
        said = self._of[subject]
        return {
            "@type" if name == RDF_TYPE.value else _short(name): self._values(name, said[name])
            for name in sorted(said)
        }

    def _values(self, name: str, terms: list[Term]) -> Json:
        ordered = sorted(terms, key=str)
        if name == RDF_TYPE.value:
            types = [_short(str(getattr(term, "value", term))) for term in ordered]
            return types[0] if len(types) == 1 else list(types)
        values = [self._value(term) for term in ordered]
        return values[0] if len(values) == 1 else values

    def _value(self, term: Term) -> Json:
        if isinstance(term, NamedNode):
            if term.value in self._of:
                return {"@id": term.value, **self.members(term.value)}
            return {"@id": term.value}
        assert isinstance(term, Literal)
        return _literal(term)


def _literal(term: Literal) -> Json:
    kind = term.datatype.value.removeprefix(XSD)
    if kind == "string":
        return term.value
    if kind == "integer":
        return int(term.value)
    if kind == "boolean":
        return term.value == "true"
    return {"@value": term.value, "@type": term.datatype.value}


def _short(iri: str) -> str:
    for namespace, prefix in _NAMESPACES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
