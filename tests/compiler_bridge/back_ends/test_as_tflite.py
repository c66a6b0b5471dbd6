"""ONNX for back ends that take TFLite: onnx2tf's command is called, or said to be missing.

onnx2tf wants TensorFlow, which is too large for a test; what stands in for it is a command that
writes a TFLite file where onnx2tf would.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.back_ends.as_tflite import COMMAND, as_tflite
from fitgraph.compiler_bridge.back_ends.protocol import BackEndError, Request
from fitgraph.compiler_bridge.back_ends.tflm import TflmBackEnd
from fitgraph.compiler_bridge.errors import ToolchainError
from tests.support.exactness import Subject, subject
from tests.support.example_models import float_example
from tests.support.wake_words import wake_words

SCRIPT = """\
#!{python}
import sys, pathlib
assert sys.argv[1:4] == ["-i", "model.onnx", "-o"], sys.argv
out = pathlib.Path(sys.argv[4])
out.mkdir()
(out / "{name}").write_bytes(pathlib.Path("{model}").read_bytes())
"""


@pytest.fixture
def anomaly() -> Subject:
    return subject(float_example("anomaly"))


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A command onnx2tf on PATH that writes a file of this name."""
    script = folder / COMMAND
    script.write_text(SCRIPT.format(python=sys.executable, name=name, model=wake_words()[0]))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_without_onnx2tf_the_error_says_how_to_get_it(
    anomaly: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolchainError, match="onnx2tf is not installed") as caught:
        as_tflite(Request(anomaly.graph, anomaly.content, "armv6-m"))
    assert "pipx install onnx2tf" in caught.value.hint


@pytest.mark.skipif(shutil.which("sh") is None, reason="scripts need a shell's loader")
def test_what_onnx2tf_writes_is_built_and_no_footprint_of_the_onnx_model(
    anomaly: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(tmp_path, monkeypatch, "model_float32.tflite")
    delivered = TflmBackEnd().build(Request(anomaly.graph, anomaly.content, "armv6-m"))
    assert delivered.files["model.tflite"] == wake_words()[0].read_bytes()
    assert delivered.facts["converted by"] == "onnx2tf"
    assert (delivered.footprints, delivered.measurements) == ((), ())
    assert "anomaly_runner.cc" in delivered.files


def test_a_conversion_that_gives_nothing_is_told(
    anomaly: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(tmp_path, monkeypatch, "saved_model.pb")
    with pytest.raises(BackEndError, match="wrote no TFLite file"):
        as_tflite(Request(anomaly.graph, anomaly.content, "armv6-m"))


def test_a_refusal_is_told_without_its_colours(
    anomaly: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """onnx2tf writes escape sequences whether or not anybody can see colours."""
    script = tmp_path / COMMAND
    script.write_text("#!/bin/sh\nprintf '\\033[31mERROR:\\033[0m no such operator\\n'; exit 1\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(ToolchainError, match=r"refuses the model: ERROR: no such operator$"):
        as_tflite(Request(anomaly.graph, anomaly.content, "armv6-m"))


def test_a_tflite_model_is_taken_as_it_is() -> None:
    model = subject(wake_words()[0])
    found = as_tflite(Request(model.graph, model.content, "armv6-m"))
    assert (found.content, found.is_converted) == (model.content, False)
