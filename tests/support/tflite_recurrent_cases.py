"""Random TFLite operators that remember: SVDF and LSTM; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from tests.support.tflite_case import Case, Draw, fields
from tests.support.tflite_float_cases import real, real_input, real_result
from tests.support.tflite_graph import Scale
from tests.support.tflite_int16_cases import int16

GATES = 4
NOTHING = -1  # an input that is left out


def svdf(case: Case) -> None:
    """On int8 with an int16 memory, or on float32."""
    batch, n_inputs, memory = case.between(1, 2), case.between(1, 9), case.between(1, 6)
    rank, n_units = case.between(1, 3), case.between(1, 5)
    n_filters = rank * n_units
    is_float = case.chance(0.4)
    case.label = f"SVDF {batch} x {n_inputs}, {n_units} x {rank}, {memory}, float {is_float}"
    relu = np.int8(case.pick([Activation.NONE, Activation.RELU]))
    state_shape = (batch, memory * n_filters)
    if is_float:
        inputs = [
            real_input(case, (batch, n_inputs)),
            *(
                case.graph.tensor(shape, "float32", value=real(case, shape, 0.5))
                for shape in ((n_filters, n_inputs), (n_filters, memory), (n_units,))
            ),
            case.graph.tensor(state_shape, "float32", is_variable=True),
        ]
        y = real_result(case, (batch, n_units))
    else:
        source, feature, time, state = (
            case.scale(),
            Scale(0.011, 0),
            Scale(0.0003, 0),
            Scale(0.004, 0),
        )
        steps = np.float32(state.scale) * np.float32(time.scale)
        times = case.random.integers(-9000, 9000, (n_filters, memory)).astype(np.int16)
        bias = case.random.integers(-9000, 9000, n_units).astype(np.int32)
        inputs = [
            case.source((batch, n_inputs), source),
            case.graph.tensor(
                (n_filters, n_inputs), scale=feature, value=case.int8((n_filters, n_inputs))
            ),
            case.graph.tensor(times.shape, "int16", time, value=times),
            case.graph.tensor((n_units,), "int32", Scale(float(steps), 0), value=bias),
            case.graph.tensor(state_shape, "int16", state, is_variable=True),
        ]
        y = case.result((batch, n_units), case.scale(2.0))
    case.graph.node("SVDF", inputs, [y], "SVDFOptions", fields((rank, relu)), version=3)


def lstm(case: Case) -> None:
    """On int8 with an int16 cell, or on float32."""
    _lstm(case, "int8")


def lstm_int16(case: Case) -> None:
    _lstm(case, "int16")


def _lstm(case: Case, dtype: str) -> None:
    batch, steps = case.between(1, 2), case.between(1, 4)
    n_inputs, n_units = case.between(1, 6), case.between(1, 6)
    time_major, is_float = case.chance(0.5), dtype == "int8" and case.chance(0.4)
    clip = case.pick([0.0, 0.0, 1.5])
    case.label = (
        f"LSTM {batch} x {steps} x {n_inputs} to {n_units}, {time_major}, {is_float}, {dtype}"
    )
    order = (steps, batch) if time_major else (batch, steps)
    shapes = [(n_units, n_inputs)] * GATES + [(n_units, n_units)] * GATES
    source, hidden = case.scale(0.03), Scale(0.0078, case.between(-40, 40))
    if dtype == "int16":
        source, hidden = Scale(1e-4, 0), Scale(2.0**-15, 0)
    if is_float:
        x = real_input(case, (*order, n_inputs), 1.0)
        weights = [
            case.graph.tensor(shape, "float32", value=real(case, shape, 0.5)) for shape in shapes
        ]
        biases = [
            case.graph.tensor((n_units,), "float32", value=real(case, (n_units,), 0.5))
            for _ in range(GATES)
        ]
        states = [
            case.graph.tensor((batch, n_units), "float32", is_variable=True) for _ in range(2)
        ]
        y = real_result(case, (*order, n_units))
    else:
        given = int16 if dtype == "int16" else Case.int8
        x = case.graph.input(given(case, (*order, n_inputs)), source)
        weights = [
            case.graph.tensor(
                shape, scale=Scale(case.random.uniform(0.003, 0.02), 0), value=case.int8(shape)
            )
            for shape in shapes
        ]
        width = "int64" if dtype == "int16" else "int32"
        biases = [
            case.graph.tensor(
                (n_units,),
                width,
                Scale(2e-4, 0),
                value=case.random.integers(-3000, 3000, n_units).astype(width),
            )
            for _ in range(GATES)
        ]
        states = [
            case.graph.tensor((batch, n_units), dtype, hidden, is_variable=True),
            case.graph.tensor(
                (batch, n_units),
                "int16",
                Scale(2.0 ** -case.pick([11, 12, 13]), 0),
                is_variable=True,
            ),
        ]
        y = case.result((*order, n_units), hidden, dtype)
    peepholes, projection, normalization = [NOTHING] * 3, [NOTHING] * 2, [NOTHING] * 4
    inputs = [x, *weights, *peepholes, *biases, *projection, *states, *normalization]
    numbers = {
        0: np.int8(Activation.TANH),
        1: np.float32(clip),
        2: np.float32(0.0),
        3: np.uint8(time_major),
    }
    kind = "UnidirectionalSequenceLSTMOptions"
    case.graph.node("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], kind, numbers, version=3)


RECURRENT_DRAWS: Sequence[Draw] = (svdf, lstm, lstm_int16)
