"""Validation of one resource: all checks between the bytes that come in and the write."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.records import Validation
from fitgraph.ontology.td_context import TD_11
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.door import check
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import Iri
from fitgraph.registry.thing_board import model_text
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import parse_document, read_document
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.kept import as_kept
from fitgraph.registry.triples.thing import document_to_triples, record_to_triples

_BOARD: Final = "arduino-nano-33-ble-sense"
_ROUNDS: Final = 9
#: Properties of a device that reads a few sensors, and of one that is as large as any known.
_FEW, _MANY = 5, 136


def measure_validations(data: Path | None) -> list[Validation]:
    """Medians of several rounds, after one that compiles schemas and shapes; processor time.

    Args:
        data: shared data, whose largest valid example is measured, too; None where it is absent.
    """
    board = builtin_board(_BOARD)
    things = [
        ("its Thing Model", model_text(board).encode()),
        (f"a device of {_FEW} properties", _device(_FEW)),
        (f"a device of {_MANY} properties", _device(_MANY)),
        *_largest_example(data),
    ]
    found = [_board(), *(_thing(name, content) for name, content in things)]
    return sorted(found, key=lambda one: one.triples)


def _board() -> Validation:
    board = builtin_board(_BOARD)
    triples = frozenset(board_to_triples(board))
    triples_ms = _median_ms(lambda: frozenset(board_to_triples(board)))
    shapes_ms = _median_ms(lambda: check("board", triples))
    total_ms = round(triples_ms + shapes_ms, 2)
    return Validation(
        f"the board {_BOARD}", 0, len(triples), 0.0, 0.0, triples_ms, shapes_ms, total_ms
    )


def _thing(name: str, content: bytes) -> Validation:
    document = parse_document(content, name)
    if thing_errors(document):
        raise InvalidThingError(f"{name}: {thing_errors(document)[0]}")
    thing = Iri(str(document.value.get("id", "urn:example:unnamed")))

    def graph() -> frozenset[Any]:
        own = as_kept(document_to_triples(document, thing))
        return own.union(record_to_triples(document, thing, None))

    triples = graph()
    times = (
        _median_ms(lambda: parse_document(content, name)),
        _median_ms(lambda: thing_errors(document)),
        _median_ms(graph),
        _median_ms(lambda: check("thing", triples)),
    )
    return Validation(name, len(content), len(triples), *times, round(sum(times), 2))


def _median_ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return round(statistics.median(times), 2)


def _largest_example(data: Path | None) -> Iterator[tuple[str, bytes]]:
    files = () if data is None else (data / "w3c").glob("t?-examples/valid/*.json")
    largest = max(files, key=_n_triples, default=None)
    if largest is not None:
        yield f"{largest.name} of the W3C's examples", largest.read_bytes()


def _n_triples(file: Path) -> int:
    return len(tuple(document_to_triples(read_document(file), Iri("urn:example:unnamed"))))


def _device(n_properties: int) -> bytes:
    """A Thing Description of a made-up device."""
    affordance = {
        "@type": "sosa:ObservableProperty",
        "title": "A quantity",
        "description": "What a sensor measures, and when.",
        "type": "object",
        "readOnly": True,
        "required": ["value"],
        "properties": {
            "value": {"type": "number", "minimum": -40, "maximum": 85.5, "unit": "qudt:DEG_C"},
            "time": {"type": "string", "format": "date-time"},
        },
    }
    form = {"op": ["readproperty", "observeproperty"], "contentType": "application/json"}
    names = [f"quantity{number}" for number in range(n_properties)]
    prefixes = {"sosa": "http://www.w3.org/ns/sosa/", "qudt": "http://qudt.org/vocab/unit/"}
    value = {
        "@context": [TD_11, prefixes],
        "id": "urn:example:device",
        "title": "Device",
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        "security": "none",
        "properties": {
            name: {**affordance, "forms": [{**form, "href": f"https://device.example/{name}"}]}
            for name in names
        },
    }
    return json.dumps(value).encode()
