"""ONNX files are read as the ONNX IR says."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.onnx_reader import read_onnx
from fitgraph.registry.onnx_values import OpaqueAttribute
from tests.support.model_files import known_models


def _file(
    nodes: Sequence[NodeProto],
    *,
    inputs: Sequence[Any] = (("x", TensorProto.FLOAT, [1, 4]),),
    outputs: Sequence[str] = ("y",),
    initializers: Sequence[TensorProto] = (),
    opsets: Sequence[tuple[str, int]] = (("", 17),),
    ir_version: int = 8,
) -> bytes:
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        list(initializers),
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    model = helper.make_model(graph, opset_imports=imports, ir_version=ir_version)
    return bytes(model.SerializeToString())


def _read(*args: Any, folder: Path | None = None, **kwargs: Any) -> ModelGraph:
    return read_onnx(_file(*args, **kwargs), "model", folder)


def _relu(source: str = "x", target: str = "y") -> NodeProto:
    return helper.make_node("Relu", [source], [target])


def test_every_real_file_has_the_operators_that_the_manifest_counts(shared_data: Path) -> None:
    refused = []
    for known in known_models(shared_data):
        if known.format != "onnx":
            continue
        started = time.process_time()
        try:
            graph = read_onnx(known.path.read_bytes(), known.path.name, known.path.parent)
        except InvalidModelError as error:
            refused.append(error.message.partition(": ")[2])
            continue
        assert time.process_time() - started < 1.0, known.path.name
        del known.ops["Constant"]
        assert Counter(op.op_type for op in graph.operators) == known.ops, known.path.name
    assert sorted(refused) == [
        f"it uses ONNX opset 1; opsets 7 to {onnx.defs.onnx_opset_version()} are read",
        (
            "node 0 (Identity 'idnt') reads 'add_out' before it is computed: "
            "the nodes are not in execution order"
        ),
    ]


def test_quantized_contrib_operators_have_inferred_shapes(shared_data: Path) -> None:
    """onnx knows no shapes of com.microsoft operators; lowering needs them."""
    paths = list((shared_data / "models").glob("*micro_kws_m*qoperator*.onnx"))
    assert paths
    for path in paths:
        graph = read_onnx(path.read_bytes(), path.name, None)
        for op in graph.operators:
            for tensor in map(graph.tensor, op.outputs):
                assert all(isinstance(dim, int) for dim in tensor.shape), (path.name, tensor)
                assert tensor.dtype is not DType.OTHER


def test_initializers_are_constants_and_not_inputs() -> None:
    weights = numpy_helper.from_array(np.eye(4, dtype=np.float32), "w")
    graph = _read(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        inputs=[("x", TensorProto.FLOAT, [1, 4]), ("w", TensorProto.FLOAT, [4, 4])],
        initializers=[weights],
    )
    assert [graph.tensor(i).name for i in graph.inputs] == ["x"]
    constant = graph.tensor(graph.operators[0].inputs[1] or 0)
    assert constant.data is not None
    np.testing.assert_array_equal(constant.data, np.eye(4))
    assert not constant.data.flags.writeable
    assert graph.tensor(graph.outputs[0]).shape == (1, 4)


@pytest.mark.parametrize(
    ("attribute", "dtype", "value"),
    [
        ({"value_float": 0.5}, DType.FLOAT32, 0.5),
        ({"value_ints": [1, 2]}, DType.INT64, [1, 2]),
        ({"value_string": "a"}, DType.STRING, "a"),
        ({"value": numpy_helper.from_array(np.array([3], np.uint8))}, DType.UINT8, [3]),
        (
            {"value": helper.make_tensor("", TensorProto.INT4, [3], [1, -2, 7])},
            DType.INT4,
            [1, -2, 7],
        ),
    ],
)
def test_constant_nodes_become_constants_wherever_they_stand(
    attribute: Any, dtype: DType, value: Any
) -> None:
    nodes = [
        helper.make_node("Custom", ["x", "c"], ["y"], domain="mine"),
        helper.make_node("Constant", [], ["c"], **attribute),
    ]
    graph = _read(nodes, opsets=[("", 21), ("mine", 3)])
    (op,) = graph.operators
    constant = graph.tensor(op.inputs[1] or 0)
    assert constant.dtype is dtype
    assert constant.data is not None
    assert constant.data.tolist() == value


def test_symbolic_dimensions_keep_their_names() -> None:
    inputs = [("x", TensorProto.FLOAT, ["batch", 4, None])]
    graph = _read([_relu()], inputs=inputs)
    assert graph.tensor(graph.inputs[0]).shape == ("batch", 4, "?")
    assert graph.tensor(graph.outputs[0]).shape[:2] == ("batch", 4)


def test_unknown_operators_and_domains_are_kept() -> None:
    nodes = [
        helper.make_node("Frobnicate", ["x"], ["h"], domain="org.example", strength=3),
        helper.make_node("NotInOnnx", ["h", ""], ["y"]),
    ]
    graph = _read(nodes, opsets=[("", 17), ("org.example", 2)])
    first, second = graph.operators
    assert (first.qualified_name, first.version) == ("org.example:Frobnicate", 2)
    assert first.attributes == {"strength": 3}
    assert (second.qualified_name, second.version) == ("onnx:NotInOnnx", 17)
    assert second.inputs[1] is None
    assert graph.tensor(graph.outputs[0]).shape == ("...",)
    assert graph.tensor(graph.outputs[0]).dtype is DType.OTHER
    assert graph.opset_imports == {"ai.onnx": 17, "org.example": 2}


def test_attributes_are_plain_python() -> None:
    body = helper.make_graph([_relu("x", "z")], "body", [], [onnx.ValueInfoProto(name="z")])
    node = helper.make_node(
        "Any", ["x"], ["y"], domain="mine", i=1, f=0.5, s="text", ints=[1, 2], floats=[0.5],
        strings=["a", "b"], t=numpy_helper.from_array(np.array([1], np.int8)), g=body,
    )  # fmt: skip
    attributes = dict(_read([node], opsets=[("mine", 1)]).operators[0].attributes)
    assert attributes.pop("t").tolist() == [1]
    assert attributes == {
        "i": 1,
        "f": 0.5,
        "s": "text",
        "ints": (1, 2),
        "floats": (0.5,),
        "strings": ("a", "b"),
        "g": OpaqueAttribute("graph", ("Relu",)),
    }


def test_an_output_left_out_in_the_middle_keeps_the_positions() -> None:
    weights = [
        numpy_helper.from_array(np.zeros((1, 12, 3), np.float32), "w"),
        numpy_helper.from_array(np.zeros((1, 12, 3), np.float32), "r"),
    ]
    lstm = helper.make_node("LSTM", ["x", "w", "r"], ["", "y", ""], hidden_size=3)
    inputs = [("x", TensorProto.FLOAT, [5, 1, 3])]
    (op,) = (graph := _read([lstm], inputs=inputs, initializers=weights)).operators
    assert [graph.tensor(i).name for i in op.outputs] == ["", "y"]
    assert graph.tensor(op.outputs[0]).shape == (0,)
    assert graph.tensor(op.outputs[1]).shape == (1, 1, 3)


@pytest.mark.parametrize("version", [1, 6, onnx.defs.onnx_opset_version() + 1, 2**40])
def test_an_opset_that_is_not_read_is_refused_with_the_numbers(version: int) -> None:
    newest = onnx.defs.onnx_opset_version()
    with pytest.raises(InvalidModelError, match=f"opset {version}; opsets 7 to {newest}"):
        _read([_relu()], opsets=[("", version)])


@pytest.mark.parametrize("version", [7, onnx.defs.onnx_opset_version()])
def test_the_oldest_and_the_newest_opset_are_read(version: int) -> None:
    assert _read([_relu()], opsets=[("ai.onnx", version)]).operators[0].version == version


def test_a_newer_ir_version_is_refused_with_the_numbers() -> None:
    with pytest.raises(InvalidModelError, match=f"IR version is 99, .* {onnx.IR_VERSION}"):
        _read([_relu()], ir_version=99)


@pytest.mark.parametrize("version", [0, -5])
def test_a_file_without_an_ir_version_is_refused(version: int) -> None:
    """No runtime loads it."""
    with pytest.raises(InvalidModelError, match="does not say which version of the ONNX IR"):
        _read([_relu()], ir_version=version)


def test_an_output_that_is_an_input_hides_no_shape() -> None:
    """Such an output may be written without the shape that it has as an input."""
    proto = onnx.load_model_from_string(_file([_relu()], outputs=("x", "y")))
    for output in proto.graph.output:
        output.type.tensor_type.elem_type = TensorProto.FLOAT
    graph = read_onnx(proto.SerializeToString(), "model", None)
    assert [graph.tensor(index).shape for index in graph.outputs] == [(1, 4), (1, 4)]


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([_relu("b", "a"), _relu("a", "b"), _relu("x", "y")], "has a cycle"),
        ([_relu("y", "y")], "has a cycle"),
        ([_relu("h", "y"), _relu("x", "h")], "not in execution order"),
        ([_relu("nowhere", "y")], "'nowhere', which nothing computes"),
        ([_relu("x", "y"), _relu("x", "y")], "computes 'y' again"),
        ([_relu("x", "h")], "nothing computes the graph's output 'y'"),
    ],
)
def test_values_must_be_computed_once_and_before_their_use(
    nodes: list[NodeProto], reason: str
) -> None:
    with pytest.raises(InvalidModelError, match=reason) as caught:
        _read(nodes)
    assert caught.value.message.startswith("model: ")
    assert caught.value.hint


def test_a_name_that_is_not_text_is_refused() -> None:
    data = _file([_relu()]).replace(b"Relu", b"R\xfflu")
    with pytest.raises(InvalidModelError, match=r"its name b'R\\xfflu' is not UTF-8"):
        read_onnx(data, "model", None)


def _outside(location: str, **entries: int) -> TensorProto:
    tensor = TensorProto(
        name="w", data_type=TensorProto.INT8, dims=[4], data_location=TensorProto.EXTERNAL
    )
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _with_external(tensor: TensorProto, folder: Path | None) -> ModelGraph:
    node = helper.make_node("Add", ["x", "w"], ["y"])
    inputs = [("x", TensorProto.INT8, [4])]
    return _read([node], inputs=inputs, initializers=[tensor], folder=folder)


def test_external_data_beside_the_model_is_read(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes([9, 1, 2, 3, 4, 9]))
    graph = _with_external(_outside("weights.bin", offset=1, length=4), tmp_path)
    constant = graph.tensor(graph.operators[0].inputs[1] or 0)
    assert constant.data is not None
    assert constant.data.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "location", ["../secret", "/etc/hostname", "sub/../../secret", "link", "folder/secret", "C:\\x"]
)
def test_external_data_outside_the_folder_is_refused(tmp_path: Path, location: str) -> None:
    (tmp_path / "secret").write_bytes(b"1234")
    model_folder = tmp_path / "model"
    (model_folder / "sub").mkdir(parents=True)
    (model_folder / "link").symlink_to(tmp_path / "secret")
    (model_folder / "folder").symlink_to(tmp_path)
    with pytest.raises(InvalidModelError, match="outside the model's folder"):
        _with_external(_outside(location), model_folder)


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (_outside("absent"), "not a file"),
        (_outside("."), "not a file"),
        (_outside("pipe"), "not a file"),
        (_outside("a\0b"), "not a usable path"),
        (_outside("w" * 5000), "not a"),
        (_outside("weights.bin", offset=4, length=4), "which has 2 there"),
        (_outside("weights.bin", offset=7), "needs"),
        (_outside("weights.bin", offset=0, length=2**40), "needs 1099511627776 bytes"),
        (_outside("weights.bin", offset=-1), "'-1', which is not a number"),
        (_outside("weights.bin"), "cannot be read"),
    ],
)
def test_external_data_that_does_not_fit_is_refused(
    tmp_path: Path, tensor: TensorProto, reason: str
) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(6))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidModelError, match=reason):
        _with_external(tensor, tmp_path)


def test_external_data_without_a_folder_is_refused() -> None:
    with pytest.raises(InvalidModelError, match=r"kept in another file, 'w\.bin'"):
        _with_external(_outside("w.bin"), None)


@pytest.mark.parametrize(
    "tensor",
    [
        TensorProto(name="w", data_type=TensorProto.INT8, dims=[4], raw_data=b"123"),
        TensorProto(name="w", data_type=TensorProto.INT8, dims=[-4], raw_data=b"1234"),
        TensorProto(name="w", data_type=TensorProto.INT8, dims=[2**62, 4]),
        TensorProto(name="w", data_type=99, dims=[4], raw_data=b"1234"),
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1] * 40, float_data=[1]),
    ],
)
def test_an_initializer_that_contradicts_itself_is_refused(tensor: TensorProto) -> None:
    with pytest.raises(InvalidModelError, match="'w'"):
        _with_external(tensor, None)
