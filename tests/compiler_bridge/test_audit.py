"""Claims of the paper's graph against its files: the figures of an independent measurement."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fitgraph.compiler_bridge.audit import AuditedClaim, AuditVerdict, Evidence, audit
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.reference.tflm_arena import STEP_BYTES, machine, measure_arena
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.facts import model_facts
from fitgraph.registry.importers.reference_graph import read_reference_graph
from fitgraph.registry.known_arenas import known_arenas
from fitgraph.registry.layer_names import operator_types
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.read_model import read_model
from tests.support.reference_models import FLOAT32, INT8, UINT8, reference_path

NAMES = sorted((*INT8, *FLOAT32, *UINT8))
#: Whose figures `truth.json` gives for the arena.
MEASURED_ON = "x86-64"

Truth = dict[str, Any]


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> dict[str, Truth]:
    rows = json.loads((shared_data / "reference_kg" / "truth.json").read_text(encoding="utf-8"))
    return {row["name"]: row for row in rows}


@pytest.fixture(scope="module")
def evidence(shared_data: Path) -> dict[str, Evidence]:
    """All that is measured of the 23 models, by digest."""
    found = {}
    for name in NAMES:
        path = reference_path(shared_data, name)
        graph = read_model(path)
        arena = measure_arena(path.read_bytes(), graph.sha256)
        known = tuple(one for one in known_arenas() if one.model_sha256 == graph.sha256)
        found[graph.sha256] = Evidence(graph, model_facts(graph), arena, elsewhere=known)
    return found


@pytest.fixture(scope="module")
def audited(shared_data: Path, evidence: dict[str, Evidence]) -> tuple[AuditedClaim, ...]:
    return audit(read_reference_graph(shared_data / "reference_kg").descriptions, evidence)


def about(audited: tuple[AuditedClaim, ...], model: str, name: str) -> AuditedClaim:
    (claim,) = (a for a in audited if (a.model, a.property_name) == (model, name))
    return claim


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_what_is_measured_is_what_others_measured(
    name: str, truth: dict[str, Truth], evidence: dict[str, Evidence]
) -> None:
    """MACs, parameters, constants, peak and TFLM's arena, to the byte."""
    expected = truth[name]
    one = evidence[expected["sha256"]]
    assert one.graph.file_bytes == expected["bytes"]
    assert one.facts.macs == expected["macs"]
    assert one.facts.params == expected["params"]
    assert one.facts.const_bytes == expected["const_bytes"]
    assert one.facts.peak_activation_bytes == expected["peak_activation_bytes"]
    assert one.arena is not None
    if machine() == MEASURED_ON:
        expected_arena = (expected["tflm_x86_64"] or {}).get("min")
        assert one.arena.arena_bytes == expected_arena


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_claims_on_memory_and_work_are_judged_by_the_independent_figures(
    name: str, truth: dict[str, Truth], audited: tuple[AuditedClaim, ...]
) -> None:
    expected = truth[name]
    macs = about(audited, name, "macs")
    assert macs.claimed == expected["reference_claims"]["macs"]
    assert macs.verdict == ("right" if macs.claimed == expected["macs"] else "wrong")
    flash = about(audited, name, "flashBytes")
    assert (flash.claimed, flash.verdict) == (expected["bytes"], AuditVerdict.RIGHT)
    sram = about(audited, name, "sramBytes")
    assert sram.claimed == round(expected["reference_claims"]["ram_kb"] * 1000)
    needed = (expected["tflm_x86_64"] or {}).get("min")
    if machine() == MEASURED_ON and needed is not None:
        is_right = abs(int(sram.claimed) - needed) < STEP_BYTES
        assert sram.verdict == ("right" if is_right else "wrong")
        assert sram.ratio == pytest.approx(int(sram.claimed) / needed)


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_known_arenas_are_those_of_the_independent_measurement(
    name: str, truth: dict[str, Truth]
) -> None:
    on_cortex_m4 = truth[name]["tflm_cortex_m4"]
    wanted = {
        runtime: on_cortex_m4[kernels]["min_arena"]
        for runtime, kernels in (("tflm", "ref_kernels"), ("tflm+cmsis-nn", "cmsis_nn"))
        if on_cortex_m4[kernels]["min_arena"] is not None
    }
    ours = [one for one in known_arenas() if one.model_sha256 == truth[name]["sha256"]]
    assert {one.runtime: one.arena_bytes for one in ours} == wanted


def test_a_claim_above_one_arena_and_below_another_shows_both_and_their_runtimes(
    audited: tuple[AuditedClaim, ...],
) -> None:
    """15,168 bytes are too much for an x86-64, and too little for CMSIS-NN on a Cortex-M4."""
    claim = about(audited, "ARM_CNN_Small_keyword_spotting", "sramBytes")
    assert (claim.claimed, claim.verdict) == (15_168, AuditVerdict.WRONG)
    assert "tflm+cmsis-nn on cortex-m4f needs 16,192 B, more than is claimed" in claim.note
    assert "tflm on cortex-m4f needs 11,616 B;" in claim.note
    needs = {(one.runtime, one.machine): one.arena_bytes for one in claim.measurements}
    assert needs["tflm+cmsis-nn", "cortex-m4f"] == 16_192
    if machine() == MEASURED_ON:
        assert (claim.measured, needs["tflm", MEASURED_ON]) == (12_864, 12_864)


