"""What model files say of themselves becomes the record's licence and task."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.facts import model_facts
from fitgraph.registry.read_model import read_model
from fitgraph.registry.said_in_file import licences_of, said_by_tflite, tasks_of
from tests.support import tflite_writer

METADATA = {0: "ObjectDetector", 1: "finds things", 5: "Apache License. Version 2.0"}


def onnx_file(path: Path, **said: str) -> Path:
    """One Relu, with metadata."""
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("x", "y")]
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    model = helper.make_model(
        helper.make_graph(nodes, "g", values[:1], values[1:]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    helper.set_model_props(model, said)
    path.write_bytes(model.SerializeToString())
    return path


def tflite_file(path: Path, metadata: bytes) -> Path:
    """One RELU, with metadata in its second buffer."""
    tensors = [tflite_writer.tensor("x", [1, 4]), tflite_writer.tensor("y", [1, 4])]
    part = tflite_writer.subgraph(tensors, [tflite_writer.operator([0], [1])], [0], [1])
    root = tflite_writer.model([part], [tflite_writer.operator_code("RELU")], [metadata])
    named = {0: "TFLITE_METADATA", 1: np.uint32(1)}
    path.write_bytes(tflite_writer.flatbuffer({**root, 6: [named]}))
    return path


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("Apache-2.0", "Apache-2.0"),
        ("Apache License. Version 2.0 http://www.apache.org/licenses/LICENSE-2.0.", "Apache-2.0"),
        ("The MIT License", "MIT"),
        ("AGPL-3.0 License (https://ultralytics.com/license)", "AGPL-3.0-only"),
        ("GPL v3 or later", "LicenseRef-GPL-v3-or-later"),
        ("not under MIT", "LicenseRef-not-under-MIT"),
        ("ask us first", "LicenseRef-ask-us-first"),
        ("", None),
        ("\x07", None),
    ],
)
def test_a_licence_is_named_as_spdx_does_or_kept_as_a_reference(
    tmp_path: Path, said: str, licence: str | None
) -> None:
    graph = read_model(onnx_file(tmp_path / "m.onnx", model_license=said))
    assert licences_of(graph.said) == (() if licence is None else (licence,))


def test_the_metadata_of_a_tflite_file_says_licence_and_task(tmp_path: Path) -> None:
    content = tflite_writer.flatbuffer(METADATA, b"M001")
    graph = read_model(tflite_file(tmp_path / "m.tflite", content))
    assert licences_of(graph.said) == ("Apache-2.0",)
    assert tasks_of(graph.said) == ("object detection",)


def test_damaged_metadata_say_nothing_and_spoil_nothing(tmp_path: Path) -> None:
    content = tflite_writer.flatbuffer(METADATA, b"M001")
    for cut in range(0, len(content), 3):
        assert isinstance(said_by_tflite(content[:cut]), dict)
        damaged = content[:cut] + b"\xff\xff" + content[cut + 2 :]
        assert isinstance(said_by_tflite(damaged), dict)
    assert read_model(tflite_file(tmp_path / "m.tflite", content[:20])).said == {}


def test_what_the_file_says_counts_where_nobody_says_otherwise(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "m.onnx", license="MIT", task="image_classification")
    graph = read_model(path)
    facts, content = model_facts(graph), path.read_bytes()
    with open_registry(tmp_path / "one") as registry:
        registry.add_model(graph, facts, content, "m")
        record = registry.get_model("m")
        assert (record.licences, record.tasks) == (("MIT",), ("image classification",))
    with open_registry(tmp_path / "other") as registry:
        registry.add_model(graph, facts, content, "m", licences=["Apache-2.0"])
        registry.add_model(graph, facts, content, "n")
        assert registry.get_model("m").licences == ("Apache-2.0",)
