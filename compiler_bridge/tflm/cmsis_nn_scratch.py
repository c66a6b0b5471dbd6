"""Scratch that the kernels of CMSIS-NN ask for, by the formulas that it publishes.

Every function takes the larger figure where the library decides by more than shapes tell, so that
none of them says less than a build asks for.

Source: ARM-software/CMSIS-NN 99f736a6, the ``*_get_buffer_size`` functions in Source/; and
tensorflow/tflite-micro 90b983c2b, kernels/cmsis_nn, which calls them when it prepares a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType
from typing import Final

from fitgraph.compiler_bridge.cmsis_nn.scratch import (
    Extension,
    average_bytes,
    convolution_bytes,
    depthwise_bytes,
    helium_columns,
)
from fitgraph.registry.model_graph import DType, ModelGraph, Operator

#: Steps of a transposed convolution that the library may compute as a convolution; more dimensions
#: than its matrix products take; which input of an LSTM is its state.
_REVERSED_STEP: Final = 2
_MOST_DIMENSIONS: Final = 4
_LSTM_STATE: Final = 18
# What kernels/cmsis_nn keeps besides what the portable kernel does, in steps of 16: an index and
# sizes; two pointers or a shape; two tables of int32 for each output of FULLY_CONNECTED where it
# has more than two dimensions; 19 words and four gates of 10 (``cmsis_nn_lstm_params``).
_KEPT: Final = 16
_KEPT_BY_DENSE: Final = 32
_TABLES_BY_OUTPUT: Final = 8
_LSTM_PARAMETERS: Final = 256
_INT8: Final = frozenset({DType.INT8})
_QUANTIZED: Final = frozenset({DType.INT8, DType.INT16})

Formula = Callable[[ModelGraph, Operator, Extension], int]


def scratch_blocks(
    graph: ModelGraph, operator: Operator, extension: Extension
) -> tuple[int, ...] | None:
    """Bytes of each block of scratch that an operator's kernel asks for, at the most.

    Blocks that the portable kernel asks for, too, are left out: they are in what it needs. None
    where no formula is known here.
    """
    if operator.op_type == "TRANSPOSE_CONV":
        return _transpose_convolution(graph, operator, extension)
    if (
        operator.op_type == "BATCH_MATMUL"
        and len(_output_shape(graph, operator)) > _MOST_DIMENSIONS
    ):
        return None
    formula = _FORMULAS.get(operator.op_type)
    return () if formula is None else (formula(graph, operator, extension),)


def portable_blocks(graph: ModelGraph, operator: Operator) -> tuple[int, ...]:
    """Bytes of scratch that the portable kernel asks for, and CMSIS-NN's does not."""
    if operator.op_type == "TRANSPOSE_CONV" and _dtype(graph, operator) in _INT8:
        return (4 * prod(_output_shape(graph, operator)),)
    return ()


def kept_bytes(graph: ModelGraph, operator: Operator, extension: Extension) -> tuple[int, ...]:
    """Bytes of each thing that a kernel keeps besides what the portable one does."""
    if operator.op_type == "FULLY_CONNECTED":
        shape = _output_shape(graph, operator)
        return (_KEPT_BY_DENSE, *([_TABLES_BY_OUTPUT * shape[-1]] if len(shape) > 2 else []))
    if operator.op_type == "SVDF" and extension is Extension.MVE:
        return (_KEPT, 4 * graph.tensor(_index(operator, 1)).static_shape[0])
    if operator.op_type == "BATCH_MATMUL":
        return (_KEPT_BY_DENSE,)
    if operator.op_type == "UNIDIRECTIONAL_SEQUENCE_LSTM":
        return _kept_by_lstm(graph, operator)
    return (_KEPT,) if operator.op_type in KERNELS else ()


def _kept_by_lstm(graph: ModelGraph, operator: Operator) -> tuple[int, ...]:
    """Its parameters, and sums of the weights of four gates for data and for what was put out."""
    dtype = _dtype(graph, operator)
    if dtype not in _QUANTIZED:
        return (_LSTM_PARAMETERS,)
    _, n_states = graph.tensor(_index(operator, _LSTM_STATE)).static_shape
    return (_LSTM_PARAMETERS, *[(8 if dtype is DType.INT16 else 4) * n_states] * 8)


def _dtype(graph: ModelGraph, operator: Operator) -> DType:
    """Of the data: of a transposed convolution, whose first input is a shape, the third input's."""
    inputs = operator.inputs[2:] if operator.op_type == "TRANSPOSE_CONV" else operator.inputs
    first = next((index for index in inputs if index is not None), operator.outputs[0])
    return graph.tensor(first).dtype


def _transpose_convolution(
    graph: ModelGraph, operator: Operator, extension: Extension
) -> tuple[int, ...]:
    """Rows of sums; or, with small steps, columns of a convolution, and the filter turned round.

    The library takes the latter for more than 16 channels. Here the larger of both counts.
    """
    if _dtype(graph, operator) not in _INT8:
        return ()
    outputs, height, width, channels = _filter_shape(graph, operator)
    step_h, step_w = (int(operator.attributes.get(name, 1)) for name in ("stride_h", "stride_w"))
    taken = graph.tensor(_index(operator, 2)).static_shape[2]
    row = ((taken - 1) * step_w + max(width, step_h, step_w)) * outputs
    sums = 4 * row * max(height, step_h)
    if max(step_h, step_w) > _REVERSED_STEP:
        return (sums,)
    column = height * width * channels
    columns = convolution_bytes(height, width, channels, extension)
    return (max(sums, columns), outputs * column)


