"""TFLite files are read as their schema says."""

from __future__ import annotations

import importlib
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tflite import Model as PackageModel

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import DType, ModelGraph, Quantization
from fitgraph.registry.tflite_reader import read_tflite
from fitgraph.registry.tflite_schema import OPTIONS_FIELDS, OPTIONS_NAMES
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


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _accessors(kind: str) -> set[str]:
    """Fields that the tflite package can read from an options table."""
    options = getattr(importlib.import_module(f"tflite.{kind}"), kind)
    helpers = ("AsNumpy", "Length", "IsNone", "BufferHasIdentifier")
    return {
        name
        for name in vars(options)
        if name[0].isupper() and not name.startswith("GetRoot") and not name.endswith(helpers)
    } - {"Init"}


@pytest.mark.parametrize("kind", sorted({*OPTIONS_NAMES.values()} - {"NONE"}))
def test_options_have_the_fields_that_the_tflite_package_knows(kind: str) -> None:
    fields = [text.partition(":")[0] for text in OPTIONS_FIELDS.get(kind, "").split()]
    assert {_camel(name) for name in fields if name != "_"} == _accessors(kind)


def test_every_real_file_has_the_operators_that_the_manifest_counts(shared_data: Path) -> None:
    for known in known_models(shared_data):
        if known.format != "tflite" or known.error:
            continue
        started = time.process_time()
        graph = read_tflite(known.path.read_bytes(), known.path.name)
        assert time.process_time() - started < 1.0, known.path.name
        parts = (graph, *graph.subgraphs)
        assert Counter(op.op_type for part in parts for op in part.operators) == known.ops


def test_options_of_real_files_are_what_the_tflite_package_reads(shared_data: Path) -> None:
    compared = 0
    for known in known_models(shared_data):
        if known.format != "tflite" or known.error:
            continue
        data = known.path.read_bytes()
        graph = read_tflite(data, known.path.name)
        compared += _compare_options(graph, PackageModel.GetRootAs(data, 0).Subgraphs(0))
    assert compared > 2000


def _compare_options(graph: ModelGraph, package_subgraph: Any) -> int:
    compared = 0
    for index, op in enumerate(graph.operators):
        package_operator = package_subgraph.Operators(index)
        kind = OPTIONS_NAMES[package_operator.BuiltinOptionsType()]
        if kind == "NONE" or package_operator.BuiltinOptions() is None:
            continue
        options = getattr(importlib.import_module(f"tflite.{kind}"), kind)()
        options.Init(package_operator.BuiltinOptions().Bytes, package_operator.BuiltinOptions().Pos)
        for name, value in op.attributes.items():
            if isinstance(value, int | float):
                assert getattr(options, _camel(name))() == value, (graph.name, index, name)
                compared += 1
    return compared


def test_a_depthwise_convolution_has_its_attributes_by_schema_name(shared_data: Path) -> None:
    path = shared_data / "reference_kg" / "models" / "Micro_Speech_Yes_No_1.tflite"
    graph = read_tflite(path.read_bytes(), "yes-no")
    (op,) = [op for op in graph.operators if op.op_type == "DEPTHWISE_CONV_2D"]
    assert dict(op.attributes) == {
        "padding": "SAME",
        "stride_w": 2,
        "stride_h": 2,
        "depth_multiplier": 8,
        "fused_activation_function": "RELU",
        "dilation_w_factor": 1,
        "dilation_h_factor": 1,
    }
    assert op.qualified_name == "tflite:DEPTHWISE_CONV_2D"
    weights = graph.tensor(op.inputs[1] or 0)
    assert weights.shape == (1, 10, 8, 8)
    assert weights.quantization is not None
    assert weights.quantization.axis == 3
    assert len(weights.quantization.scales) == 8


