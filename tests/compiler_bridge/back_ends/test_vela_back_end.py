"""Ethos-U: the real Vela compiles, and its report is read."""

from __future__ import annotations

import pytest

from fitgraph.compiler_bridge.back_ends.protocol import BackEndError, Request
from fitgraph.compiler_bridge.back_ends.vela import ethos_u55, ethos_u85
from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.registry.footprint import Evidence
from tests.support.exactness import Subject, subject
from tests.support.wake_words import wake_words

CLASS = "armv8.1-m.main+mve"


@pytest.fixture(scope="module")
def model() -> Subject:
    return subject(wake_words()[0])


def test_vela_s_report_becomes_an_estimate_and_its_file_is_delivered(model: Subject) -> None:
    """Twice the same bytes; what stays on the CPU is in the resolver, beside the NPU's operator."""
    request = Request(model.graph, model.content, CLASS)
    delivered = ethos_u55().build(request)
    (footprint,) = delivered.footprints
    assert (footprint.runtime, footprint.evidence) == ("ethos-u55-vela", Evidence.ESTIMATE)
    assert "Ethos_U55_128" in footprint.toolchain
    sram_bytes = int(delivered.facts["SRAM bytes by Vela"])
    assert 0 < sram_bytes < footprint.arena_bytes
    assert int(delivered.facts["operators on the NPU"]) > 0
    assert delivered.files["model_vela.tflite"][4:8] == b"TFL3"
    resolver = next(c for n, c in delivered.files.items() if n.endswith("_resolver.h")).decode()
    assert "AddEthosU()" in resolver
    assert f"{sram_bytes} B of SRAM" in footprint.source
    assert ethos_u55().build(request).files == delivered.files


def test_options_reach_vela(model: Subject) -> None:
    options = {"accelerator": "ethos-u55-32", "optimise": "Size"}
    delivered = ethos_u55().build(Request(model.graph, model.content, CLASS, options))
    assert str(delivered.facts["configuration"]).startswith("Ethos_U55_32 ")


@pytest.mark.parametrize(
    "options",
    [
        {"accelerator": "ethos-u85-256"},
        {"accelerator": "--help"},
        {"memory-mode": "../../etc"},
        {"config": "vela.ini"},
    ],
)
def test_options_that_make_no_sense_are_refused(model: Subject, options: dict[str, str]) -> None:
    with pytest.raises(BackEndError):
        ethos_u55().build(Request(model.graph, model.content, CLASS, options))


def test_a_memory_mode_that_vela_does_not_know_is_told_in_its_words(model: Subject) -> None:
    with pytest.raises(ToolchainError, match="ethos-u-vela refuses the model"):
        ethos_u85().build(
            Request(model.graph, model.content, CLASS, {"memory-mode": "No_Such_Mode"})
        )
