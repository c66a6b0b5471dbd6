"""Types and shapes of an ONNX graph's values, as far as they can be inferred."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import onnx
from onnx import ModelProto, NodeProto, TypeProto, helper

from fitgraph.registry import onnx_classical
from fitgraph.registry.onnx_order import is_constant_node
from fitgraph.registry.onnx_small_values import with_small_values

# Larger initializers are weights, whose values no shape depends on.
_MAX_SHAPE_ELEMENTS = 1024


def inferred_types(model: ModelProto) -> Mapping[str, TypeProto]:
    """Type of every value that the file or inference knows, by name.

    Inference is a convenience: whatever it cannot do (unknown operators, contradictions) leaves
    values without a type and is no error.
    """
    types = _declared(model.graph)
    try:
        inferred = with_small_values(_without_weights(model))
    except Exception:  # noqa: BLE001  # native code, raises whatever it likes on odd graphs
        return types
    computed = {
        tensor.name: helper.make_tensor_type_proto(tensor.data_type, tensor.dims)
        for tensor in inferred.graph.initializer
    }
    return types | computed | _declared(inferred.graph)


def _declared(graph: onnx.GraphProto) -> dict[str, TypeProto]:
    values = (*graph.value_info, *graph.output, *graph.input)
    return {value.name: value.type for value in values}


def _without_weights(model: ModelProto) -> ModelProto:
    """A copy whose weights are inputs, so that inference need not copy their bytes.

    ONNX Runtime's quantized operators are spelled out with standard ones, which inference knows.
    """
    graph = model.graph
    given = {value.name for value in graph.input}
    # A map of labels to numbers is taken for a tensor of the numbers.
    mapped = {name for n in graph.node if n.op_type == onnx_classical.ZIP_MAP for name in n.output}
    large = [t for t in graph.initializer if _n_elements(t.dims) > _MAX_SHAPE_ELEMENTS]
    inputs = [
        helper.make_tensor_value_info(t.name, t.data_type, t.dims)
        for t in large
        if t.name not in given
    ]
    copy = ModelProto(ir_version=model.ir_version, functions=model.functions)
    copy.opset_import.extend(model.opset_import)
    if not any(entry.domain in _DEFAULT_DOMAIN for entry in model.opset_import):
        copy.opset_import.append(helper.make_opsetid("", _OPSET))  # of the standard ones put in
    copy.graph.name = graph.name
    # Constants stand first, for inference takes the nodes in the order of the file.
    nodes = sorted(graph.node, key=lambda node: not is_constant_node(node))
    rows = _rows(graph)
    copy.graph.node.extend(part for node in nodes for part in _standard_form(node, rows))
    copy.graph.input.extend([*graph.input, *inputs])
    # An output that is an input, too, would be taken for what it is said to be as an output.
    copy.graph.output.extend(v for v in graph.output if v.name not in given | mapped)
    copy.graph.value_info.extend(graph.value_info)
    copy.graph.initializer.extend(
        t for t in graph.initializer if _n_elements(t.dims) <= _MAX_SHAPE_ELEMENTS
    )
    return copy


def _rows(graph: onnx.GraphProto) -> set[str]:
    """Constants with one axis."""
    rows = {t.name for t in graph.initializer if len(t.dims) == 1}
    for node in filter(is_constant_node, graph.node):
        for attribute in node.attribute:
            if len(attribute.t.dims) == 1 or attribute.name in _LISTS:
                rows.update(node.output)
    return rows


# What has operators of ai.onnx.ml alone need not say which of the standard ones it means.
_OPSET = 13
_DEFAULT_DOMAIN = ("", "ai.onnx")
_LISTS = ("value_floats", "value_ints", "value_strings")


def _n_elements(dims: Iterable[int]) -> int:
    n_elements = 1
    for dim in dims:
        n_elements *= dim
    return n_elements


def _standard_form(node: NodeProto, rows: Collection[str]) -> Sequence[NodeProto]:
    """Dequantize, compute in float, quantize: what a ``com.microsoft`` QLinear operator means.

    Source: ONNX Runtime, ContribOperators.md.
    """
    if node.op_type in _LIKE_THEIR_INPUT and node.domain in _DOMAINS and len(node.output) == 1:
        return (helper.make_node("Identity", node.input[:1], node.output),)
    if node.domain == onnx_classical.DOMAIN:
        return onnx_classical.standard_form(node, rows)
    return _microsoft_form(node) if node.domain == "com.microsoft" else (node,)


def _microsoft_form(node: NodeProto) -> Sequence[NodeProto]:
    if node.op_type == "DynamicQuantizeLSTM":
        return (_as_lstm(node),)
    if len(node.output) != 1:
        return (node,)
    if node.op_type in _SAME_IN_ONNX:
        return (_in_onnx(node),)
    if node.op_type in _PRODUCTS:
        return _product(node, list(node.input))
    if node.op_type == "CDist":
        return _distances(node)
    layout = _LAYOUTS.get(node.op_type)
    operands = layout(list(node.input)) if layout else None
    return (node,) if operands is None else _spelled_out(node, *operands)


_Triple = list[str]
_Operands = tuple[list[_Triple], _Triple]

# Inference knows them in some operator sets only.
_LIKE_THEIR_INPUT = frozenset({"GroupNormalization", "LayerNormalization"})
_DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
# Inputs that hold the scales of both operands, 0 for one that is real.
_PRODUCTS: Mapping[str, Sequence[int]] = {
    "DynamicQuantizeMatMul": (0, 2),
    "MatMulIntegerToFloat": (2, 3),
}
_SAME_IN_ONNX = frozenset({"QuantizeLinear", "DequantizeLinear", "Gelu"})


def _in_onnx(node: NodeProto) -> NodeProto:
    copy = NodeProto()
    copy.CopyFrom(node)
    copy.domain = ""
    return copy


def _as_lstm(node: NodeProto) -> NodeProto:
    """Its shapes come of the data and the attributes alone."""
    copy = _in_onnx(node)
    copy.op_type = "LSTM"
    del copy.input[1:]
    copy.input.extend([node.input[0]] * 2)
    return copy


def _distances(node: NodeProto) -> Sequence[NodeProto]:
    """A row for each row of the first matrix, a column for each of the second."""
    turned = f"{node.output[0]}/turned"
    return (
        helper.make_node("Transpose", node.input[1:2], [turned]),
        helper.make_node("MatMul", [node.input[0], turned], node.output),
    )


def _product(node: NodeProto, names: list[str]) -> Sequence[NodeProto]:
    """A matrix product, with weights and maybe data of 8 bits."""
    scales = _PRODUCTS[node.op_type]
    reals = [f"{node.output[0]}/real{i}" if scale else names[i] for i, scale in enumerate(scales)]
    if len(names) <= max(scales):
        return (node,)
    dequantized = [
        helper.make_node("DequantizeLinear", [names[i], names[scale]], [reals[i]])
        for i, scale in enumerate(scales)
        if scale
    ]
    return (*dequantized, helper.make_node("MatMul", reals, node.output))


def _unary(names: list[str]) -> _Operands | None:
    return ([names[:3]], names[3:5]) if len(names) >= 4 else None


def _binary(names: list[str]) -> _Operands | None:
    return ([names[:3], names[3:6]], names[6:8]) if len(names) >= 7 else None


def _many(names: list[str]) -> _Operands | None:
    rest = names[2:]
    triples = [rest[i : i + 3] for i in range(0, len(rest), 3)]
    return (triples, names[:2]) if triples else None


def _gemm(names: list[str]) -> _Operands | None:
    """The bias, which no shape depends on, stands before the output's scale."""
    return ([names[:3], names[3:6]], names[7:9]) if len(names) >= 6 else None


