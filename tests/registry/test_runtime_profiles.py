"""Profiles of the runtimes of others: what they say, and that it is what the sources say."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from fitgraph.matcher.facts import ModelNeeds, OperatorUse
from fitgraph.matcher.operator_support import complaints, open_questions
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import RegistryError
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.runtime import Maintenance, OperatorSupport, Runtime
from fitgraph.registry.runtime_profiles import parse_profile, runtime_profiles
from fitgraph.registry.triples.runtime import canonical_runtime

PROFILES = {runtime.name: runtime for runtime in runtime_profiles()}

#: Names that the list of facts has for a profile, and the prefix of its operators there.
LISTED_AS = {
    "cmsis-nn": ("CMSIS-NN",),
    "edge-impulse-eon": ("Edge Impulse SDK (TFLM fork that EON links)",),
    "emx-onnx-cgen": ("emx-onnx-cgen",),
    "esp-dl": ("ESP-DL",),
    "microtvm": ("TVM relay TFLite front end (last relay)",),
    "nnom": ("NNoM",),
    "onnx2c": ("onnx2c",),
    "tflm": ("TFLM", "TFLM (custom/signal)"),
    "tflm+cmsis-nn": ("TFLM", "TFLM (custom/signal)"),
    "tinyengine": ("TinyEngine (TFLite front end)",),
}
#: Profiles of a newer release than the listed one: nothing that was supported is lost since.
NEWER = {f"ethos-u{size}-vela": "Ethos-U Vela" for size in (55, 65, 85)}

#: CMSIS-NN's own names of what serves an operator of TFLite; elsewhere at most case differs.
CMSIS_NN = {
    "Conv2D": "CONV_2D",
    "DepthwiseConv2D": "DEPTHWISE_CONV_2D",
    "TransposeConv2D": "TRANSPOSE_CONV",
    "Fully Connected": "FULLY_CONNECTED",
    "Batch Matmul": "BATCH_MATMUL",
    "MaxPooling": "MAX_POOL_2D",
    "AvgPooling": "AVERAGE_POOL_2D",
    "LSTM": "UNIDIRECTIONAL_SEQUENCE_LSTM",
}

#: What the list of facts calls element types, and those that it means.
TYPES = {
    "int4": ("int4",),
    "int8": ("int8",),
    "int16": ("int16",),
    "float32": ("float32",),
    "f16/f32": ("float16", "float32"),
    "q7 (8-bit weights/activations)": ("int8",),
}

Listed = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def listed(shared_data: Path) -> Listed:
    """Operators with their element types, by runtime."""
    found: Listed = defaultdict(dict)
    with (shared_data / "runtime_ops.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["runtime"]][row["operator"]] = row["dtypes"]
    return found


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


def test_every_profile_comes_back_from_the_store_as_it_went_in(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        for runtime in runtime_profiles():
            registry.add_runtime(runtime)
            assert registry.get_runtime(runtime.name) == canonical_runtime(runtime)


def spelt(runtime: Runtime) -> dict[str, OperatorSupport]:
    """What a profile says of each operator, under the name that the list of facts has for it."""
    names = {ours: theirs for theirs, ours in CMSIS_NN.items()}
    found = {}
    for support in runtime.operators:
        name = support.operator.removeprefix("onnx:").replace(":", ".")
        name = name.removeprefix("tflite.").removeprefix("nnom.")
        if runtime.name == "cmsis-nn":
            name = names.get(name, name if name == "SVDF" else name.capitalize())
        found[name] = support
    return found


@pytest.mark.parametrize("name", LISTED_AS)
def test_a_profile_lists_the_operators_that_the_facts_list(name: str, listed: Listed) -> None:
    wanted = {operator for source in LISTED_AS[name] for operator in listed[source]}
    assert set(spelt(PROFILES[name])) == wanted


@pytest.mark.parametrize("name", LISTED_AS)
def test_a_profile_gives_the_element_types_that_the_facts_give(name: str, listed: Listed) -> None:
    """``DSP int8`` says for which cores; any of them counts, since a profile is not of one core."""
    ours = spelt(PROFILES[name])
    for source in LISTED_AS[name]:
        for operator, text in listed[source].items():
            words = [word.removeprefix("C ").removeprefix("DSP ").removeprefix("MVE ")
                     for word in text.split(";") if word]  # fmt: skip
            wanted = {dtype for word in words for dtype in TYPES[word]}
            assert {dtype.value for dtype in ours[operator].dtypes} == wanted, operator


@pytest.mark.parametrize("name", NEWER)
def test_a_newer_release_supports_what_the_listed_one_did(name: str, listed: Listed) -> None:
    gone = set(listed[NEWER[name]]) - set(spelt(PROFILES[name]))
    assert gone == {"SHAPE"}


def test_every_profile_is_held_to_the_facts() -> None:
    assert set(PROFILES) == {*LISTED_AS, *NEWER}


@pytest.mark.parametrize("runtime", PROFILES.values(), ids=lambda runtime: runtime.name)
def test_every_fact_of_a_profile_has_a_source_or_is_unknown(runtime: Runtime) -> None:
    said = {claim.property_name: claim for claim in runtime.claims if isinstance(claim.value, str)}
    facts = {
        "license": runtime.licence,
        "runsOn": " ".join(runtime.isa_classes),
        "footprintMethod": str(runtime.footprint_method),
        "maintenance": str(runtime.maintenance),
    }
    for name, value in facts.items():
        assert (name in said) == (value not in {"", "unknown"}), name
        assert name not in said or said[name].value == value


def test_figures_name_model_hardware_and_where_they_were_published() -> None:
    for runtime in PROFILES.values():
        for claim in runtime.claims:
            if not isinstance(claim.value, str):
                (source,) = claim.sources
                assert re.search(r" on (a |an )?[A-Za-z0-9-]+", source), source


def test_a_frozen_runtime_names_its_last_version() -> None:
    microtvm = PROFILES["microtvm"]
    assert microtvm.maintenance is Maintenance.FROZEN
    assert microtvm.release.startswith("0.18.0, the last one")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('  licence: "apache/tvm, LICENSE"', "  licence: unknown", "licence is known"),
        ("  footprint_method: unknown", "  footprint_method: a page", "method is unknown"),
        ("  footprint_method: unknown\n", "", "lacks footprint_method"),
        ("maintenance: frozen", "maintenance: dead", "maintenance"),
    ],
)
def test_a_profile_with_a_fact_without_source_is_refused(old: str, new: str, says: str) -> None:
    folder = files("fitgraph.registry").joinpath("runtimes")
    text = folder.joinpath("microtvm.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(RegistryError, match=says):
        parse_profile(text.replace(old, new, 1), "microtvm.yaml")


def test_the_table_of_the_documentation_is_that_of_the_profiles(repository: Path) -> None:
    text = (repository / "docs" / "runtimes.md").read_text(encoding="utf-8")
    assert "\n".join(table()) in text, "the table should be:\n" + "\n".join(table())


def table() -> list[str]:
    """The profiles as a table of Markdown."""
    lines = ["| runtime | release | licence | status | operators | ISA classes | footprint by |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name in sorted(PROFILES):
        r = PROFILES[name]
        typed = sum(bool(one.dtypes) for one in r.operators)
        types = {0: "types unknown", len(r.operators): "with types"}[typed]
        isa = ", ".join(r.isa_classes) or "unknown"
        lines.append(
            f"| `{name}` | {r.release} | {r.licence} | {r.maintenance} | "
            f"{len(r.operators)}, {types} | {isa} | {r.footprint_method} |"
        )
    return lines


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