def _batch_matmul(graph: ModelGraph, operator: Operator, extension: Extension) -> int:
    """A sum for each column of the output (Helium)."""
    if _dtype(graph, operator) not in _INT8 or extension is not Extension.MVE:
        return 0
    return 4 * max(_output_shape(graph, operator)[-2:])


def _lstm(graph: ModelGraph, operator: Operator, _extension: Extension) -> int:
    """Three rows of the state in int16, where the portable kernel has four."""
    if _dtype(graph, operator) not in _QUANTIZED:
        return 0
    return 6 * prod(graph.tensor(_index(operator, _LSTM_STATE)).static_shape)


def _output_shape(graph: ModelGraph, operator: Operator) -> tuple[int, ...]:
    return graph.tensor(operator.outputs[0]).static_shape


def _convolution(graph: ModelGraph, operator: Operator, extension: Extension) -> int:
    """Columns of the input as the inner product reads them: two of int16, or four of int8."""
    dtype = _dtype(graph, operator)
    _, height, width, channels = _filter_shape(graph, operator)
    if dtype not in _QUANTIZED or _is_pointwise(operator, height, width):
        return 0
    if dtype is DType.INT16:
        return 4 * height * width * channels if extension is Extension.DSP else 0
    return convolution_bytes(height, width, channels, extension)


def _is_pointwise(operator: Operator, height: int, width: int) -> bool:
    """Whether the kernel for 1x1 filters takes it, which needs no scratch where GCC compiles."""
    return height == width == 1 and _is_dense(operator)


def _is_dense(operator: Operator) -> bool:
    factors = ("dilation_h_factor", "dilation_w_factor")
    return all(operator.attributes.get(factor, 1) == 1 for factor in factors)


def _depthwise(graph: ModelGraph, operator: Operator, extension: Extension) -> int:
    """The window of all channels (DSP), or of a block of them (Helium)."""
    dtype = _dtype(graph, operator)
    if dtype not in _QUANTIZED or extension is Extension.NONE:
        return 0
    _, height, width, outputs = _filter_shape(graph, operator)
    batch, *_, inputs = graph.tensor(_index(operator, 0)).static_shape
    if dtype is DType.INT8 and extension is Extension.MVE and inputs == 1 < outputs:
        # One channel in: computed as a convolution, with the filter turned round beside it.
        return helium_columns(height, width, 1) + outputs * height * width
    if inputs != outputs or batch != 1 or not _is_dense(operator):
        return 0
    if dtype is DType.INT8:
        return depthwise_bytes(height, width, inputs, _padding(graph, operator), extension)
    window = height * width * inputs
    return 8 * window + 8 if extension is Extension.MVE else 2 * window


def _padding(graph: ModelGraph, operator: Operator) -> int:
    """The larger of rows and columns before the data, as TFLM counts them."""
    taken = graph.tensor(_index(operator, 0)).static_shape[1:3]
    given = graph.tensor(operator.outputs[0]).static_shape[1:3]
    reach = _filter_shape(graph, operator)[1:3]
    steps = (int(operator.attributes.get(name, 1)) for name in ("stride_h", "stride_w"))
    return max(
        max(0, (out - 1) * step + window - size) // 2
        for out, step, window, size in zip(given, steps, reach, taken, strict=True)
    )


def _fully_connected(graph: ModelGraph, operator: Operator, extension: Extension) -> int:
    """Sums of the weights for each output (Helium)."""
    if _dtype(graph, operator) not in _INT8 or extension is not Extension.MVE:
        return 0
    weights = graph.tensor(_index(operator, 1))
    return 4 * weights.static_shape[0]


def _average_pool(graph: ModelGraph, operator: Operator, extension: Extension) -> int:
    """A sum for each channel (DSP)."""
    if _dtype(graph, operator) not in _QUANTIZED:
        return 0
    return average_bytes(graph.tensor(_index(operator, 0)).static_shape[-1], extension)


def _filter_shape(graph: ModelGraph, operator: Operator) -> tuple[int, int, int, int]:
    """Outputs, height, width, channels as the filter has them."""
    outputs, height, width, channels = graph.tensor(_index(operator, 1)).static_shape
    return outputs, height, width, channels


def _index(operator: Operator, position: int) -> int:
    index = operator.inputs[position]
    if index is None:
        raise ValueError(f"{operator.op_type} lacks input {position}")
    return index


_FORMULAS: Final[Mapping[str, Formula]] = MappingProxyType(
    {
        "CONV_2D": _convolution,
        "DEPTHWISE_CONV_2D": _depthwise,
        "FULLY_CONNECTED": _fully_connected,
        "AVERAGE_POOL_2D": _average_pool,
        "BATCH_MATMUL": _batch_matmul,
        "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
    }
)
#: Kernels that CMSIS-NN replaces.
KERNELS: Final = frozenset({*_FORMULAS, "ADD", "MAXIMUM", "MAX_POOL_2D", "MINIMUM", "MUL", "PAD",
                            "PADV2", "SOFTMAX", "SVDF", "TRANSPOSE", "TRANSPOSE_CONV"})  # fmt: skip
