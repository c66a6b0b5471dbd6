"""Random TFLite operators that came late; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.tflite_case import Case, Draw, fields
from tests.support.tflite_choice_cases import moved, values
from tests.support.tflite_float_cases import real
from tests.support.tflite_graph import Scale
from tests.support.tflite_int16_cases import int16, symmetric
from tests.support.tflite_wider_cases import numbers


def log_softmax_int8(case: Case) -> None:
    shape = case.shape(case.between(1, 4), 9)
    scale = Scale(10.0 ** case.random.uniform(-3, 0.3), case.between(-128, 127))
    case.label = f"LOG_SOFTMAX int8 {shape} {scale}"
    x, y = case.source(shape, scale), case.result(shape, Scale(1 / 16, 127))
    case.graph.node("LOG_SOFTMAX", [x], [y], "LogSoftmaxOptions", {})


def bilinear_int16(case: Case) -> None:
    batch, height, width, channels = case.shape(4, 6)
    out = case.between(1, 12), case.between(1, 12)
    corners = case.chance(0.4)
    centers = not corners and case.chance(0.5)
    case.label = f"RESIZE_BILINEAR int16 {height}x{width} to {out} {corners} {centers}"
    scale, shape = symmetric(case), (batch, height, width, channels)
    x = case.graph.input(int16(case, shape), scale)
    y = case.result((batch, *out, channels), scale, "int16")
    options = {2: np.uint8(corners), 3: np.uint8(centers)}
    inputs = [x, case.graph.numbers(out)]
    case.graph.node("RESIZE_BILINEAR", inputs, [y], "ResizeBilinearOptions", options, version=3)


def reverse_sequence(case: Case) -> None:
    shape, dtype = case.shape(case.between(2, 4), 5), case.pick(["float32", "int16", "int32"])
    sequence, batch = case.random.choice(len(shape), 2, replace=False).tolist()
    case.label = f"REVERSE_SEQUENCE {dtype} {shape} along {sequence} by {batch}"
    lengths = case.random.integers(1, shape[sequence] + 1, shape[batch])
    x = case.graph.input(values(case, shape, dtype), None)
    if case.chance(0.5):
        inputs = [x, case.graph.input(lengths.astype(np.int32), None)]
    else:
        lengths = lengths.astype(case.pick(["int32", "int64"]))
        inputs = [x, case.graph.tensor(lengths.shape, lengths.dtype.name, value=lengths)]
    y, options = case.result(shape, None, dtype), fields((sequence, batch))
    case.graph.node("REVERSE_SEQUENCE", inputs, [y], "ReverseSequenceOptions", options)


def power(case: Case) -> None:
    shape, is_real = case.shape(case.between(1, 4), 5), case.chance(0.6)
    exponent = case.pick([0.5, 1, 2, 3, 4, -0.5, -1, -2] if is_real else [1, 2, 3, 4])
    dtype = "float32" if is_real else "int32"
    case.label = f"POW {dtype} {shape} by {exponent}"
    base = np.abs(real(case, shape)) + np.float32(0.5) if is_real else numbers(case, shape, dtype)
    x = case.graph.input(base, None)
    e = case.graph.tensor((1,), dtype, value=np.array([exponent], dtype))
    case.graph.node("POW", [x, e], [case.result(shape, None, dtype)], "PowOptions", {})


def embedding(case: Case) -> None:
    rows, n, width = (case.between(1, 6) for _ in range(3))
    kind = case.pick(["float32", "int8", "int8 to float32"])
    case.label = f"EMBEDDING_LOOKUP {kind} {rows} {n} {width}"
    ids = case.graph.input(case.random.integers(0, rows, n).astype(np.int32), None)
    dtype, scale = kind.split()[0], None if kind == "float32" else Scale(case.scale().scale, 0)
    table = case.graph.tensor((rows, width), dtype, scale, value=values(case, (rows, width), dtype))
    to = kind.split()[-1]
    y = case.result((n, width), scale if to == "int8" else None, to)
    case.graph.node("EMBEDDING_LOOKUP", [ids, table], [y], version=1)


def truths_moved(case: Case) -> None:
    """Operators that move truths."""
    op_type = case.pick(["TRANSPOSE", "SLICE", "CONCATENATION", "UNPACK"])
    shape = case.shape(2, 5)
    if op_type == "TRANSPOSE":
        moved(case, op_type, (shape, shape[::-1]), [[1, 0]], dtypes=["bool"])
    elif op_type == "SLICE":
        ends = (shape, (1, shape[1]))
        moved(case, op_type, ends, [[shape[0] - 1, 0], [1, shape[1]]], dtypes=["bool"])
    elif op_type == "CONCATENATION":
        case.label = f"CONCATENATION bool {shape}"
        inputs = [case.graph.input(numbers(case, shape, "bool"), None) for _ in range(2)]
        y = case.result((2 * shape[0], shape[1]), None, "bool")
        case.graph.node(op_type, inputs, [y], "ConcatenationOptions", fields((0, np.int8(0))))
    else:
        case.label = f"UNPACK bool {shape}"
        x = case.graph.input(numbers(case, shape, "bool"), None)
        outputs = [case.result(shape[1:], None, "bool") for _ in range(shape[0])]
        case.graph.node(op_type, [x], outputs, "UnpackOptions", fields((shape[0], 0)))


LATE_DRAWS: Sequence[Draw] = (
    log_softmax_int8,
    bilinear_int16,
    reverse_sequence,
    power,
    embedding,
    truths_moved,
)
