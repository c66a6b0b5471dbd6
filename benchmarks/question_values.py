"""What the questions are asked about: values that give long answers, as large things have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from benchmarks.scale_graph import FLEET, PLAN
from benchmarks.scale_records import TOOLCHAINS
from fitgraph.ontology.questions import Question
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import footprint_iri, proof_iri

#: By variable. Whatever names a vendor names the one with most parts and boards, and so on.
_VALUES: Final[Mapping[str, str]] = {
    "board": "nrf52840-dk",
    "class": "Board",
    "cpu_core": "Cortex-M4F",
    "deployment_region": "EU",
    "description": "digits-0, described",
    "fleet": FLEET,
    "flash_bytes": "100000",
    "isa_class": "armv7e-m+fp",
    "limit": "0.06",
    "microcontroller": "nrf52840",
    "need_bytes": str(200 * 1024),
    "operator": "tflite:CONV_2D",
    "operator_set": "onnx",
    "plan": PLAN,
    "property": "clockHz",
    "property_name": "temperature",
    "radio": "bluetooth",
    "runtime": "tflm",
    "sensor": "microphone",
    "since": "2026-11-01T00:00:00Z",
    "source": "somebody",
    "sram_bytes": "10000",
    "tolerance": "0",
    "toolchain": TOOLCHAINS[0],
    "training_data": "https://example.org/speech",
    "vendor": "STMicroelectronics",
    "version": "15",
}
#: By variable: what the graph tells.
_FOUND: Final = frozenset({"model", "footprint", "proof"})
#: Where a question is about something else.
_OTHERS: Final[Mapping[str, Mapping[str, str]]] = {
    "microcontrollers-for-a-runtime": {"runtime": "ethos-u55-vela"},
    "counterparts-of-an-operator": {"operator": "onnx:Conv"},
    "boards-with-memory-in-doubt": {"vendor": "Espressif"},
}


def values_of(registry: Registry, question: Question) -> dict[str, str]:
    """Values for all variables of a question, as a user writes them."""
    known = {**_VALUES, **_found(registry), **_OTHERS.get(question.name, {})}
    return {name: known[name] for name in question.binds}


def is_answered(question: Question) -> bool:
    """Whether there is a value for each of its variables."""
    return question.binds.keys() <= _VALUES.keys() | _FOUND


@cache
def _found(registry: Registry) -> Mapping[str, str]:
    """A model that was derived from another, and what is known of it."""
    model = next(one.name for one in registry.list_models() if one.name.endswith("-101"))
    return {
        "model": model,
        "footprint": footprint_iri(registry.list_footprints(model=model)[0]),
        "proof": proof_iri(registry.list_proofs(model=model)[0]),
    }
