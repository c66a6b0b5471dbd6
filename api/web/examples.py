"""Competency questions as examples, with values to start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fitgraph.ontology.query_files import load_query
from fitgraph.ontology.questions import Question
from fitgraph.registry.bound_query import bind
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import key_of
from fitgraph.registry.question_values import bindings
from fitgraph.registry.triples.terms import fg, python_value

#: To start from, by the name of the variable; they are in every store, or mean no resource.
_VALUES: Final[Mapping[str, str]] = {
    "board": "nrf52840-dk",
    "runtime": "fitgraph-c",
    "isa_class": "armv7e-m+fp",
    "operator": "onnx:Conv",
    "operator_set": "onnx",
    "need_bytes": "65536",
    "sram_bytes": "262144",
    "flash_bytes": "1048576",
    "limit": "100000",
    "tolerance": "0",
    "version": "1",
    "sensor": "accelerometer",
    "radio": "bluetooth",
    "vendor": "Arduino",
    "cpu_core": "Cortex-M4F",
    "microcontroller": "nrf52840",
    "property": "arenaBytes",
    "class": "Board",
    "since": "2020-01-01T00:00:00Z",
}
#: Of kinds of which the first there is does, the class.
_CLASSES: Final[Mapping[str, str]] = {
    "model": "Model",
    "footprint": "Footprint",
    "proof": "Proof",
    "plan": "Plan",
    "fleet": "Fleet",
    "description": "ModelDescription",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A question ready to be asked.

    Attributes:
        values: of its variables, as somebody would write them; empty where none is known.
        sparql: with the values in their places, where all are known.
        is_ready: whether they are.
    """

    question: Question
    values: Mapping[str, str]
    sparql: str
    is_ready: bool


def example(registry: Registry, question: Question, given: Mapping[str, str]) -> Example:
    """A question with the values that somebody gives, and some of ours for the others.

    Raises:
        InvalidRecordError: a value does not read as what it should be.
        NotFoundError: nothing has such a name.
    """
    values = {
        name: given.get(name) or _value(registry, name, kind)
        for name, kind in question.binds.items()
    }
    is_ready = all(values.values())
    terms = bindings(registry, question, values) if is_ready else {}
    return Example(question, values, bind(question.sparql, terms), is_ready)


def _value(registry: Registry, name: str, kind: str) -> str:
    if name in _VALUES:
        return _VALUES[name]
    if kind not in _CLASSES:
        return ""
    rows = registry.store.query(load_query("resources"), {"class": fg(_CLASSES[kind])})
    if not rows:
        return ""
    named = next((row for row in rows if "name" in row), rows[0])
    resource = str(python_value(named["resource"]))
    if kind in {"plan", "fleet"}:
        return resource
    return str(python_value(named["name"])) if "name" in named else key_of(resource)
