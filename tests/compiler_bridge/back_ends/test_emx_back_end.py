"""emx-onnx-cgen: its C is compiled here and computes what the reference does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.back_ends.emx import EmxBackEnd
from fitgraph.compiler_bridge.back_ends.protocol import BackEndError, Request
from tests.support.exactness import subject
from tests.support.example_models import float_example
from tests.support.packed_models import WARNINGS, done
from tests.support.tools import require_tool
from tests.support.wake_words import wake_words


@pytest.mark.parametrize("name", ["anomaly", "activity"])
def test_a_float_model_computes_what_onnxruntime_does(name: str, tmp_path: Path) -> None:
    model = subject(float_example(name))
    delivered = EmxBackEnd().build(Request(model.graph, model.content, "armv7e-m+fp"))
    assert float(delivered.facts["worst difference"]) < 1e-5
    assert int(delivered.facts["outputs compared"]) > 0
    assert "onnxruntime" in str(delivered.facts["reference"])
    assert delivered.footprints == ()
    assert set(delivered.files) == {f"{name}.c", f"{name}.h"}
    (tmp_path / f"{name}.h").write_bytes(delivered.files[f"{name}.h"])
    (tmp_path / "user.c").write_text(f'#include "{name}.h"\n')
    done([require_tool("gcc"), "-std=c99", *WARNINGS, "-c", "user.c"], tmp_path)


def test_how_far_a_quantized_model_lies_from_its_reference_is_told(
    int8_example: Callable[[str], Path],
) -> None:
    """It computes in float what the reference computes in integers."""
    model = subject(int8_example("digits"))
    request = Request(model.graph, model.content, "armv7e-m+fp")
    delivered = EmxBackEnd().build(request)
    assert 0 <= float(delivered.facts["worst difference"]) < 0.05
    assert EmxBackEnd().build(request).files == delivered.files


def test_a_tflite_file_is_refused() -> None:
    model = subject(wake_words()[0])
    with pytest.raises(BackEndError, match="compiles ONNX files"):
        EmxBackEnd().build(Request(model.graph, model.content, "armv6-m"))
