"""Multiply-accumulates of one inference, counted from shapes.

One MAC is one product added to a sum over channels, kernel positions or features. What an
operator does element by element (activations, biases, requantization, additions, poolings,
gates of a recurrent cell) does not count. Padding counts as if it were data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from fitgraph.registry.model_graph import ModelGraph, Operator

_KNOWN_DOMAINS = frozenset({"tflite", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
_CONTROL_FLOW = frozenset({"CALL", "IF", "WHILE", "STABLEHLO_WHILE", "If", "Loop", "Scan"})
# They multiply and accumulate, in ways that their shapes alone do not tell.
_UNCOUNTED = frozenset(
    {
        "Attention",
        "BIDIRECTIONAL_SEQUENCE_LSTM",
        "BIDIRECTIONAL_SEQUENCE_RNN",
        "DeformConv",
        "Einsum",
        "MultiHeadAttention",
        "QAttention",
        "STABLEHLO_CONVOLUTION",
        "STABLEHLO_DOT_GENERAL",
    }
)


class _UnknownCountError(Exception):
    """A shape that the count needs is not there."""


class _Shapes:
    """Static shapes of an operator's inputs and of its first output."""

    def __init__(self, graph: ModelGraph, operator: Operator) -> None:
        self._graph = graph
        self._operator = operator

    def has(self, position: int) -> bool:
        inputs = self._operator.inputs
        return position < len(inputs) and inputs[position] is not None

    def input(self, position: int) -> tuple[int, ...]:
        inputs = self._operator.inputs
        return self._static(inputs[position] if position < len(inputs) else None)

    @property
    def output(self) -> tuple[int, ...]:
        outputs = self._operator.outputs
        return self._static(outputs[0] if outputs else None)

    def flag(self, name: str) -> bool:
        return bool(self._operator.attributes.get(name, False))

    def length(self, name: str) -> int:
        return len(self._operator.attributes.get(name, ()))

    def _static(self, index: int | None) -> tuple[int, ...]:
        if index is None:
            raise _UnknownCountError
        try:
            return self._graph.tensor(index).static_shape
        except ValueError as error:
            raise _UnknownCountError from error


def has_control_flow(graph: ModelGraph) -> bool:
    """Whether a subgraph runs as often as the data says, so that nothing static counts it."""
    return any(operator.op_type in _CONTROL_FLOW for operator in graph.operators)


def operator_macs(graph: ModelGraph, operator: Operator) -> int | None:
    """MACs of one operator in one inference; 0 when it has none.

    None when they cannot be known: a dimension is symbolic, the operator is custom or of an
    unknown domain, runs a subgraph, or depends on more than its shapes.
    """
    op_type = operator.op_type
    if operator.domain not in _KNOWN_DOMAINS or op_type.startswith(("CUSTOM:", "BUILTIN_")):
        return None
    if op_type in _CONTROL_FLOW or op_type in _UNCOUNTED:
        return None
    count = (_TFLITE if operator.domain == "tflite" else _ONNX).get(op_type)
    if count is None:
        return 0
    try:
        return count(_Shapes(graph, operator))
    except (_UnknownCountError, IndexError):
        return None


def _convolution(filter_position: int) -> Callable[[_Shapes], int]:
    """Filter of shape (outputs, ...): each output element sums over all the rest."""
    return lambda s: math.prod(s.output) * math.prod(s.input(filter_position)[1:])


def _depthwise(s: _Shapes) -> int:
    _, height, width, _ = _of_rank(s.input(1), 4)
    return math.prod(s.output) * height * width


def _tflite_transpose_conv(s: _Shapes) -> int:
    """Inputs: output shape, filter (outputs, height, width, inputs), data."""
    filter_shape = _of_rank(s.input(1), 4)
    return math.prod(s.input(2)) * math.prod(filter_shape[:3])


def _onnx_transpose_conv(s: _Shapes) -> int:
    """Filter of shape (inputs, outputs / group, ...): each input element spreads over it."""
    return math.prod(s.input(0)) * math.prod(s.input(1)[1:])


def _conv_3d(s: _Shapes) -> int:
    """Filter of shape (depth, height, width, inputs, outputs)."""
    return math.prod(s.output) * math.prod(_of_rank(s.input(1), 5)[:4])


def _fully_connected(s: _Shapes) -> int:
    """Weights of shape (outputs, inputs)."""
    return math.prod(s.output) * _of_rank(s.input(1), 2)[1]


def _batch_matmul(s: _Shapes) -> int:
    return math.prod(s.output) * s.input(0)[-2 if s.flag("adj_x") else -1]


def _matmul(s: _Shapes) -> int:
    return math.prod(s.output) * s.input(0)[-1]


def _gemm(s: _Shapes) -> int:
    return math.prod(s.output) * _of_rank(s.input(0), 2)[0 if s.flag("transA") else 1]


def _svdf(s: _Shapes) -> int:
    """Inputs: data (batch, inputs), feature weights (filters, inputs), time weights."""
    batch, _ = _of_rank(s.input(0), 2)
    return batch * (math.prod(s.input(1)) + math.prod(s.input(2)))


def _tflite_lstm(s: _Shapes) -> int:
    """Inputs 1 to 8 are the gates' weights, 16 those of the projection; each may be left out."""
    weights = sum(math.prod(s.input(i)) for i in (*range(1, 9), 16) if s.has(i))
    return math.prod(s.input(0)[:-1]) * weights


def _tflite_rnn(s: _Shapes) -> int:
    return math.prod(s.input(0)[:-1]) * (math.prod(s.input(1)) + math.prod(s.input(2)))


def _onnx_recurrent(s: _Shapes) -> int:
    """Inputs: data (steps, batch, inputs), weights and recurrent weights of all directions."""
    steps, batch, _ = _of_rank(s.input(0), 3)
    return steps * batch * (math.prod(s.input(1)) + math.prod(s.input(2)))


def _learned(*names: str) -> Callable[[_Shapes], int]:
    """Each row of the data meets each number of lists that are attributes."""
    return lambda s: math.prod(s.input(0)[:-1]) * sum(map(s.length, names))


def _of_rank(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    if len(shape) != rank:
        raise _UnknownCountError
    return shape


_TFLITE: Mapping[str, Callable[[_Shapes], int]] = {
    "CONV_2D": _convolution(1),
    "DEPTHWISE_CONV_2D": _depthwise,
    "CONV_3D": _conv_3d,
    "TRANSPOSE_CONV": _tflite_transpose_conv,
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _batch_matmul,
    "SVDF": _svdf,
    "LSTM": _tflite_lstm,
    "RNN": _tflite_rnn,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _tflite_lstm,
    "UNIDIRECTIONAL_SEQUENCE_RNN": _tflite_rnn,
}

_ONNX: Mapping[str, Callable[[_Shapes], int]] = {
    "Conv": _convolution(1),
    "FusedConv": _convolution(1),
    "ConvInteger": _convolution(1),
    "QLinearConv": _convolution(3),
    "ConvTranspose": _onnx_transpose_conv,
    "Gemm": _gemm,
    "LinearClassifier": _learned("coefficients"),
    "LinearRegressor": _learned("coefficients"),
    "SVMClassifier": _learned("support_vectors", "coefficients"),
    "SVMRegressor": _learned("support_vectors", "coefficients"),
    "QGemm": _gemm,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": _matmul,
    "GRU": _onnx_recurrent,
    "LSTM": _onnx_recurrent,
    "RNN": _onnx_recurrent,
}