def test_claims_on_other_things_name_no_arenas(audited: tuple[AuditedClaim, ...]) -> None:
    named = {claim.property_name for claim in audited if claim.measurements}
    assert named == {"sramBytes"}


def test_a_model_that_tflm_refuses_is_said_to_be_refused(
    audited: tuple[AuditedClaim, ...],
) -> None:
    """It is uint8; that each of its operators is listed does not help."""
    runtime = about(audited, "Person_Detection", "runtime")
    assert (runtime.measured, runtime.verdict) == ("refused", AuditVerdict.WRONG)
    assert "not supported" in runtime.note
    assert about(audited, "Person_Detection", "sramBytes").verdict is AuditVerdict.UNKNOWN
    assert about(audited, "Person_Detection", "layerTypes").verdict is AuditVerdict.RIGHT
    assert about(audited, "Hello_World", "runtime").verdict is AuditVerdict.RIGHT


def test_two_meanings_of_one_file_cannot_both_be_right(audited: tuple[AuditedClaim, ...]) -> None:
    claim = about(audited, "Micro_Speech_Yes_No_3", "outputInfo")
    assert claim.verdict is AuditVerdict.WRONG
    assert "Micro_Speech_Forward_Backward is the same file" in claim.note


def test_an_accuracy_of_nothing_is_unknown(audited: tuple[AuditedClaim, ...]) -> None:
    claim = about(audited, "Hello_World", "accuracy")
    assert (claim.claimed, claim.verdict) == (0.0, AuditVerdict.UNKNOWN)
    assert "0 stands for" in claim.note


def test_wrong_claims_come_first_and_name_their_sources(audited: tuple[AuditedClaim, ...]) -> None:
    verdicts = [claim.verdict for claim in audited]
    assert verdicts == sorted(verdicts, key=list(AuditVerdict).index)
    assert all(claim.sources for claim in audited)
    assert len([claim for claim in audited if claim.verdict is AuditVerdict.WRONG]) == 25


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("macs", 1),
        ("flashBytes", 1),
        ("sramBytes", 1),
        ("inputShape", "[1,1,1]"),
        ("outputShape", "[9]"),
        ("layerTypes", "FullyConnected"),
        ("layerTypes", "Conv2D FullyConnected FullyConnected"),
        ("layerDtypes", "Uint8 Int8 Int8"),
        ("parameters", 7),
    ],
)
def test_a_claim_that_is_changed_is_found_wrong(
    name: str, value: str | int, shared_data: Path, evidence: dict[str, Evidence]
) -> None:
    graph = read_reference_graph(shared_data / "reference_kg")
    (hello,) = (d for d in graph.descriptions if d.name == "Hello_World")
    false = Claim(name, value, ClaimStatus.UNCHECKED, ("somebody",))
    (found,) = audit([replace(hello, claims=(false,))], evidence)
    assert found.verdict is AuditVerdict.WRONG, found


def test_a_claim_that_errs_low_says_that_it_is_too_little(
    evidence: dict[str, Evidence],
) -> None:
    (sha256,) = (s for s, one in evidence.items() if one.graph.name == "Hello_World")
    low = Claim("sramBytes", 512, ClaimStatus.UNCHECKED, ("somebody",))
    (found,) = audit([ModelDescription("x", "x", sha256, claims=(low,))], evidence)
    assert "less than is needed" in found.note


def test_nothing_is_said_of_a_model_without_a_file() -> None:
    claim = Claim("macs", 1000, ClaimStatus.UNCHECKED, ("somebody",))
    (found,) = audit([ModelDescription("x", "x", claims=(claim,))], {})
    assert (found.verdict, found.measured) == (AuditVerdict.UNKNOWN, None)
    assert "not known" in found.note


def test_a_file_that_is_no_model_is_refused_and_not_believed() -> None:
    """Whatever the interpreter does with it happens in a process of its own."""
    noise = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4
    sha256 = hashlib.sha256(noise).hexdigest()
    with pytest.raises(EmulationError, match="ended with code") as caught:
        measure_arena(noise, sha256)
    assert caught.value.hint


def test_layers_are_told_however_they_are_spelt() -> None:
    assert operator_types("DepthwiseConv2D AvgPool2D ResizeNearestNeighbor Mean") == (
        "DEPTHWISE_CONV_2D",
        "AVERAGE_POOL_2D",
        "RESIZE_NEAREST_NEIGHBOR",
        "MEAN",
    )
