"""Profiles of the runtimes of others: what they say, and that it is what the sources say."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from fitgraph.matcher.facts import ModelNeeds, OperatorUse
from fitgraph.matcher.operator_support import complaints, open_questions
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.runtime import Maintenance, OperatorSupport, Runtime
from fitgraph.registry.runtime_profiles import runtime_profiles
from fitgraph.registry.triples.runtime import canonical_runtime

PROFILES = {runtime.name: runtime for runtime in runtime_profiles()}

#: Names that the list of facts has for a profile, and the prefix of its operators there.
LISTED_AS = {
    "edge-impulse-eon": ("Edge Impulse SDK (TFLM fork that EON links)",),
    "emx-onnx-cgen": ("emx-onnx-cgen",),
    "esp-dl": ("ESP-DL",),
    "ethos-u55-vela": ("Ethos-U Vela",),
    "ethos-u65-vela": ("Ethos-U Vela",),
    "ethos-u85-vela": ("Ethos-U Vela",),
    "microtvm": ("TVM relay TFLite front end (last relay)",),
    "nnom": ("NNoM",),
    "onnx2c": ("onnx2c",),
    "tflm": ("TFLM", "TFLM (custom/signal)"),
    "tflm+cmsis-nn": ("TFLM", "TFLM (custom/signal)"),
    "tinyengine": ("TinyEngine (TFLite front end)",),
}
#: CMSIS-NN's own names of what serves these operators of TFLite; the others differ in case alone.
RENAMED = {"cmsis-nn"}


def _model(operator: str, *dtypes: str, version: int = 1) -> ModelNeeds:
    return ModelNeeds("m", "0" * 64, (OperatorUse(operator, version, frozenset(dtypes)),))


def _runtime(**more: object) -> Runtime:
    known = (OperatorSupport("tflite:ADD"),)
    return Runtime("r", "R", known, (), Evidence.MISSING, "s", "MIT", **more)  # type: ignore[arg-type]


def test_every_profile_names_source_release_licence_and_known_isa_classes() -> None:
    assert len(PROFILES) == 13
    for runtime in PROFILES.values():
        assert runtime.source
        assert runtime.release
        assert runtime.licence
        assert runtime.homepage.startswith("https://")
        assert set(runtime.isa_classes) <= set(ISA_CLASSES)
        assert runtime.footprint_from is Evidence.MISSING
        assert all(c.status is ClaimStatus.SOURCED and c.sources for c in runtime.claims)
    assert PROFILES["microtvm"].maintenance is Maintenance.FROZEN


def test_every_profile_comes_back_from_the_store_as_it_went_in(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        for runtime in runtime_profiles():
            registry.add_runtime(runtime)
            assert registry.get_runtime(runtime.name) == canonical_runtime(runtime)


def test_profiles_list_the_operators_that_the_facts_list(shared_data: Path) -> None:
    listed = defaultdict(set)
    with (shared_data / "runtime_ops.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            listed[row["runtime"]].add(row["operator"])
    for name, runtime in PROFILES.items():
        if name in RENAMED:
            continue
        wanted = {operator for source in LISTED_AS[name] for operator in listed[source]}
        ours = {s.operator.removeprefix("onnx:").replace(":", ".") for s in runtime.operators}
        assert {o.removeprefix("tflite.").removeprefix("nnom.") for o in ours} == wanted, name


def test_an_operator_whose_types_no_source_tells_is_open_not_supported() -> None:
    model = _model("tflite:ADD", "int8")
    assert complaints(model, _runtime()) == {}
    assert "types are not known" in open_questions(model, _runtime())["tflite:ADD"]


@pytest.mark.parametrize("more", [{"fallback": "tflm"}, {"unlisted_sets": ("tflite",)}])
def test_what_a_list_lacks_is_open_where_another_may_execute_it(more: dict[str, object]) -> None:
    model = _model("tflite:SIN", "int8")
    assert complaints(model, _runtime()) == {"tflite:SIN": "tflite:SIN"}
    assert complaints(model, _runtime(**more)) == {}
    assert open_questions(model, _runtime(**more))


def test_types_that_accompany_a_supported_one_are_no_complaint() -> None:
    tinyengine = PROFILES["tinyengine"]
    assert complaints(_model("tflite:CONV_2D", "int8", "int32"), tinyengine) == {}
    assert complaints(_model("tflite:ADD", "int32"), tinyengine)
    assert complaints(_model("tflite:ADD", "float32"), tinyengine)
