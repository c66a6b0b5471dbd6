"""Facts equal what was measured on the reference models, and say so when they are not known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.facts import ModelFacts, model_facts
from fitgraph.registry.model_graph import DType
from fitgraph.registry.onnx_reader import read_onnx
from fitgraph.registry.read_model import read_model
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.model_files import known_models
from tests.support.onnx_classical_operators import DOMAIN, machines, regressors
from tests.support.tflite_writer import one_operator


def test_the_reference_models_have_the_measured_facts(shared_data: Path) -> None:
    folder = shared_data / "reference_kg"
    rows = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert len(rows) == 23
    for row in rows:
        graph = read_model(folder / "models" / f"{row['name']}.tflite")
        facts = model_facts(graph)
        assert graph.sha256 == row["sha256"]
        assert _as_measured(facts) == {key: row[key] for key in _as_measured(facts)}, row["name"]


def _as_measured(facts: ModelFacts) -> dict[str, Any]:
    return {
        "ops": facts.op_counts,
        "macs": facts.macs,
        "macs_by_op": facts.macs_by_op,
        "params": facts.params,
        "const_bytes": facts.const_bytes,
        "peak_activation_bytes": facts.peak_activation_bytes,
        "peak_op_index": facts.peak_op_index,
        "activation_dtypes": list(facts.activation_dtypes),
        "weights_dtypes": list(facts.weight_dtypes),
        "inputs": _specs(facts.inputs),
        "outputs": _specs(facts.outputs),
    }


def _specs(specs: Any) -> list[dict[str, Any]]:
    return [{"name": s.name, "shape": list(s.shape), "dtype": str(s.dtype)} for s in specs]


def test_every_real_file_that_reads_has_facts(shared_data: Path) -> None:
    for known in known_models(shared_data):
        try:
            graph = read_model(known.path)
        except InvalidModelError:
            continue
        facts = model_facts(graph)
        assert sum(use.count for use in facts.operators) == sum(facts.op_counts.values())
        assert 0 <= facts.const_bytes <= known.path.stat().st_size or known.format == "tflite"
        assert (facts.macs is None) == bool(facts.macs_unknown_for)


def _onnx_facts(nodes: list[Any], shapes: dict[str, Any], weights: dict[str, Any]) -> ModelFacts:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return model_facts(read_onnx(model.SerializeToString(), "model", None))


def _zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    ("op_type", "attributes", "x", "weights", "macs"),
    [
        ("Conv", {"group": 2, "pads": [1, 1, 1, 1]}, [1, 4, 5, 5], [_zeros(6, 2, 3, 3)], 2700),
        ("Conv", {}, [1, 4, 9], [_zeros(6, 4, 3)], 7 * 6 * 4 * 3),
        ("ConvTranspose", {"strides": [2, 2]}, [1, 4, 5, 5], [_zeros(4, 3, 2, 2)], 100 * 12),
        ("Gemm", {"transB": 1}, [2, 4], [_zeros(3, 4), _zeros(3)], 24),
        ("Gemm", {"transA": 1}, [4, 2], [_zeros(4, 3)], 24),
        ("MatMul", {}, [7, 2, 4], [_zeros(4, 3)], 7 * 24),
        ("LSTM", {"hidden_size": 3}, [5, 1, 4], [_zeros(1, 12, 4), _zeros(1, 12, 3)], 5 * 84),
        ("GRU", {"hidden_size": 3}, [5, 1, 4], [_zeros(1, 9, 4), _zeros(1, 9, 3)], 5 * 63),
        ("Relu", {}, [1, 4], [], 0),
    ],
)
def test_onnx_macs_follow_from_the_shapes(
    op_type: str, attributes: Any, x: list[int], weights: list[Any], macs: int
) -> None:
    named = {f"w{i}": array for i, array in enumerate(weights)}
    node = helper.make_node(op_type, ["x", *named], ["y"], **attributes)
    facts = _onnx_facts([node], {"x": x}, named)
    assert facts.macs == macs
    assert facts.macs_by_op == ({op_type: macs} if macs else {})
    assert facts.params == sum(array.size for array in weights)


def test_what_classical_models_have_learned_are_parameters() -> None:
    """Thresholds and weights of trees, and the numbers of a machine, which are attributes."""
    trees = regressors()["the SUM of trees"]
    conditions = sum(mode != "LEAF" for mode in trees["nodes_modes"])
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain=DOMAIN, **trees)
    assert _onnx_facts([node], {"x": [1, 5]}, {}).params == conditions + len(trees["target_ids"])
    machine = machines()["RBF of two"]
    node = helper.make_node("SVMClassifier", ["x"], ["label", "y"], domain=DOMAIN, **machine)
    facts = _onnx_facts([node], {"x": [1, 5]}, {})
    vectors, coefficients = (len(machine[name]) for name in ("support_vectors", "coefficients"))
    assert facts.params == vectors + coefficients + len(machine["rho"])
    assert facts.macs == vectors + coefficients


def test_symbolic_dimensions_hide_macs_and_peak_but_not_parameters() -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    facts = _onnx_facts([node], {"x": ["batch", 4]}, {"w": _zeros(4, 3)})
    assert facts.macs is None
    assert facts.macs_unknown_for == ("onnx:MatMul",)
    assert facts.peak_activation_bytes is None
    assert facts.peak_op_index is None
    assert (facts.params, facts.const_bytes) == (12, 48)
    assert facts.inputs[0].shape == ("batch", 4)


def test_scales_and_zero_points_are_no_parameters_and_folded_weights_no_activations() -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "scale", "zero"], ["real"]),
        helper.make_node("MatMul", ["x", "real"], ["y"]),
    ]
    weights = {"w": np.zeros((4, 3), np.int8), "scale": np.float32(1), "zero": np.int8(0)}
    facts = _onnx_facts(nodes, {"x": [1, 4]}, weights)
    assert facts.params == 12
    assert facts.weight_dtypes == (DType.INT8,)
    assert facts.peak_activation_bytes == 4 * 4 + 3 * 4
    assert facts.peak_op_index == 1


def test_macs_of_a_custom_operator_are_unknown_and_named() -> None:
    facts = model_facts(read_tflite(one_operator("CUSTOM"), "custom"))
    assert facts.macs is None
    assert facts.macs_unknown_for == ("tflite:CUSTOM:",)
    assert facts.peak_activation_bytes == 8


def test_a_control_flow_operator_hides_the_peak() -> None:
    branch = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["b"])], "b", [], [onnx.ValueInfoProto(name="b")]
    )
    node = helper.make_node("If", ["flag"], ["y"], then_branch=branch, else_branch=branch)
    facts = _onnx_facts([node], {"x": [1, 4], "flag": []}, {})
    assert (facts.macs, facts.peak_activation_bytes) == (None, None)


def test_operator_uses_tell_versions_and_types_apart(shared_data: Path) -> None:
    path = shared_data / "reference_kg" / "models" / "ARM_CNN_Small_keyword_spotting.tflite"
    uses = {use.name: use for use in model_facts(read_model(path)).operators}
    conv = uses["tflite:CONV_2D"]
    assert conv.count == 2
    assert conv.version >= 3
    assert conv.input_dtypes == (DType.INT8, DType.INT8, DType.INT32)
    assert uses["tflite:QUANTIZE"].input_dtypes == (DType.FLOAT32,)
    assert uses["tflite:QUANTIZE"].output_dtypes == (DType.INT8,)


def test_int4_weights_count_half_a_byte_each() -> None:
    quantization = {2: np.array([1], np.float32)}
    data = one_operator(shape=[5], dtype="INT4", content=bytes(3), quantization=quantization)
    facts = model_facts(read_tflite(data, "int4"))
    assert (facts.params, facts.const_bytes) == (5, 3)
