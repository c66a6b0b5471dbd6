"""TFLM: the arena is what its own interpreter needs, the C++ calls what TFLM declares."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from tflite_micro.python.tflite_micro import runtime

from fitgraph.compiler_bridge.back_ends.protocol import BackEndError, Delivered, Request
from fitgraph.compiler_bridge.back_ends.tflm import TflmBackEnd, TflmCmsisNnBackEnd
from fitgraph.compiler_bridge.back_ends.tflm_resolver import resolver_methods
from fitgraph.compiler_bridge.tflm.footprints import NoFootprintError
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.runtime_profiles import runtime_profiles
from tests.support.exactness import Subject, subject
from tests.support.packed_models import WARNINGS, done
from tests.support.reference_models import INT8, reference_path
from tests.support.tflm_methods import METHODS
from tests.support.tools import require_tool
from tests.support.wake_words import wake_words

TFLM = Path(__file__).with_name("tflm")
# What their own header does not declare, as it is called otherwise or not at all.
NOT_IN_THE_HEADER = {"RELU_0_TO_1", "REDUCE_ALL", "DYNAMIC_UPDATE_SLICE", "TFLM_DECODE"}


@pytest.fixture(scope="module")
def model() -> Subject:
    """A wake word, whose state lies in variables."""
    return subject(wake_words()[0])


@pytest.fixture(scope="module")
def delivered(model: Subject) -> Delivered:
    return TflmBackEnd().build(Request(model.graph, model.content, "armv7e-m+fp"))


def texts(delivered: Delivered, folder: Path) -> dict[str, str]:
    """Writes all files; gives those that are text."""
    for name, content in delivered.files.items():
        (folder / name).write_bytes(content)
    return {n: c.decode() for n, c in delivered.files.items() if n.endswith((".h", ".cc"))}


def test_the_arena_is_the_least_that_the_interpreter_runs_in(
    model: Subject, delivered: Delivered, tmp_path: Path
) -> None:
    header = next(t for n, t in texts(delivered, tmp_path).items() if n.endswith("_arena.h"))
    found = re.search(r"> 4 \? (\d+) : (\d+);", header)
    assert found is not None
    here, target = map(int, found.groups())
    runtime.Interpreter.from_bytes(model.content, arena_size=here).invoke()
    with pytest.raises(RuntimeError):
        runtime.Interpreter.from_bytes(model.content, arena_size=here - 16).invoke()
    assert target <= here
    (footprint,) = delivered.footprints
    assert (footprint.arena_bytes, footprint.arena_evidence) == (target, Evidence.BOUND)
    assert footprint.evidence is Evidence.ESTIMATE
    (measurement,) = delivered.measurements
    assert measurement.arena_bytes == here


def test_the_array_is_the_file(model: Subject, delivered: Delivered, tmp_path: Path) -> None:
    source = next(t for n, t in texts(delivered, tmp_path).items() if n.endswith("_data.cc"))
    numbers = re.findall(r"\b\d+\b", source[source.index("{") :])
    assert np.array([int(one) for one in numbers], np.uint8).tobytes() == model.content
    assert delivered.files["model.tflite"] == model.content


def test_the_cpp_compiles_without_a_warning_and_links(delivered: Delivered, tmp_path: Path) -> None:
    """Against declarations of TFLM's own names; an operator that it lacks would not compile."""
    shutil.copytree(TFLM, tmp_path / "tflm")
    adds = "\n".join(f"  TfLiteStatus {name}() {{ return kTfLiteOk; }}" for name in METHODS.split())
    (tmp_path / "tflm/tensorflow/lite/micro/micro_mutable_op_resolver.h").write_text(
        '#pragma once\n#include "tensorflow/lite/c/common.h"\nnamespace tflite {\n'
        "struct MicroOpResolver {};\n"
        "template <unsigned N> struct MicroMutableOpResolver : MicroOpResolver {\n"
        f"{adds}\n}};\n}}\n"
    )
    sources = [name for name in texts(delivered, tmp_path) if name.endswith(".cc")]
    gcc = require_tool("g++")
    done([gcc, "-std=c++17", *WARNINGS, "-I", "tflm", *sources, "-o", "run"], tmp_path)
    done([tmp_path / "run"], tmp_path)


def test_the_resolver_has_each_operator_once(model: Subject, delivered: Delivered) -> None:
    header = next(c for n, c in delivered.files.items() if n.endswith("_resolver.h")).decode()
    adds = re.findall(r"resolver\.(\w+)\(\)", header)
    types = {one.op_type for part in (model.graph, *model.graph.subgraphs)
             for one in part.operators}  # fmt: skip
    assert len(adds) == len(set(adds)) == len(types)
    assert f"MicroMutableOpResolver<{len(adds)}>" in header


def test_operators_that_tflm_is_known_to_have_are_methods_of_its_resolver() -> None:
    (tflm,) = [one for one in runtime_profiles() if one.name == "tflm"]
    names = {one.operator.removeprefix("tflite:") for one in tflm.operators}
    customs = {name for name in names if name != name.upper() or name == "CIRCULAR_BUFFER"}
    types = {f"CUSTOM:{name}" for name in customs} | (names - customs - NOT_IN_THE_HEADER)
    assert set(resolver_methods(types)) <= set(METHODS.split())


def test_cmsis_nn_is_given_room_for_its_scratch(shared_data: Path) -> None:
    model = subject(reference_path(shared_data, INT8[0]))
    request = Request(model.graph, model.content, "armv7e-m+fp")
    own, cmsis_nn = TflmBackEnd().build(request), TflmCmsisNnBackEnd().build(request)
    assert int(cmsis_nn.facts["arena bytes"]) >= int(own.facts["arena bytes"])
    assert cmsis_nn.footprints[0].runtime == "tflm+cmsis-nn"


def test_a_constant_that_would_not_be_sound_is_refused(model: Subject) -> None:
    """How CMSIS-NN plans a model with control flow is not known."""
    with pytest.raises(NoFootprintError, match="has no bound"):
        TflmCmsisNnBackEnd().build(Request(model.graph, model.content, "armv7e-m+fp"))


def test_what_tflm_refuses_is_refused_with_its_reason() -> None:
    with pytest.raises(BackEndError, match="no custom operator 'Mine'"):
        resolver_methods(["CUSTOM:Mine"])


def test_an_unknown_option_is_refused(model: Subject) -> None:
    with pytest.raises(BackEndError, match="takes no option 'speed'"):
        TflmBackEnd().build(Request(model.graph, model.content, "armv6-m", {"speed": "1"}))


def test_the_same_request_gives_the_same_bytes(model: Subject, delivered: Delivered) -> None:
    again = TflmBackEnd().build(Request(model.graph, model.content, "armv7e-m+fp"))
    assert again.files == delivered.files
