"""What the questions are asked about: values that give long answers, as large things have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from benchmarks.scale_fleet import FLEET, PLAN, matched_board
from benchmarks.scale_records import TOOLCHAINS
from fitgraph.ontology.questions import Question
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import footprint_iri, proof_iri

_ISA_CLASS: Final = "armv7e-m+fp"
#: By variable. Whatever names a vendor names the one with most parts and boards, and so on.
_VALUES: Final[Mapping[str, str]] = {
    "board": "nrf52840-dk",
    "class": "Board",
    "cpu_core": "Cortex-M4F",
    "deployment_region": "EU",
    "description": "digits-0, described",
    "fleet": FLEET,
    "flash_bytes": "100000",
    "isa_class": _ISA_CLASS,
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
    "operators-a-runtime-lacks": {"runtime": "cmsis-nn"},
    "operators-that-stop-a-model": {"runtime": "cmsis-nn"},
    "float-models-on-a-board-without-fpu": {"board": "stm32-blue-pill"},
    "claims-about-a-board": {"board": "nucleo-l552ze-q"},
    "boards-for-a-described-network": {"description": "Hello_World"},
    "described-networks-for-a-board": {"board": "adafruit-pybadge-322-000-000-005"},
    "counterparts-of-an-operator": {"operator": "onnx:Conv"},
    "boards-with-memory-in-doubt": {"vendor": "Espressif"},
}

#: Asked of a model and the board that it was matched with.
_OF_A_MATCH: Final = frozenset({"what-stops-a-match", "remedies-for-a-match"})


def values_of(registry: Registry, question: Question) -> dict[str, str]:
    """Values for all variables of a question, as a user writes them."""
    found = _found(registry, wants_descendants=question.name == "descendants-of-a-model")
    known = {**_VALUES, **found, **_OTHERS.get(question.name, {})}
    if question.name in _OF_A_MATCH:
        known["board"] = matched_board(registry.get_model(known["model"]))
    return {name: known[name] for name in question.binds}


def is_answered(question: Question) -> bool:
    """Whether there is a value for each of its variables."""
    return question.binds.keys() <= _VALUES.keys() | _FOUND


@cache
def _found(registry: Registry, *, wants_descendants: bool) -> Mapping[str, str]:
    """A model that was built for the class in question, with what is known of it and a match.

    Every other model descends from the one before it.
    """
    built = {one.model_sha256: one for one in registry.list_footprints(isa_class=_ISA_CLASS)}
    model, footprint = next(
        (one, built[one.sha256])
        for one in registry.list_models()
        if one.sha256 in built and int(one.name.rsplit("-")[-1]) % 2 != wants_descendants
    )
    proof = next(
        one for one in registry.list_proofs(model=model.name) if one.isa_class == _ISA_CLASS
    )
    return {
        "model": model.name,
        "footprint": footprint_iri(footprint),
        "proof": proof_iri(proof),
    }