_LAYOUTS: Mapping[str, Callable[[list[str]], _Operands | None]] = {
    "QGemm": _gemm,
    "QLinearAdd": _binary,
    "QLinearMul": _binary,
    "QLinearAveragePool": _unary,
    "QLinearGlobalAveragePool": _unary,
    "QLinearLeakyRelu": _unary,
    "QLinearReduceMean": _unary,
    "QLinearSigmoid": _unary,
    "QLinearSoftmax": _unary,
    "QLinearConcat": _many,
}


def _spelled_out(node: NodeProto, operands: list[_Triple], result: _Triple) -> list[NodeProto]:
    output = node.output[0]
    reals = [f"{output}/real{i}" for i in range(len(operands))]
    nodes = [
        helper.make_node("DequantizeLinear", triple, [real])
        for triple, real in zip(operands, reals, strict=True)
    ]
    op_type = node.op_type.removeprefix("QLinear").removeprefix("Q")
    is_real = not any(result)  # without a scale
    real = output if is_real else f"{output}/real"
    compute = helper.make_node(op_type, reals, [real])
    compute.attribute.extend(a for a in node.attribute if a.name not in ("channels_last", "opset"))
    if is_real:
        return [*nodes, compute]
    quantize = helper.make_node("QuantizeLinear", [real, *result], [output])
    return [*nodes, compute, quantize]
