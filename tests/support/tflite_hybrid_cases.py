"""Random TFLite layers of float32 data and int8 weights; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, Draw, fields, out_size, padding
from tests.support.tflite_float_cases import real, real_result
from tests.support.tflite_graph import Scale
from tests.support.tflite_recurrent_cases import NOTHING


def weights(case: Case, shape: Sequence[int], least: int = -127) -> Array:
    """Without -128, which most hybrid layers do not have."""
    value: Array = np.maximum(case.int8(shape), np.int8(least))
    return value


def scaled(case: Case, shape: Sequence[int], n: int, axis: int, least: int = -127) -> int:
    """Adds weights with one scale, or with one for each of so many outputs."""
    count = n if axis else case.pick([1, n])
    case.label += f" {count} scales"
    scales = case.random.uniform(0.003, 0.02, count).astype(np.float32)
    value = weights(case, shape, least)
    if count == 1:
        return case.graph.tensor(shape, scale=Scale(float(scales[0]), 0), value=value)
    return case.graph.tensor(shape, scales=scales, axis=axis, value=value)


def rows(case: Case, shape: Sequence[int]) -> int:
    """Adds an input; sometimes all its values have one sign, or are 0."""
    value = real(case, shape)
    if case.chance(0.2):
        value = np.abs(value)
    if case.chance(0.1):
        value = value * np.float32(0)
    return case.graph.input(value, None)


def hybrid_dense(case: Case) -> None:
    batch, depth, out_n = case.between(1, 3), case.between(1, 9), case.between(1, 6)
    asymmetric = case.chance(0.5)
    case.label = f"hybrid FULLY_CONNECTED {batch} {depth} {out_n}, {asymmetric}"
    x = rows(case, (batch, depth))
    w = scaled(case, (out_n, depth), out_n, 0)
    bias = case.graph.tensor((out_n,), "float32", value=real(case, (out_n,)))
    y = real_result(case, (batch, out_n))
    options = fields((case.activation(), np.int8(0), np.uint8(0), np.uint8(asymmetric)))
    kind = "FullyConnectedOptions"
    case.graph.node("FULLY_CONNECTED", [x, w, bias], [y], kind, options, version=9)


def hybrid_conv(case: Case) -> None:
    """A convolution, plain or depthwise."""
    is_depthwise = case.chance(0.5)
    op_type = "DEPTHWISE_CONV_2D" if is_depthwise else "CONV_2D"
    batch, depth, more = case.between(1, 3), case.between(1, 9), case.between(1, 4)
    size, kernel, stride = case.between(3, 6), case.between(1, 3), case.between(1, 2)
    dilation = case.pick([1, 1, 2])
    case.label = f"hybrid {op_type} {batch} {depth} {more} {size} {kernel} {stride} {dilation}"
    pads, activation = padding(case), case.activation()
    out = out_size(size, kernel, stride, dilation, pads)
    if out < 1:
        hybrid_conv(case)
        return
    x = rows(case, (batch, size, size, depth))
    out_c = depth * more if is_depthwise else more
    if is_depthwise:
        w = scaled(case, (1, kernel, kernel, out_c), out_c, 3, -128)
        options = fields((pads, stride, stride, more, activation, dilation, dilation))
    else:
        w = scaled(case, (out_c, kernel, kernel, depth), out_c, 0)
        options = fields((pads, stride, stride, activation, dilation, dilation))
    bias = case.graph.tensor((out_c,), "float32", value=real(case, (out_c,)))
    y = real_result(case, (batch, out, out, out_c))
    kind = "DepthwiseConv2DOptions" if is_depthwise else "Conv2DOptions"
    case.graph.node(op_type, [x, w, bias], [y], kind, options, version=3)


def hybrid_matmul(case: Case) -> None:
    """Of matrices, the second of which is constant."""
    batch, n_rows, inner, columns = (case.between(1, 5) for _ in range(4))
    transposed, asymmetric, shared = (case.chance(0.5) for _ in range(3))
    case.label = f"hybrid BATCH_MATMUL {batch} x {n_rows} x {inner} x {columns}, "
    case.label += f"{transposed}, {asymmetric}, {shared}"
    x = rows(case, (batch, n_rows, inner))
    matrix = (columns, inner) if transposed else (inner, columns)
    shape = matrix if shared else (batch, *matrix)
    scale = Scale(case.random.uniform(0.003, 0.02), 0)
    w = case.graph.tensor(shape, scale=scale, value=weights(case, shape))
    y = real_result(case, (batch, n_rows, columns))
    options = {0: np.uint8(0), 1: np.uint8(transposed), 2: np.uint8(asymmetric)}
    case.graph.node("BATCH_MATMUL", [x, w], [y], "BatchMatMulOptions", options, version=4)


def hybrid_svdf(case: Case) -> None:
    batch, n_inputs, memory = case.between(1, 2), case.between(1, 9), case.between(1, 6)
    rank, n_units, asymmetric = case.between(1, 3), case.between(1, 5), case.chance(0.5)
    n_filters = rank * n_units
    case.label = f"hybrid SVDF {batch} x {n_inputs}, {n_units} x {rank}, {memory}, {asymmetric}"
    inputs = [
        rows(case, (batch, n_inputs)),
        *(
            case.graph.tensor(
                shape,
                scale=Scale(case.random.uniform(0.003, 0.02), 0),
                value=weights(case, shape),
            )
            for shape in ((n_filters, n_inputs), (n_filters, memory))
        ),
        case.graph.tensor((n_units,), "float32", value=real(case, (n_units,))),
        case.graph.tensor((batch, memory * n_filters), "float32", is_variable=True),
    ]
    y = real_result(case, (batch, n_units))
    relu = np.int8(case.pick([Activation.NONE, Activation.RELU]))
    options = fields((rank, relu, np.uint8(asymmetric)))
    case.graph.node("SVDF", inputs, [y], "SVDFOptions", options, version=4)


def whole_lstm(case: Case) -> None:
    """On float32, maybe with int8 weights, with all that TFLM's layer lacks."""
    batch, steps = case.between(1, 2), case.between(1, 4)
    n_inputs, n_cells, n_units = (case.between(1, 6) for _ in range(3))
    hybrid, time_major, asymmetric = (case.chance(0.5) for _ in range(3))
    coupled, peepholes, normalized, projected = (case.chance(0.4) for _ in range(4))
    n_units = n_units if projected else n_cells
    case.label = f"LSTM {batch} x {steps} x {n_inputs} to {n_cells} to {n_units}, {hybrid}"
    case.label += f" {time_major} {asymmetric} {coupled} {peepholes} {normalized} {projected}"

    def vector(n: int) -> int:
        return case.graph.tensor((n,), "float32", value=real(case, (n,), 0.5))

    def matrix(*shape: int) -> int:
        if not hybrid:
            return case.graph.tensor(shape, "float32", value=real(case, shape, 0.5))
        scale = Scale(case.random.uniform(0.003, 0.02), 0)
        return case.graph.tensor(shape, scale=scale, value=weights(case, shape))

    def gates(make: Callable[[], int], n: int = 4, *, wanted: bool = True) -> list[int]:
        return [make() if wanted and (i or not coupled) else NOTHING for i in range(n)]

    order = (steps, batch) if time_major else (batch, steps)
    inputs = [
        rows(case, (*order, n_inputs)),
        *gates(lambda: matrix(n_cells, n_inputs)),
        *gates(lambda: matrix(n_cells, n_units)),
        *gates(lambda: matrix(n_cells), 3, wanted=peepholes),
        *gates(lambda: vector(n_cells)),
        matrix(n_units, n_cells) if projected else NOTHING,
        vector(n_units) if projected and case.chance(0.5) else NOTHING,
        case.graph.tensor((batch, n_units), "float32", is_variable=True),
        case.graph.tensor((batch, n_cells), "float32", is_variable=True),
        *gates(lambda: vector(n_cells), wanted=normalized),
    ]
    numbers = {
        0: np.int8(Activation.TANH),
        1: np.float32(case.pick([0.0, 1.5])),
        2: np.float32(case.pick([0.0, 0.4])),
        3: np.uint8(time_major),
        4: np.uint8(asymmetric),
    }
    y = real_result(case, (*order, n_units))
    kind = "UnidirectionalSequenceLSTMOptions"
    case.graph.node("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], kind, numbers, version=3)


HYBRID_DRAWS: Sequence[Draw] = (hybrid_dense, hybrid_conv, hybrid_matmul)
# Those that remember, too.
HYBRID_STATE_DRAWS: Sequence[Draw] = (hybrid_svdf, whole_lstm)
