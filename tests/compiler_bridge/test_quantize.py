"""int8 post-training quantization: what is quantized, and how exactly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from fitgraph.compiler_bridge.recipes.onnx_runner import onnx_runner
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from fitgraph.compiler_bridge.recipes.ranges import RangeMethod
from tests.support.float_models import Array, Node, samples, save_model, weights
from tests.support.small_network import CALIBRATION, CONV, SHAPE, small_network

NORM = {name: np.abs(weights(4, seed=seed)) for seed, name in enumerate("sbmv", start=2)}


def whole(*values: int) -> Array:
    return np.array(values, np.int64)


def real(value: float) -> Array:
    return np.array(value, np.float32)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_network(tmp_path)


# One entry for each shape of graph: nodes, constants other than the convolution's, the int8
# operators that must come out of it (none may stay in float).
GRAPHS: Mapping[str, tuple[list[Node], Mapping[str, Array], Mapping[str, int]]] = {
    "ReLU vanishes into its convolution": ([CONV, ("Relu", ["c"], "y", {})], {}, {"Conv": 1}),
    "ReLU6 vanishes into its convolution": (
        [CONV, ("Clip", ["c", "low", "high"], "y", {})],
        {"low": real(0), "high": real(6)},
        {"Conv": 1},
    ),
    "a Clip that allows no zero stays": (
        [CONV, ("Clip", ["c", "low", "high"], "y", {})],
        {"low": real(1), "high": real(6)},
        {"Clip": 1, "Conv": 1},
    ),
    "ReLU at the input": ([("Relu", ["x"], "y", {})], {}, {"Relu": 1}),
    "pooling at the input": (
        [("MaxPool", ["x"], "y", {"kernel_shape": [2, 2]})],
        {},
        {"MaxPool": 1},
    ),
    "batch normalization behind a convolution": (
        [CONV, ("BatchNormalization", ["c", "s", "b", "m", "v"], "y", {})],
        NORM,
        {"Conv": 1},
    ),
    "batch normalization on its own": (
        [CONV, ("Sigmoid", ["c"], "g", {}), ("BatchNormalization", list("gsbmv"), "y", {})],
        NORM,
        {"Conv": 2, "Sigmoid": 1},
    ),
    "mean, sigmoid and tanh": (
        [
            CONV,
            ("ReduceMean", ["c"], "r", {"axes": [2, 3], "keepdims": 0}),
            ("Sigmoid", ["r"], "g", {}),
            ("Tanh", ["g"], "y", {}),
        ],
        {},
        {"Conv": 1, "ReduceMean": 1, "Sigmoid": 1, "Tanh": 1},
    ),
    "a shortcut and a gate": (
        [
            CONV,
            ("Sigmoid", ["c"], "g", {}),
            ("Mul", ["c", "g"], "m", {}),
            ("Add", ["m", "c"], "y", {}),
        ],
        {},
        {"Add": 1, "Conv": 1, "Mul": 1, "Sigmoid": 1},
    ),
    "what only moves values": (
        [
            ("Concat", ["x", "x"], "cc", {"axis": 1}),
            ("Pad", ["cc", "pads"], "p", {}),
            ("Slice", ["p", "starts", "ends"], "sl", {}),
            ("Transpose", ["sl"], "t", {"perm": [0, 2, 3, 1]}),
            ("GlobalAveragePool", ["t"], "g", {}),
            ("Squeeze", ["g", "axes"], "q", {}),
            ("Reshape", ["q", "shape"], "r", {}),
            ("Flatten", ["r"], "y", {"axis": 1}),
        ],
        {
            "pads": whole(0, 0, 1, 1, 0, 0, 1, 1),
            "starts": whole(0, 0, 0, 0),
            "ends": whole(1, 4, 8, 8),
            "axes": whole(2, 3),
            "shape": whole(1, 2, 4),
        },
        {
            "Concat": 1,
            "Flatten": 1,
            "GlobalAveragePool": 1,
            "Pad": 1,
            "Reshape": 1,
            "Slice": 1,
            "Squeeze": 1,
            "Transpose": 1,
        },
    ),
}


@pytest.mark.parametrize("case", GRAPHS, ids=str)
def test_every_operator_that_int8_can_do_is_quantized_and_computes_the_same(
    case: str, tmp_path: Path
) -> None:
    nodes, constants, expected = GRAPHS[case]
    used = {name for _, inputs, _, _ in nodes for name in inputs}
    all_constants = {"w": weights(4, 2, 3, 3), **constants}
    model = save_model(
        tmp_path / "m.onnx",
        nodes,
        input_shape=SHAPE,
        constants={name: value for name, value in all_constants.items() if name in used},
    )
    variant = quantize_int8(model, CALIBRATION, tmp_path / "q.onnx")
    assert variant.int8_operators == expected
    assert variant.float_operators == {}
    assert worst_relative_error(model, variant.path, CALIBRATION["x"]) < 0.05


DENSE: Mapping[str, tuple[list[Node], Mapping[str, Array]]] = {
    "bias as a row": (
        [("MatMul", ["x", "w"], "m", {}), ("Add", ["m", "b"], "y", {})],
        {"b": weights(4)[np.newaxis]},
    ),
    "batch normalization behind Gemm": (
        [
            ("Gemm", ["x", "w", "b"], "g", {"alpha": 0.5, "beta": 2.0}),
            ("BatchNormalization", ["g", "s", "b", "m", "v"], "n", {}),
            ("Relu", ["n"], "y", {}),
        ],
        NORM,
    ),
    "no bias": ([("MatMul", ["x", "w"], "y", {})], {}),
    "one number as bias": ([("Gemm", ["x", "w", "b"], "y", {})], {"b": real(0.5)}),
}


@pytest.mark.parametrize("case", DENSE, ids=str)
def test_dense_layers_of_any_exporter_become_one_int8_operator(case: str, tmp_path: Path) -> None:
    nodes, constants = DENSE[case]
    model = save_model(
        tmp_path / "m.onnx", nodes, input_shape=(1, 6), constants={"w": weights(6, 4), **constants}
    )
    x = samples(6, n=40)
    variant = quantize_int8(model, {"x": x}, tmp_path / "q.onnx")
    assert sum(variant.int8_operators.values()) == 1
    assert variant.float_operators == {}
    assert worst_relative_error(model, variant.path, x) < 0.05


def worst_relative_error(model: Path, variant: Path, x: Array) -> float:
    run_float, run_int8 = onnx_runner(model), onnx_runner(variant)
    pairs = [(run_float(one[np.newaxis]), run_int8(one[np.newaxis])) for one in x]
    largest = max(np.abs(exact).max() for exact, _ in pairs)
    return float(max(np.abs(exact - found).max() for exact, found in pairs) / largest)


@pytest.mark.parametrize("opset", [7, 11, 13, 17, 21])
def test_old_and_new_opsets_are_quantized(opset: int, tmp_path: Path) -> None:
    nodes: list[Node] = [CONV, ("Relu", ["c"], "y", {})]
    model = save_model(
        tmp_path / "m.onnx",
        nodes,
        input_shape=SHAPE,
        constants={"w": weights(4, 2, 3, 3)},
        opset=opset,
    )
    variant = quantize_int8(model, CALIBRATION, tmp_path / "q.onnx")
    (version,) = {entry.version for entry in onnx.load(variant.path).opset_import}
    assert variant.float_operators == {}
    assert version == max(opset, 13)


def test_an_operator_without_int8_stays_in_float_and_is_named(tmp_path: Path) -> None:
    nodes: list[Node] = [CONV, ("Elu", ["c"], "y", {})]
    model = save_model(
        tmp_path / "m.onnx", nodes, input_shape=SHAPE, constants={"w": weights(4, 2, 3, 3)}
    )
    variant = quantize_int8(model, CALIBRATION, tmp_path / "q.onnx")
    assert variant.int8_operators == {"Conv": 1}
    assert variant.float_operators == {"Elu": 1}


def test_input_and_output_stay_float_behind_quantize_and_dequantize(small: Path) -> None:
    graph = onnx.load(quantize_int8(small, CALIBRATION, small.with_name("q.onnx")).path).graph
    assert {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)} == {
        TensorProto.FLOAT
    }
    assert graph.node[0].op_type == "QuantizeLinear"
    assert graph.node[0].input[0] == graph.input[0].name
    assert graph.node[-1].op_type == "DequantizeLinear"
    assert graph.node[-1].output[0] == graph.output[0].name


def test_weights_are_symmetric_by_channel_and_activations_asymmetric(small: Path) -> None:
    for per_channel, n_scales in ((True, 4), (False, 1)):
        out = small.with_name("q.onnx")
        quantize_int8(small, CALIBRATION, out, per_channel=per_channel)
        graph = onnx.load(out).graph
        constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        (conv,) = [node for node in graph.node if node.op_type == "Conv"]
        (weight,) = [node for node in graph.node if node.output[0] == conv.input[1]]
        values, scale, zero_point = (constants[name] for name in weight.input)
        assert values.dtype == np.int8
        assert scale.size == n_scales
        assert not zero_point.any()
        (output,) = [node for node in graph.node if node.input[0] == conv.output[0]]
        assert constants[output.input[2]] == -128, "what follows a ReLU uses all 256 steps"


def test_the_same_input_gives_the_same_bytes_in_any_process(small: Path) -> None:
    here = quantize_int8(small, CALIBRATION, small.with_name("here.onnx"))
    data = small.with_name("calibration.npz")
    np.savez(data, **CALIBRATION)  # type: ignore[arg-type]  # numpy's stub takes the rest for flags
    script = (
        "import sys; import numpy as np; from pathlib import Path\n"
        "from fitgraph.compiler_bridge.recipes.quantize import quantize_int8\n"
        "model, data, out = map(Path, sys.argv[1:])\n"
        "print(quantize_int8(model, dict(np.load(data)), out).sha256)\n"
    )
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", script, small, data, small.with_name(f"{seed}.onnx")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here.sha256


def test_the_recipe_says_what_was_done_and_changes_with_the_data(small: Path) -> None:
    out = small.with_name("q.onnx")
    first = quantize_int8(small, CALIBRATION, out).recipe
    again = quantize_int8(small, CALIBRATION, out).recipe
    other = quantize_int8(
        small, {"x": CALIBRATION["x"][:5]}, out, method=RangeMethod.PERCENTILE
    ).recipe
    assert first == again
    assert first.name == "int8-post-training"
    assert first.tool.startswith("onnxruntime ")
    assert first.n_calibration_samples == 12
    assert first.source_sha256 == other.source_sha256
    assert first.calibration_sha256 != other.calibration_sha256
    assert (first.parameters["range_method"], other.parameters["range_method"]) == (
        "min-max",
        "percentile",
    )
    json.dumps(dict(first.parameters))
    assert first.text.startswith("int8-post-training, format=QDQ, per_channel=True, range_method=")


@pytest.mark.parametrize("method", [RangeMethod.ENTROPY, RangeMethod.PERCENTILE])
def test_other_range_methods_let_outliers_saturate_and_print_nothing(
    method: RangeMethod, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x = samples(*SHAPE[1:], n=40)
    x[0, 0, 0, 0] = 100.0
    widths = {}
    for name in (RangeMethod.MIN_MAX, method):
        out = small.with_name(f"{name}.onnx")
        quantize_int8(small, {"x": x}, out, method=name)
        constants = {
            one.name: numpy_helper.to_array(one) for one in onnx.load(out).graph.initializer
        }
        widths[name] = float(constants["x_scale"])
    assert widths[method] < widths[RangeMethod.MIN_MAX] / 2
    assert capsys.readouterr().out == ""


def test_samples_may_leave_out_or_carry_the_batch_dimension(small: Path) -> None:
    out = small.with_name("q.onnx")
    without = quantize_int8(small, CALIBRATION, out)
    with_batch = quantize_int8(small, {"x": CALIBRATION["x"][:, np.newaxis]}, out)
    assert without.sha256 == with_batch.sha256
    assert without.recipe == with_batch.recipe


def test_a_symbolic_batch_takes_samples_one_by_one(tmp_path: Path) -> None:
    nodes: list[Node] = [CONV, ("Relu", ["c"], "y", {})]
    model = save_model(
        tmp_path / "m.onnx",
        nodes,
        input_shape=("N", *SHAPE[1:]),
        constants={"w": weights(4, 2, 3, 3)},
    )
    assert quantize_int8(model, CALIBRATION, tmp_path / "q.onnx").float_operators == {}


def test_progress_runs_through_every_sample(small: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    out = small.with_name("q.onnx")
    quantize_int8(small, CALIBRATION, out, progress=lambda *step: seen.append(step))
    assert [stage for stage, _, _ in seen] == sorted((stage for stage, _, _ in seen), reverse=True)
    assert seen[-1] == ("calibrate", 12, 12)


def test_real_float_networks_are_quantized_throughout(shared_data: Path, tmp_path: Path) -> None:
    expected: Mapping[str, set[str]] = {
        "STMicroelectronics+stm32ai-modelzoo-services__235f9325_yamnet_256_64x96_tl.onnx": set(),
        "espressif+esp-dl__4d8239dd_model.onnx": set(),
        "kraiskil+onnx2c__2f06e72d_model.onnx": set(),
        "emmtrix+emx-onnx-cgen__ae0fa044_mixed_ops_dynamic_batch.onnx": {"PRelu"},
    }
    for name, in_float in expected.items():
        model = shared_data / "models" / name
        calibration = noise_for(model)
        variant = quantize_int8(model, calibration, tmp_path / name)
        assert set(variant.float_operators) == in_float, name
        onnx.checker.check_model(onnx.load(variant.path), full_check=True)


def noise_for(model: Path) -> dict[str, Array]:
    graph = onnx.load(model).graph
    constants = {tensor.name for tensor in graph.initializer}
    shapes: dict[str, Any] = {
        value.name: [max(dim.dim_value, 1) for dim in value.type.tensor_type.shape.dim]
        for value in graph.input
        if value.name not in constants
    }
    return {name: samples(*shape, n=3) for name, shape in shapes.items()}
