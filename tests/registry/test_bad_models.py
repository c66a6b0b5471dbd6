"""Whatever bytes come in, a graph or one clear sentence comes out."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.onnx_reader import read_onnx
from fitgraph.registry.read_model import read_model
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.model_files import known_models
from tests.support.tflite_writer import (
    flatbuffer,
    model,
    operator,
    operator_code,
    subgraph,
    tensor,
)

_N_CUTS = 200


def _read(data: bytes) -> ModelGraph | None:
    """The graph, whose facts can be told; None when the bytes were refused with a hint."""
    try:
        if data[4:8] == b"TFL3":
            graph = read_tflite(data, "model")
        else:
            graph = read_onnx(data, "model", None)
    except InvalidModelError as error:
        _check_refusal(error)
        return None
    model_facts(graph)
    return graph


def _check_refusal(error: InvalidModelError) -> None:
    assert error.hint
    assert "\n" not in error.message


@cache
def _tflite_file() -> bytes:
    """A convolution with per-channel weights and options, written here."""
    scale = {2: np.array([0.5], np.float32), 3: np.array([0], np.int64)}
    channels = {2: np.array([0.5, 0.25], np.float32), 3: np.array([0, 0], np.int64), 6: np.int32(0)}
    tensors = [
        tensor("x", [1, 4, 4, 1], quantization=scale),
        tensor("w", [2, 3, 3, 1], buffer=1, quantization=channels),
        tensor("b", [2], "INT32", buffer=2, quantization=channels),
        tensor("y", [1, 4, 4, 2], quantization=scale),
    ]
    options = {0: np.int8(0), 1: np.int32(1), 2: np.int32(1), 3: np.int8(1)}
    op = {**operator([0, 1, 2], [3]), 3: np.uint8(1), 4: options}
    part = subgraph(tensors, [op], [0], [3])
    return flatbuffer(model([part], [operator_code("CONV_2D", 3)], [bytes(18), bytes(8)]))


@cache
def _onnx_file() -> bytes:
    """A convolution, a constant and a reshape, written here."""
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
            helper.make_node("Constant", [], ["shape"], value_ints=[1, -1]),
            helper.make_node("Reshape", ["c", "shape"], ["y"]),
        ],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ones((2, 1, 3, 3), np.float32), "w")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(proto.SerializeToString())


@pytest.mark.parametrize("make", [_tflite_file, _onnx_file])
def test_the_files_to_be_broken_are_good(make: Callable[[], bytes]) -> None:
    assert _read(make()) is not None


@pytest.mark.parametrize("make", [_tflite_file, _onnx_file])
@settings(max_examples=400)
@given(
    changes=st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), min_size=1, max_size=6)
)
def test_changed_bytes_never_give_anything_but_a_graph_or_an_error(
    make: Callable[[], bytes], changes: list[tuple[int, int]]
) -> None:
    data = bytearray(make())
    for position, value in changes:
        data[position % len(data)] = value
    _read(bytes(data))


@settings(max_examples=300)
@given(data=st.binary(max_size=300), as_tflite=st.booleans())
def test_random_bytes_never_give_anything_but_a_graph_or_an_error(
    data: bytes,
    as_tflite: bool,  # noqa: FBT001
) -> None:
    _read(data[:4] + b"TFL3" + data[4:] if as_tflite else data)


@pytest.mark.parametrize("make", [_tflite_file, _onnx_file])
def test_a_file_cut_short_anywhere_is_never_a_crash(make: Callable[[], bytes]) -> None:
    data = make()
    for length in range(len(data)):
        _read(data[:length])


@pytest.mark.parametrize(
    "name",
    ["*okay_nabu.tflite", "*keras_lstm_mnist_ptq.tflite", "*qoperator_emx.onnx", "*RIOT*.tflite"],
)
def test_a_real_file_cut_short_is_refused(shared_data: Path, name: str) -> None:
    for path in (shared_data / "models").glob(name):
        data = path.read_bytes()
        for cut in range(1, _N_CUTS):
            length = len(data) * cut // _N_CUTS
            graph = _read(data[:length])
            # A flatbuffer written front to back may end in bytes that nothing needs.
            assert graph is None or length > 0.9 * len(data), length


def test_real_files_with_changed_bytes_are_never_a_crash(shared_data: Path) -> None:
    chance = random.Random(2026)
    small = [k for k in known_models(shared_data) if k.path.stat().st_size < 20_000]
    for known in chance.sample(small, 60):
        original = known.path.read_bytes()
        for _ in range(8):
            data = bytearray(original)
            for _ in range(chance.randint(1, 8)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            _read(bytes(data))


def test_the_model_that_is_invalid_on_purpose_is_refused(shared_data: Path) -> None:
    (known,) = [known for known in known_models(shared_data) if known.error]
    with pytest.raises(InvalidModelError, match="there are 0 buffers"):
        read_model(known.path)


def test_offsets_past_the_end_are_refused() -> None:
    data = bytearray(_tflite_file())
    data[0:4] = (2**31).to_bytes(4, "little")
    with pytest.raises(InvalidModelError, match=f"the file has {len(data)}"):
        read_tflite(bytes(data), "model")


@pytest.mark.parametrize("data", [b"", b"\0", b"not a model at all", b"PK\x03\x04" + bytes(60)])
def test_bytes_of_neither_format_are_refused(data: bytes) -> None:
    assert _read(data) is None
