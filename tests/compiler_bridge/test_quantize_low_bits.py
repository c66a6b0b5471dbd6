"""Weights quantized to 4 and 2 bits: stored as int4, near what they were, and compiled exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.recipes.errors import RecipeError
from fitgraph.compiler_bridge.recipes.evaluate import evaluate
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from tests.support.exactness import assert_right, input_sets, subject
from tests.support.float_models import Array, Node, samples, save_model, weights
from tests.support.host_runs import sanitized_outputs

DIGITS = Path(__file__).resolve().parents[2] / "examples" / "digits"
SHAPE = (1, 3, 8, 8)
CALIBRATION = {"x": samples(*SHAPE[1:])}
KERNEL = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
NODES: list[Node] = [
    ("Conv", ["x", "w"], "c", KERNEL),
    ("Relu", ["c"], "r", {}),
    ("Conv", ["r", "d"], "e", {**KERNEL, "group": 16}),
    ("Flatten", ["e"], "f", {}),
    ("Gemm", ["f", "g", "b"], "h", {"transB": 1}),
    ("MatMul", ["h", "m"], "y", {}),
]
CONSTANTS = {
    "w": weights(16, 3, 3, 3),
    "d": weights(16, 1, 3, 3),
    "g": weights(12, 1024),
    "b": weights(12),
    "m": weights(12, 8),
}
HALF = {4: 8, 2: 2}


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Each kind of layer that has weights."""
    return save_model(tmp_path / "m.onnx", NODES, input_shape=SHAPE, constants=CONSTANTS)


def stored(path: Path) -> dict[str, tuple[int, Array]]:
    """Element type and integers of each constant, by its name in the float model."""
    return {
        one.name.removesuffix("_quantized"): (
            one.data_type,
            np.asarray(numpy_helper.to_array(one)).astype(np.float32),
        )
        for one in onnx.load(path).graph.initializer
    }


@pytest.mark.parametrize(("bits", "scales"), [(4, "channel"), (4, "tensor"), (2, "channel")])
def test_layers_have_int4_weights_within_their_bits_and_depthwise_ones_int8(
    network: Path, tmp_path: Path, bits: int, scales: str
) -> None:
    out, by_channel = tmp_path / "q.onnx", scales == "channel"
    variant = quantize_int8(network, CALIBRATION, out, weight_bits=bits, per_channel=by_channel)
    assert variant.float_operators == {}
    constants = stored(out)
    for name in ("w", "g", "m"):
        dtype, integers = constants[name]
        assert dtype == TensorProto.INT4
        assert -HALF[bits] <= integers.min() < integers.max() < HALF[bits]
    assert constants["d"][0] == TensorProto.INT8
    assert np.abs(constants["d"][1]).max() == 127
    assert f"weights=int{bits} symmetric" in variant.recipe.text


@pytest.mark.parametrize("bits", [4, 2])
def test_the_variant_is_compiled_with_packed_weights_to_the_bit(
    network: Path, tmp_path: Path, bits: int
) -> None:
    variant = quantize_int8(network, CALIBRATION, tmp_path / "q.onnx", weight_bits=bits)
    model = subject(variant.path)
    rows = [step.fields.get("rows") for step in lower(model.graph).steps]
    assert [one["bits"] for one in rows if isinstance(one, dict)] == [bits] * 3
    sets = input_sets(model.graph, n_random=4)
    assert_right(model, sanitized_outputs(model.generated, sets), model.expected(sets))


@pytest.mark.parametrize("bits", [4, 2])
def test_weights_that_have_so_few_values_already_keep_them(tmp_path: Path, bits: int) -> None:
    """As those of a model that was trained for few bits."""
    half = HALF[bits]
    integers = np.random.default_rng(bits).integers(-half, half, (16, 32)).astype(np.float32)
    integers[0] = np.abs(integers[0]) - 1  # a channel without the least value
    given = integers * np.linspace(0.02, 0.3, 16, dtype=np.float32)[:, np.newaxis]
    model = save_model(
        tmp_path / "m.onnx",
        [("Gemm", ["x", "w"], "y", {"transB": 1})],
        input_shape=(1, 32),
        constants={"w": given},
    )
    calibration = {"x": samples(32)}
    variant = quantize_int8(model, calibration, tmp_path / "q.onnx", weight_bits=bits)
    constants = stored(variant.path)
    scales = constants["w_scale"][1]
    np.testing.assert_allclose(
        constants["w"][1] * scales[:, np.newaxis], given, rtol=1e-5, atol=1e-7
    )


def test_digits_are_read_as_well_with_weights_of_4_bits(tmp_path: Path) -> None:
    """Within two of a hundred digits of the float model."""
    model, test = DIGITS / "digits.onnx", np.load(DIGITS / "test.npz")
    calibration = dict(np.load(DIGITS / "calibration.npz"))
    variant = quantize_int8(model, calibration, tmp_path / "q.onnx", weight_bits=4)
    before, after = (
        evaluate(path, test["x"], test["y"], "accuracy").value for path in (model, variant.path)
    )
    assert after > before - 0.02


def test_other_numbers_of_bits_are_refused(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.onnx"
    with pytest.raises(RecipeError, match="3 bits"):
        quantize_int8(network, CALIBRATION, out, weight_bits=3)
    assert not out.exists()
