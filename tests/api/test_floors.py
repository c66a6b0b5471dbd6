"""What the compiler says before a build is never more than what the build then takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgraph.compiler_bridge.build import build_for_class, footprint_of
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.runtime import FitgraphCompiler
from fitgraph.registry.read_model import read_model


@pytest.mark.parametrize("name", ["activity", "anomaly", "digits"])
def test_the_compiler_s_floors_hold_for_a_build(repository: Path, name: str) -> None:
    graph = read_model(repository / "examples" / name / f"{name}.onnx")
    answer = FitgraphCompiler(lambda _: graph).answer(graph.sha256)
    footprint = footprint_of(build_for_class(generate(graph), "armv7e-m+fp"), graph.sha256, "x")
    assert answer is not None
    assert answer.arena_bytes == footprint.arena_bytes
    assert answer.weights_bytes is not None
    assert 0 < answer.weights_bytes <= footprint.weights_bytes
