"""Random TFLite operators that choose, repeat, convert or reduce; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, Draw, fields, out_size, padding
from tests.support.tflite_float_cases import real
from tests.support.tflite_graph import Options, Scale
from tests.support.tflite_int16_cases import int16, symmetric
from tests.support.tflite_wider_cases import numbers


def values(case: Case, shape: Sequence[int], dtype: str) -> Array:
    if dtype == "float32":
        return real(case, shape)
    if dtype == "int8":
        return case.int8(shape)
    return int16(case, shape) if dtype == "int16" else numbers(case, shape, dtype)


def scale_of(case: Case, dtype: str) -> Scale | None:
    if dtype == "int8":
        return case.scale()
    return symmetric(case) if dtype == "int16" else None


def moved(
    case: Case,
    op_type: str,
    shapes: tuple[Sequence[int], Sequence[int]],
    constants: Sequence[Sequence[int] | Array],
    kind: str = "",
    options: Options | None = None,
    dtypes: Sequence[str] = ("int8", "float32"),
) -> None:
    """An operator from one shape to another, with constants behind its data."""
    dtype = case.pick(dtypes)
    case.label = f"{op_type} {dtype} {shapes} {[np.asarray(one).tolist() for one in constants]}"
    scale = scale_of(case, dtype)
    x = case.graph.input(values(case, shapes[0], dtype), scale)
    y = case.result(shapes[1], scale, dtype)
    inputs = [x, *map(case.graph.numbers, constants)]
    case.graph.node(op_type, inputs, [y], kind, options, version=2)


def blocks_to_batch(case: Case) -> None:
    batch, height, width, channels = case.shape(4, 4)
    block = [case.between(1, 3), case.between(1, 3)]
    ends = case.random.integers(0, 2, (2, 2))
    inner = [height * block[0], width * block[1]]
    small = (batch * block[0] * block[1], height, width, channels)
    if case.chance(0.5):
        cut = [n - int(e.sum()) for n, e in zip(inner, ends, strict=True)]
        if min(cut) < 1:
            blocks_to_batch(case)
            return
        moved(case, "BATCH_TO_SPACE_ND", (small, (batch, *cut, channels)), [block, ends])
        return
    bare = [n - int(e.sum()) for n, e in zip(inner, ends, strict=True)]
    if min(bare) < 1:
        blocks_to_batch(case)
        return
    moved(case, "SPACE_TO_BATCH_ND", ((batch, *bare, channels), small), [block, ends])


def mirror_pad(case: Case) -> None:
    shape = case.shape(case.between(1, 4), 5)
    mode = case.between(0, 1)  # 0 reflects without the edge
    pads = np.array([[case.between(0, n - 1 + mode) for _ in range(2)] for n in shape])
    pads = np.minimum(pads, 3)
    out = tuple(n + int(p.sum()) for n, p in zip(shape, pads, strict=True))
    moved(case, "MIRROR_PAD", (shape, out), [pads], "MirrorPadOptions", {0: np.int8(mode)})


def broadcast_to(case: Case) -> None:
    shape = case.shape(case.between(1, 3), 4)
    kept = tuple(n if case.chance(0.6) else 1 for n in shape)
    moved(case, "BROADCAST_TO", (kept, (2, *shape)), [(2, *shape)])


def reverse(case: Case) -> None:
    shape = case.shape(case.between(1, 4), 5)
    axis = case.between(0, len(shape) - 1)
    moved(case, "REVERSE_V2", (shape, shape), [[axis]])


def gather(case: Case) -> None:
    shape = case.shape(case.between(1, 4), 6)
    axis = case.between(0, len(shape) - 1)
    index_shape = case.shape(case.between(1, 2), 4)
    index = case.random.integers(0, shape[axis], index_shape).astype(np.int32)
    options = fields((axis, 0))
    out = (*shape[:axis], *index_shape, *shape[axis + 1 :])
    if case.chance(0.5):
        moved(case, "GATHER", (shape, out), [index], "GatherOptions", options)
        return
    case.label = f"GATHER {shape} {index_shape} computed"
    scale = case.scale()
    inputs = [case.source(shape, scale), case.graph.input(index, None)]
    y = case.result(out, scale)
    case.graph.node("GATHER", inputs, [y], "GatherOptions", options, version=2)


def gather_nd(case: Case) -> None:
    shape = case.shape(case.between(1, 3), 5)
    depth, n = case.between(1, len(shape)), case.between(1, 4)
    index = np.stack([case.random.integers(0, size, n) for size in shape[:depth]], 1)
    moved(case, "GATHER_ND", (shape, (n, *shape[depth:])), [index])


def select(case: Case) -> None:
    dtype = case.pick(["int8", "float32", "int16"])
    shape = case.shape(case.between(1, 4), 4)
    row = (*[1] * (len(shape) - 1), shape[-1])
    shapes = [shape if case.chance(0.6) else row for _ in range(3)]
    out = tuple(np.broadcast_shapes(*shapes))
    case.label = f"SELECT_V2 {dtype} {shapes}"
    scale = scale_of(case, dtype)
    condition = case.graph.input(numbers(case, shapes[0], "bool"), None)
    inputs = [case.graph.input(values(case, s, dtype), scale) for s in shapes[1:]]
    y = case.result(out, scale, dtype)
    case.graph.node("SELECT_V2", [condition, *inputs], [y], "SelectV2Options", {}, version=1)


def cast(case: Case) -> None:
    kinds = ["int8", "int16", "int32", "float32", "bool"]
    start, end = case.pick(kinds), case.pick(kinds)
    case.label = f"CAST {start} {end}"
    x = case.graph.input(numbers(case, (30,), start), None)
    case.graph.node("CAST", [x], [case.result((30,), None, end)], version=1)


def fill(case: Case) -> None:
    dtype = case.pick(["int8", "float32", "int32"])
    shape = case.shape(case.between(1, 4), 4)
    case.label = f"FILL {dtype} {shape}"
    x = case.graph.input(values(case, (), dtype), None)
    y = case.result(shape, None, dtype)
    case.graph.node("FILL", [case.graph.numbers(shape), x], [y], "FillOptions", {}, version=1)


def zeros(case: Case) -> None:
    shape = case.shape(case.between(1, 3), 4)
    case.label = f"ZEROS_LIKE {shape}"
    dtype = case.pick(["float32", "int32"])
    x = case.graph.input(values(case, shape, dtype), None)
    y = case.result(shape, None, dtype)
    case.graph.node("ZEROS_LIKE", [x], [y], "ZerosLikeOptions", {}, version=1)


def place_of_extreme(case: Case) -> None:
    op_type = case.pick(["ARG_MAX", "ARG_MIN"])
    dtype = case.pick(["int8", "float32"])
    shape = case.shape(case.between(1, 4), 5)
    axis = case.between(0, len(shape) - 1)
    case.label = f"{op_type} {dtype} {shape} {axis}"
    x = case.graph.input(numbers(case, shape, dtype), scale_of(case, dtype))
    y = case.result(shape[:axis] + shape[axis + 1 :], None, "int32")
    kind = "ArgMaxOptions" if op_type == "ARG_MAX" else "ArgMinOptions"
    inputs = [x, case.graph.numbers([axis])]
    case.graph.node(op_type, inputs, [y], kind, {0: np.int8(2)}, version=1)


def integer_reduction(case: Case) -> None:
    op_type = case.pick(["SUM", "MEAN", "REDUCE_MIN"])
    dtype = case.pick(["int8", "int16"]) if op_type != "REDUCE_MIN" else "int8"
    rank = case.between(1, 4)
    shape = case.shape(rank, 5)
    axes = sorted(case.random.choice(rank, case.between(1, rank), replace=False).tolist())
    keeps = case.chance(0.5)
    out = tuple(1 if a in axes else s for a, s in enumerate(shape) if keeps or a not in axes)
    case.label = f"{op_type} {dtype} {shape} {axes} {keeps}"
    scale = case.scale() if dtype == "int8" else symmetric(case)
    near = scale.scale * (3 if op_type == "SUM" else 1)
    to = case.scale(near) if dtype == "int8" else symmetric(case, near)
    x = case.graph.input(values(case, shape, dtype), scale)
    y = case.result(out, scale if op_type == "REDUCE_MIN" else to, dtype)
    inputs = [x, case.graph.numbers(axes)]
    case.graph.node(op_type, inputs, [y], "ReducerOptions", {0: np.uint8(keeps)}, version=2)


def all_true(case: Case) -> None:
    shape = case.shape(case.between(1, 3), 4)
    axis = case.between(0, len(shape) - 1)
    case.label = f"REDUCE_ALL {shape} {axis}"
    x = case.graph.input(case.random.random(shape) < 0.8, None)
    y = case.result(shape[:axis] + shape[axis + 1 :], None, "bool")
    inputs = [x, case.graph.numbers([axis])]
    case.graph.node("REDUCE_ALL", inputs, [y], "ReducerOptions", {0: np.uint8(0)}, version=1)


def cumulation(case: Case) -> None:
    shape = case.shape(case.between(1, 4), 5)
    axis = case.between(0, len(shape) - 1)
    flags = [np.uint8(case.chance(0.5)) for _ in range(2)]
    dtype = case.pick(["int8", "float32"])
    scale = scale_of(case, dtype)
    to = case.scale(scale.scale * 3) if scale else None
    case.label = f"CUMSUM {dtype} {shape} {axis} {flags} {scale} {to}"
    x = case.graph.input(values(case, shape, dtype), scale)
    y = case.result(shape, to, dtype)
    inputs = [x, case.graph.numbers([axis])]
    case.graph.node("CUMSUM", inputs, [y], "CumsumOptions", fields(flags), version=1)


def unit_rows(case: Case) -> None:
    dtype = case.pick(["int8", "float32"])
    shape = case.shape(case.between(1, 4), 6)
    case.label = f"L2_NORMALIZATION {dtype} {shape}"
    x = case.graph.input(values(case, shape, dtype), scale_of(case, dtype))
    y = case.result(shape, Scale(1 / 128, 0) if dtype == "int8" else None, dtype)
    case.graph.node("L2_NORMALIZATION", [x], [y], "L2NormOptions", {0: np.int8(0)}, version=2)


def root_mean_square(case: Case) -> None:
    batch, height, width, channels = case.shape(4, 6)
    kernel, stride, pads = case.between(1, 3), case.between(1, 2), padding(case)
    sizes = [out_size(size, kernel, stride, 1, pads) for size in (height, width)]
    if min(sizes) < 1:
        root_mean_square(case)
        return
    case.label = f"L2_POOL_2D {height}x{width} {kernel} {stride} {pads}"
    x = case.graph.input(real(case, (batch, height, width, channels)), None)
    y = case.result((batch, *sizes, channels), None, "float32")
    options = fields((pads, stride, stride, kernel, kernel, case.activation()))
    case.graph.node("L2_POOL_2D", [x], [y], "Pool2DOptions", options, version=1)


def bilinear_int8(case: Case) -> None:
    batch, height, width, channels = case.shape(4, 6)
    out = case.between(1, 12), case.between(1, 12)
    corners = case.chance(0.4)
    centers = not corners and case.chance(0.5)
    case.label = f"RESIZE_BILINEAR int8 {height}x{width} to {out} {corners} {centers}"
    scale = case.scale()
    x = case.source((batch, height, width, channels), scale)
    y = case.result((batch, *out, channels), scale)
    options = {2: np.uint8(corners), 3: np.uint8(centers)}
    inputs = [x, case.graph.numbers(out)]
    case.graph.node("RESIZE_BILINEAR", inputs, [y], "ResizeBilinearOptions", options, version=3)


def batch_matmul(case: Case) -> None:
    _product(case, case.pick(["int8", "float32"]))


def batch_matmul_int16(case: Case) -> None:
    _product(case, "int16")


def _product(case: Case, dtype: str) -> None:
    rows, inner, columns, batch = (case.between(1, 5) for _ in range(4))
    adjoint = [case.chance(0.5) for _ in range(2)]
    left = (inner, rows) if adjoint[0] else (rows, inner)
    right = (columns, inner) if adjoint[1] else (inner, columns)
    lead = [(batch,), (batch,)]
    if case.chance(0.4):
        lead[case.between(0, 1)] = (1,)
    case.label = f"BATCH_MATMUL {dtype} {lead} {left} {right} {adjoint}"
    scales = [scale_of(case, dtype), scale_of(case, dtype)]
    parts = [values(case, (*n, *m), dtype) for n, m in zip(lead, (left, right), strict=True)]
    inputs = [case.graph.input(part, s) for part, s in zip(parts, scales, strict=True)]
    to = None
    if scales[0] and scales[1]:
        near = scales[0].scale * scales[1].scale * 200
        to = case.scale(near) if dtype == "int8" else symmetric(case, near * 256)
    y = case.result((batch, rows, columns), to, dtype)
    options = {0: np.uint8(adjoint[0]), 1: np.uint8(adjoint[1])}
    case.graph.node("BATCH_MATMUL", inputs, [y], "BatchMatMulOptions", options, version=2)


def update_slice(case: Case) -> None:
    shape = case.shape(case.between(1, 4), 5)
    block = [case.between(1, n) for n in shape]
    dtype, is_known = case.pick(["int8", "float32", "int32", "int16"]), case.chance(0.4)
    case.label = f"DYNAMIC_UPDATE_SLICE {dtype} {shape} {block} {is_known}"
    scale = scale_of(case, dtype)
    starts = case.random.integers(-2, 6, len(shape)).astype(np.int32)
    inputs = [
        case.graph.input(values(case, shape, dtype), scale),
        case.graph.input(values(case, block, dtype), scale),
        case.graph.numbers(starts) if is_known else case.graph.input(starts, None),
    ]
    case.graph.node("DYNAMIC_UPDATE_SLICE", inputs, [case.result(shape, scale, dtype)])


def beyond_tflm(case: Case) -> None:
    """What only LiteRT has."""
    kind = case.pick(["TILE", "REVERSE_V2", "GATHER", "REDUCE_ANY", "REDUCE_MAX", "ARG_MAX"])
    shape = case.shape(case.between(1, 3), 5)
    axis = case.between(0, len(shape) - 1)
    if kind == "TILE":
        times = [case.between(1, 3) for _ in shape]
        out = [n * m for n, m in zip(shape, times, strict=True)]
        moved(case, "TILE", (shape, out), [times])
        return
    kept = shape[:axis] + shape[axis + 1 :]
    if kind in ("REDUCE_ANY", "REDUCE_MAX"):
        dtype = "bool" if kind == "REDUCE_ANY" else "int32"
        case.label = f"{kind} {dtype} {shape} {axis}"
        x = case.graph.input(numbers(case, shape, dtype), None)
        inputs, y = [x, case.graph.numbers([axis])], case.result(kept, None, dtype)
        case.graph.node(kind, inputs, [y], "ReducerOptions", {0: np.uint8(0)}, version=1)
    elif kind == "ARG_MAX":
        case.label = f"{kind} int32 {shape} {axis}"
        x = case.graph.input(numbers(case, shape, "int32"), None)
        inputs, y = [x, case.graph.numbers([axis])], case.result(kept, None, "int32")
        case.graph.node(kind, inputs, [y], "ArgMaxOptions", {0: np.int8(2)}, version=1)
    elif kind == "GATHER":
        dtypes, options = ["int16", "int32", "bool"], fields((0, 0))
        ends = (shape, (1, *shape[1:]))
        moved(case, kind, ends, [[shape[0] - 1]], "GatherOptions", options, dtypes)
    else:
        moved(case, kind, (shape, shape), [[axis]])


CHOICE_DRAWS: Sequence[Draw] = (
    blocks_to_batch,
    mirror_pad,
    broadcast_to,
    reverse,
    gather,
    gather_nd,
    select,
    cast,
    fill,
    zeros,
    place_of_extreme,
    integer_reduction,
    all_true,
    cumulation,
    unit_rows,
    root_mean_square,
    bilinear_int8,
    batch_matmul,
    batch_matmul_int16,
    update_slice,
)