def test_subgraphs_and_variables_of_a_streaming_model_are_read(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*okay_nabu.tflite")
    graph = read_tflite(path.read_bytes(), "nabu")
    (init,) = graph.subgraphs
    once = graph.operators[0]
    assert (once.op_type, once.attributes) == ("CALL_ONCE", {"init_subgraph_index": 1})
    handles = [op for op in graph.operators if op.op_type == "VAR_HANDLE"]
    assert all(op.attributes["shared_name"] for op in handles)
    assert {graph.tensor(op.outputs[0]).dtype for op in handles} == {DType.RESOURCE}
    assert {op.op_type for op in init.operators} == {"VAR_HANDLE", "ASSIGN_VARIABLE"}


def test_old_and_new_operator_codes_are_told_apart() -> None:
    x, y = tensor("x", [1]), tensor("y", [1])
    codes = [
        {0: np.int8(25), 2: np.int32(2)},
        {0: np.int8(127), 2: np.int32(1), 3: np.int32(129)},
        {0: np.int8(32), 1: "my op"},
        {0: np.int8(127), 3: np.int32(9999)},
    ]
    tensors = [x, *[y] * 4]
    operators = [operator([0], [1 + code], code) for code in range(4)]
    graph = read_tflite(flatbuffer(model([subgraph(tensors, operators, [0], [4])], codes)), "codes")
    assert [(op.op_type, op.version) for op in graph.operators] == [
        ("SOFTMAX", 2),
        ("CALL_ONCE", 1),
        ("CUSTOM:my op", 1),
        ("BUILTIN_9999", 1),
    ]


def test_constants_are_read_only_and_shaped() -> None:
    values = np.arange(6, dtype=np.int16)
    data = one_operator(shape=[2, 3], dtype="INT16", content=values.tobytes())
    constant = read_tflite(data, "constant").tensor(2).data
    assert constant is not None
    np.testing.assert_array_equal(constant, values.reshape(2, 3))
    with pytest.raises(ValueError, match="read-only"):
        constant[0, 0] = 1


def test_int4_constants_are_unpacked_low_nibble_first() -> None:
    data = one_operator(shape=[3], dtype="INT4", content=bytes([0x8F, 0x07]))
    constant = read_tflite(data, "int4").tensor(2)
    assert constant.dtype is DType.INT4
    assert constant.data is not None
    assert constant.data.tolist() == [-1, -8, 7]


def test_a_constant_of_the_wrong_size_is_refused_with_both_sizes() -> None:
    data = one_operator(shape=[2, 3], dtype="INT32", content=bytes(20))
    with pytest.raises(InvalidModelError, match=r"needs 24 bytes, its buffer has 20"):
        read_tflite(data, "wrong")


def test_per_channel_quantization_keeps_its_axis_and_exact_scales() -> None:
    scales = np.array([0.1, 0.2], np.float32)
    quantization = {2: scales, 3: np.array([0, 5], np.int64), 6: np.int32(1)}
    data = one_operator(shape=[3, 2], content=bytes(6), quantization=quantization)
    read = read_tflite(data, "channels").tensor(2).quantization
    assert read == Quantization(tuple(scales.tolist()), (0, 5), axis=1)


def test_quantization_without_scales_is_none() -> None:
    data = one_operator(shape=[6], content=bytes(6), quantization={6: np.int32(0)})
    assert read_tflite(data, "none").tensor(2).quantization is None


@pytest.mark.parametrize(
    "quantization",
    [
        {2: np.array([1, 2, 3], np.float32), 6: np.int32(1)},
        {2: np.array([1, 2], np.float32), 6: np.int32(7)},
        {2: np.array([1, 2], np.float32), 6: np.int32(-1)},
        {2: np.array([1, 2], np.float32), 3: np.array([0, 0, 0], np.int64), 6: np.int32(1)},
        {2: np.array([np.nan], np.float32)},
    ],
)
def test_quantization_that_does_not_fit_its_tensor_is_refused(quantization: Any) -> None:
    data = one_operator(shape=[3, 2], content=bytes(6), quantization=quantization)
    with pytest.raises(InvalidModelError):
        read_tflite(data, "misfit")


def test_a_left_out_input_is_none_and_a_variable_is_marked() -> None:
    tensors = [tensor("x", [1]), tensor("state", [4], is_variable=True), tensor("y", [1])]
    part = subgraph(tensors, [operator([0, -1, 1], [2])], [0], [2])
    graph = read_tflite(flatbuffer(model([part], [operator_code("SVDF")])), "svdf")
    assert graph.operators[0].inputs == (0, None, 1)
    assert [t.is_variable for t in graph.tensors] == [False, True, False]


def test_unknown_options_give_no_attributes() -> None:
    data = one_operator(op={3: np.uint8(250), 4: {0: np.int32(3)}})
    assert read_tflite(data, "unknown").operators[0].attributes == {}


def test_custom_options_and_intermediates_are_kept() -> None:
    data = one_operator(op={5: b"\x01\x02", 8: np.array([1], np.int32)})
    attributes = read_tflite(data, "custom").operators[0].attributes
    assert attributes == {"custom_options": b"\x01\x02", "intermediates": (1,)}


@pytest.mark.parametrize(
    ("op", "reason"),
    [
        ({0: np.uint32(3)}, "operator code 3 of 1"),
        ({1: np.array([9], np.int32)}, "an input of operator 0"),
        ({1: np.array([-2], np.int32)}, "an input of operator 0"),
        ({2: np.array([-1], np.int32)}, "an output of operator 0"),
        ({8: np.array([5], np.int32)}, "an intermediate of operator 0"),
        ({3: np.uint8(103), 4: {0: np.int32(1)}}, "init_subgraph_index"),
        ({3: np.uint8(1), 4: {0: np.int8(9)}}, "padding is 9"),
    ],
)
def test_an_index_or_name_out_of_range_is_refused(op: Any, reason: str) -> None:
    with pytest.raises(InvalidModelError, match=reason) as caught:
        read_tflite(one_operator(op=op), "range")
    assert caught.value.message.startswith("range: ")
    assert caught.value.hint


def test_a_buffer_after_the_flatbuffer_is_read_and_bounds_checked() -> None:
    def file(offset: int, size: int) -> bytes:
        tensors = [tensor("x", [1]), tensor("y", [1]), tensor("w", [4], buffer=1)]
        part = subgraph(tensors, [operator([0, 2], [1])], [0], [1])
        far = {1: np.uint64(offset), 2: np.uint64(size)}
        return flatbuffer(model([part], [operator_code("ADD")], [far]))

    end = len(file(2, 4))
    constant = read_tflite(file(end, 4) + b"\x01\x02\x03\xff", "far").tensor(2).data
    assert constant is not None
    assert constant.tolist() == [1, 2, 3, -1]
    for offset, size in ((end + 1, 4), (2**63, 4), (end, 2**63)):
        with pytest.raises(InvalidModelError, match="but the file has"):
            read_tflite(file(offset, size) + bytes(4), "far")


@pytest.mark.parametrize(
    "shape", [[-1, 4], [2**31 - 1, 2**31 - 1], [1] * 40, [0, 2**31 - 1, 2**31 - 1]]
)
def test_an_impossible_shape_is_refused(shape: list[int]) -> None:
    part = subgraph([tensor("x", shape), tensor("y", [1])], [operator([0], [1])], [0], [1])
    with pytest.raises(InvalidModelError, match="shape"):
        read_tflite(flatbuffer(model([part], [operator_code("RELU")])), "shape")


def test_another_schema_version_or_no_subgraph_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="version is 4"):
        read_tflite(flatbuffer(model([], [], version=4)), "new")
    with pytest.raises(InvalidModelError, match="no subgraph"):
        read_tflite(flatbuffer(model([], [])), "none")


@pytest.mark.parametrize(
    ("operators", "reason"),
    [
        ([operator([1], [2]), operator([0], [1])], "operator 0 .* reads tensor 1"),
        ([operator([0], [1]), operator([0], [1]), operator([1], [2])], "operator 1 .* already"),
        ([operator([0], [0]), operator([0], [2])], "operator 0 .* already"),
        ([operator([0], [1])], "nothing computes the output tensor 2"),
    ],
)
def test_values_must_be_computed_once_and_before_their_use(operators: Any, reason: str) -> None:
    tensors = [tensor("x", [1]), tensor("h", [1]), tensor("y", [1])]
    file = flatbuffer(model([subgraph(tensors, operators, [0], [2])], [operator_code("RELU")]))
    with pytest.raises(InvalidModelError, match=reason):
        read_tflite(file, "order")
