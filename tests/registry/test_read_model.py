"""A file is what its bytes say, and nobody waits for one that cannot be read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.read_model import MAX_MODEL_BYTES, read_model, read_model_safely
from tests.support.model_files import known_models
from tests.support.tflite_writer import (
    flatbuffer,
    model,
    one_operator,
    operator,
    operator_code,
    subgraph,
    tensor,
)


def million_nodes(path: Path) -> Path:
    """Of ONNX; names are all that differs."""
    proto = onnx.ModelProto(ir_version=8)
    proto.opset_import.add(version=17)
    proto.graph.name = "many"
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    proto.graph.node.extend([node] * 10**6)
    proto.graph.output.add(name="y")
    path.write_bytes(proto.SerializeToString())
    return path


def test_a_million_operators_are_refused_at_once(tmp_path: Path) -> None:
    """Within seconds, and long before the limits of time and memory."""
    with pytest.raises(InvalidModelError, match="1,000,000 nodes; at most 100,000 are read"):
        read_model_safely(million_nodes(tmp_path / "many.onnx"), timeout_seconds=30)


def test_too_many_operators_of_a_tflite_file_are_refused(tmp_path: Path) -> None:
    """One table, which the vector of operators points to again and again."""
    relu = operator([0], [1])
    part = subgraph([tensor("x", [1]), tensor("y", [1])], [relu] * 100_001, [0], [1])
    path = tmp_path / "many.tflite"
    path.write_bytes(flatbuffer(model([part], [operator_code("RELU")], [bytes(10**6)])))
    with pytest.raises(InvalidModelError, match="100,001 operators; at most 100,000 are read"):
        read_model(path)


def test_the_content_decides_the_format_when_the_name_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(one_operator())
    graph = read_model(path)
    assert (graph.format, graph.name, graph.file_bytes) == ("tflite", "model", path.stat().st_size)


@pytest.mark.parametrize("read", [read_model, read_model_safely])
def test_a_file_named_after_the_other_format_is_refused(
    read: Callable[[Path], ModelGraph], tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(one_operator())
    with pytest.raises(InvalidModelError, match=r"named \.onnx, but holds a TFLite") as caught:
        read(path)
    assert caught.value.hint == "Rename it to model.tflite."


def test_an_onnx_file_named_tflite_is_refused(shared_data: Path, tmp_path: Path) -> None:
    known = next(known for known in known_models(shared_data) if known.format == "onnx")
    path = tmp_path / "model.tflite"
    path.write_bytes(known.path.read_bytes())
    with pytest.raises(InvalidModelError, match="does not hold a TFLite") as caught:
        read_model(path)
    assert "rename it to model.onnx" in caught.value.hint


def test_a_sparse_file_of_two_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.tflite"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    started = time.monotonic()
    for read in (read_model, read_model_safely):
        with pytest.raises(InvalidModelError, match=f"2147483648 bytes, at most {MAX_MODEL_BYTES}"):
            read(path)
    assert time.monotonic() - started < 0.5


def test_what_is_no_readable_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    empty = tmp_path / "empty.onnx"
    empty.touch()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    cases = {
        tmp_path: "is a folder",
        tmp_path / "absent.tflite": "there is no file",
        empty: "is empty",
        pipe: "not a regular file",
        empty / "below": "cannot be read",
        tmp_path / "nul\0": "cannot be read",
        tmp_path / ("long" * 1000): "cannot be read",
    }
    for path, reason in cases.items():
        for read in (read_model, read_model_safely):
            with pytest.raises(InvalidModelError, match=reason) as caught:
                read(path)
            assert caught.value.hint


def test_a_file_without_read_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.tflite"
    path.write_bytes(one_operator())
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # root may read everything, nobody may not
        os.seteuid(65534)
    try:
        with pytest.raises(InvalidModelError, match="cannot be read: Permission denied"):
            read_model(path)
    finally:
        os.seteuid(user)


def test_the_guarded_process_gives_the_same_graph(shared_data: Path) -> None:
    names = ("*okay_nabu.tflite", "*micro_kws_m_static_qoperator_emx.onnx")
    for name in names:
        (path,) = (shared_data / "models").glob(name)
        ours, theirs = read_model(path), read_model_safely(path)
        assert theirs.operators == ours.operators
        assert model_facts(theirs) == model_facts(ours)
        for part, same in zip((ours, *ours.subgraphs), (theirs, *theirs.subgraphs), strict=True):
            for one, copy in zip(part.tensors, same.tensors, strict=True):
                assert (one.name, one.shape, one.dtype) == (
                    copy.name,
                    copy.shape,
                    copy.dtype,
                )
                if one.data is not None:
                    assert copy.data is not None
                    np.testing.assert_array_equal(one.data, copy.data)
                    assert not copy.data.flags.writeable


def test_the_guarded_process_is_stopped_at_its_limits(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(one_operator(shape=[50_000_000], content=bytes(50_000_000)))
    with pytest.raises(InvalidModelError, match=r"more than 0\.05 seconds"):
        read_model_safely(path, timeout_seconds=0.05)
    with pytest.raises(InvalidModelError, match=r"takes more than \d+ bytes of memory|code"):
        read_model_safely(path, memory_bytes=220_000_000)


def test_the_guarded_process_passes_errors_on_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(one_operator()[:100])
    with pytest.raises(InvalidModelError) as caught:
        read_model_safely(path)
    assert caught.value.message.startswith("model: ")
    assert caught.value.hint
    assert capfd.readouterr() == ("", "")
