"""What int8 quantization refuses, by name and leaving nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from fitgraph.compiler_bridge.recipes.errors import (
    CalibrationError,
    NotFloatModelError,
    RecipeError,
)
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from fitgraph.registry.errors import InvalidModelError, StorageError
from tests.support.float_models import Array, Node, samples, save_model
from tests.support.small_network import CALIBRATION, SHAPE, small_network


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_network(tmp_path)


def with_nan() -> Array:
    x = CALIBRATION["x"].copy()
    x[3, 0, 0, 0] = np.nan
    return x


BAD_CALIBRATION: Mapping[str, tuple[dict[str, Array], str]] = {
    "wrong name": ({"image": CALIBRATION["x"]}, "it lacks 'x' and it has unknown 'image'"),
    "one name too many": ({**CALIBRATION, "y": CALIBRATION["x"]}, "it has unknown 'y'"),
    "wrong shape": ({"x": samples(8, 8, 2)}, r"\(12, 8, 8, 2\); the model's input is 1x2x8x8"),
    "a single number": ({"x": np.array(1, np.float32)}, "has shape"),
    "not a number": ({"x": with_nan()}, "1 values that are NaN or infinite, the first in sample 3"),
    "too large for float32": ({"x": np.full((2, 2, 8, 8), 1e300)}, "NaN or infinite"),
    "text": ({"x": np.full((2, 2, 8, 8), "a")}, "the model wants float32"),
    "empty": ({"x": samples(*SHAPE[1:], n=0)}, "has no sample"),
}


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize("case", BAD_CALIBRATION, ids=str)
def test_calibration_data_that_does_not_belong_is_named_and_nothing_written(
    case: str, small: Path
) -> None:
    calibration, message = BAD_CALIBRATION[case]
    out = small.with_name("q.onnx")
    with pytest.raises(CalibrationError, match=message) as raised:
        quantize_int8(small, calibration, out)
    assert raised.value.hint
    assert list(small.parent.iterdir()) == [small]


def test_inputs_of_different_length_are_refused(tmp_path: Path) -> None:
    path = save_model(
        tmp_path / "m.onnx", [("Add", ["x", "x2"], "y", {})], input_shape=(1, 4), check=False
    )
    proto = onnx.load(path)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("x2", TensorProto.FLOAT, [1, 4]))
    onnx.save(onnx.shape_inference.infer_shapes(proto), path)
    with pytest.raises(CalibrationError, match="'x' 3, 'x2' 2"):
        quantize_int8(path, {"x": samples(4, n=3), "x2": samples(4, n=2)}, tmp_path / "q.onnx")


def test_a_quantized_model_is_refused(small: Path) -> None:
    once, twice = small.with_name("once.onnx"), small.with_name("twice.onnx")
    quantize_int8(small, CALIBRATION, once)
    with pytest.raises(NotFloatModelError, match="quantized already"):
        quantize_int8(once, CALIBRATION, twice)
    assert not twice.exists()


def test_a_model_without_anything_to_quantize_is_refused(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx", [("Identity", ["x"], "y", {})], input_shape=(1, 4))
    with pytest.raises(NotFloatModelError, match="no float32 operator"):
        quantize_int8(model, {"x": samples(4)}, tmp_path / "q.onnx")


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_other_float_types_are_refused(dtype: int, tmp_path: Path) -> None:
    model = save_model(
        tmp_path / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=(1, 4), dtype=dtype
    )
    with pytest.raises(NotFloatModelError, match="not a float32 model: 'x' is"):
        quantize_int8(model, {"x": samples(4)}, tmp_path / "q.onnx")


BAD_FILES: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "not an ONNX model"),
    "text": (b"this is no model", "not an ONNX"),
    "tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(64), "is a TFLite file"),
    "zeros": (bytes(100), "not an ONNX"),
}


@pytest.mark.parametrize("case", BAD_FILES, ids=str)
def test_a_file_that_is_no_onnx_model_is_refused(case: str, tmp_path: Path) -> None:
    data, message = BAD_FILES[case]
    path = tmp_path / "bad.onnx"
    path.write_bytes(data)
    with pytest.raises(InvalidModelError, match=message) as raised:
        quantize_int8(path, CALIBRATION, tmp_path / "q.onnx")
    assert raised.value.hint
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_and_a_truncated_file_are_refused(small: Path) -> None:
    with pytest.raises(InvalidModelError, match="cannot be read: No such file"):
        quantize_int8(small.with_name("absent.onnx"), CALIBRATION, small.with_name("q.onnx"))
    data = small.read_bytes()
    for length in (10, len(data) // 2, len(data) - 5):
        small.write_bytes(data[:length])
        with pytest.raises(InvalidModelError):
            quantize_int8(small, CALIBRATION, small.with_name("q.onnx"))


def test_a_graph_with_a_cycle_or_an_unknown_operator_is_refused(tmp_path: Path) -> None:
    cycle: list[Node] = [("Add", ["x", "b"], "a", {}), ("Relu", ["a"], "b", {})]
    unknown: list[Node] = [("Frobnicate", ["x"], "y", {})]
    for name, nodes in (("cycle", cycle), ("unknown", unknown)):
        path = save_model(tmp_path / f"{name}.onnx", nodes, input_shape=(1, 4), check=False)
        with pytest.raises(InvalidModelError, match="not valid ONNX"):
            quantize_int8(path, {"x": samples(4)}, tmp_path / "q.onnx")


def constant_output(folder: Path) -> Path:
    """A constant is an output, too."""
    path = save_model(folder / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=(1, 4))
    proto = onnx.load(path)
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(4, np.float32), "w"))
    proto.graph.output.append(onnx.helper.make_tensor_value_info("w", TensorProto.FLOAT, [4]))
    onnx.save(proto, path)
    return path


def equal_names(folder: Path) -> Path:
    """Two nodes have the same name, which onnxruntime does not take."""
    nodes: list[Node] = [("Relu", ["x"], "h", {}), ("Relu", ["h"], "y", {})]
    path = save_model(folder / "m.onnx", nodes, input_shape=(1, 4))
    proto = onnx.load(path)
    for node in proto.graph.node:
        node.name = "twin"
    onnx.save(proto, path)
    return path


@pytest.mark.parametrize("make", [constant_output, equal_names])
def test_what_is_odd_and_allowed_is_quantized(make: Callable[[Path], Path], tmp_path: Path) -> None:
    made = quantize_int8(make(tmp_path), {"x": samples(4)}, tmp_path / "q.onnx")
    assert made.int8_operators["Relu"] >= 1


def test_a_value_beyond_measure_is_refused_before_anything_computes_it(tmp_path: Path) -> None:
    """onnxruntime would fold a product of 10 ** 8 elements."""
    column, row = np.ones((10_000, 1), np.float32), np.ones((1, 10_000), np.float32)
    nodes: list[Node] = [
        ("Mul", ["a", "b"], "c", {}), ("ReduceMax", ["c"], "d", {}), ("Add", ["x", "d"], "y", {})
    ]  # fmt: skip
    constants = {"a": column, "b": row}
    model = save_model(tmp_path / "m.onnx", nodes, input_shape=(1, 1), constants=constants)
    with pytest.raises(RecipeError, match="'c' of 100,000,000 elements"):
        quantize_int8(model, {"x": samples(1)}, tmp_path / "q.onnx")


def test_constants_in_a_file_beside_the_model_are_read(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "external"
    folder.mkdir()
    onnx.save(
        onnx.load(small),
        folder / "small.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    inside = quantize_int8(small, CALIBRATION, tmp_path / "a.onnx")
    outside = quantize_int8(folder / "small.onnx", CALIBRATION, tmp_path / "b.onnx")
    assert inside.sha256 == outside.sha256


def test_constants_outside_the_models_folder_are_not_read(small: Path) -> None:
    proto = onnx.load(small)
    (tensor,) = proto.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    small.write_bytes(proto.SerializeToString())
    with pytest.raises(InvalidModelError):
        quantize_int8(small, CALIBRATION, small.with_name("q.onnx"))


def test_a_model_that_onnxruntime_cannot_run_is_refused(tmp_path: Path) -> None:
    nodes: list[Node] = [("Relu", ["x"], "r", {}), ("Reshape", ["r", "shape"], "y", {})]
    model = save_model(
        tmp_path / "m.onnx", nodes, input_shape=("N", 4), constants={"shape": np.array([3, 3])}
    )
    with pytest.raises(RecipeError, match="onnxruntime cannot"):
        quantize_int8(model, {"x": samples(4)}, tmp_path / "q.onnx")


def test_a_folder_that_cannot_be_written_leaves_the_old_file(small: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        quantize_int8(small, CALIBRATION, tmp_path / "absent" / "q.onnx")
    target = tmp_path / "folder.onnx"
    target.mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        quantize_int8(small, CALIBRATION, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.onnx", "small.onnx"]


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "q.onnx"
    target.write_bytes(b"old")
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from fitgraph.compiler_bridge.recipes.atomic_file import write_atomically\n"
        "from fitgraph.registry.errors import StorageError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    write_atomically(Path(sys.argv[1]), bytes(100_000))\n"
        "except StorageError as error:\n"
        "    print(error.message)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, target], capture_output=True, text=True, check=True
    )
    assert "q.onnx cannot be written" in run.stdout
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_temporary_folder_that_cannot_be_written_is_named(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(small))
    with pytest.raises(StorageError, match=r"temporary folder .* cannot be written"):
        quantize_int8(small, CALIBRATION, small.with_name("q.onnx"))
