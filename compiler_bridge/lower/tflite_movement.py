"""Operators that move values unchanged.

RESHAPE, SQUEEZE, EXPAND_DIMS, TRANSPOSE, CONCATENATION, PAD, PADV2, STRIDED_SLICE, SLICE, SPLIT,
SPLIT_V, PACK, UNPACK.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides, is_identity
from fitgraph.compiler_bridge.lower.sliced import sliced
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

MOVED = (DType.INT8, DType.FLOAT32, DType.UINT8, DType.INT16, DType.INT32)
RESHAPED = (*MOVED, DType.BOOL)


def lower_reshape(operator: Operator, context: TfliteContext) -> None:
    """The same bytes under another shape."""
    context.alias_output(operator, context.operand(operator, 0))


def lower_transpose(operator: Operator, context: TfliteContext) -> None:
    """One strided copy, or nothing where only axes of size one move."""
    source = context.operand(operator, 0)
    source_shape = context.tensor(operator, 0).static_shape
    rank = len(source_shape)
    named = context.integers(operator, 1, "permutation")
    permutation = [context.axis(operator, axis, rank) for axis in named]
    if sorted(permutation) != list(range(rank)):
        raise context.refusal(operator, f"{named} is no order of {rank} axes")
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, [source_shape[axis] for axis in permutation])
    strides = dense_strides(source_shape)
    layout = Layout(tuple(strides[axis] for axis in permutation))
    shape = context.output(operator).static_shape
    if is_identity(shape, layout, dense(shape)):
        context.alias_output(operator, source)
        return
    copy(context.builder, source, layout, context.new_output(operator), dense(shape), shape)


def lower_concatenation(operator: Operator, context: TfliteContext) -> None:
    """One copy for each input."""
    if operator.attributes.get("fused_activation_function", "NONE") != "NONE":
        raise context.refusal(operator, "it has a fused activation")
    shape = context.output(operator).static_shape
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), len(shape))
    if not operator.inputs:
        raise context.refusal(operator, "it joins nothing")
    _refuse_rescaling(operator, context)
    _expect_joined(operator, context, axis)
    target = context.new_output(operator)
    at = 0
    for position in range(len(operator.inputs)):
        source = context.operand(operator, position)
        sizes = context.tensor(operator, position).static_shape
        place = Layout(dense_strides(shape), at * dense_strides(shape)[axis])
        copy(context.builder, source, dense(sizes), target, place, sizes)
        at += sizes[axis]


def _expect_joined(operator: Operator, context: TfliteContext, axis: int) -> None:
    """The inputs side by side give the output's shape."""
    parts = [context.tensor(operator, i).static_shape for i in range(len(operator.inputs))]
    context.expect_one_dtype(operator, *range(len(parts)))
    rest = {shape[:axis] + shape[axis + 1 :] for shape in parts}
    if len(rest) != 1 or any(not axis < len(shape) == len(parts[0]) for shape in parts):
        raise context.refusal(operator, f"it joins shapes {[list(shape) for shape in parts]}")
    length = sum(shape[axis] for shape in parts)
    context.expect_shape(operator, (*parts[0][:axis], length, *parts[0][axis + 1 :]))


def _refuse_rescaling(operator: Operator, context: TfliteContext) -> None:
    """TFLite's int8 concatenation copies; a file that would need rescaling is refused."""
    out = context.output(operator)
    if out.dtype is not DType.INT8:
        return
    for position in range(len(operator.inputs)):
        if context.tensor(operator, position).quantization != out.quantization:
            raise context.refusal(operator, f"input {position} is scaled differently")


def lower_pad(operator: Operator, context: TfliteContext) -> None:
    """Fill, then copy the inside. Bytes are padded with their zero point if no value is given."""
    source_tensor, out = context.tensor(operator, 0), context.output(operator)
    sizes, shape = source_tensor.static_shape, out.static_shape
    numbers = context.integers(operator, 1, "paddings")
    if len(numbers) != 2 * len(sizes) or min(numbers, default=0) < 0:
        raise context.refusal(operator, f"its paddings are {numbers}")
    paddings = list(zip(numbers[::2], numbers[1::2], strict=True))
    context.expect_one_dtype(operator, 0)
    context.expect_shape(
        operator, [size + sum(pair) for size, pair in zip(sizes, paddings, strict=True)]
    )
    source = context.operand(operator, 0)
    value = _pad_value(operator, context)
    target = context.new_output(operator)
    fill(context, target, value)
    strides = dense_strides(shape)
    offset = sum(int(before) * step for (before, _), step in zip(paddings, strides, strict=True))
    copy(context.builder, source, dense(sizes), target, Layout(strides, offset), sizes)


def _pad_value(operator: Operator, context: TfliteContext) -> Array:
    out = context.output(operator)
    if context.has_input(operator, 2):
        value = context.constant(operator, 2, "pad value")
        if value.size != 1 or value.dtype.name != out.dtype.value:
            raise context.refusal(operator, f"its value is {value.size} x {value.dtype}")
        return value.reshape(())
    zero = 0
    if out.dtype in (DType.INT8, DType.UINT8):
        zero = context.quantization(operator, out).zero_point
    return np.array(zero, out.dtype.value)


def fill(context: TfliteContext, target: int, value: Array) -> None:
    """Sets every element of a value in memory."""
    element = list(value.tobytes())
    padded = tuple(element + [0] * (4 - len(element)))
    n = context.builder.values[target].n_elements
    fields: dict[str, Field] = {"element": padded, "element_bytes": len(element), "n": n}
    context.builder.step("fill", fields, (), target)


def lower_strided_slice(operator: Operator, context: TfliteContext) -> None:
    """Begin, end and strides must be constant; numpy's slicing has the same meaning."""
    a = operator.attributes
    begin, end, strides = (
        context.integers(operator, position, what)
        for position, what in ((1, "begin"), (2, "end"), (3, "strides"))
    )
    if a.get("ellipsis_mask", 0) or a.get("new_axis_mask", 0) or a.get("offset", False):
        raise context.refusal(operator, "it uses an ellipsis, a new axis or offsets")
    shape = context.tensor(operator, 0).static_shape
    if not len(begin) == len(end) == len(strides) <= len(shape) or 0 in strides:
        raise context.refusal(operator, f"it goes from {begin} to {end} by {strides} in {shape}")
    slices = []
    for axis, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        if a.get("shrink_axis_mask", 0) >> axis & 1:
            if step < 0:
                raise context.refusal(operator, f"it drops axis {axis} going backwards")
            # TFLite looks at begin_mask before it looks at begin, here too.
            is_first = a.get("begin_mask", 0) >> axis & 1
            index = 0 if is_first else context.axis(operator, first, shape[axis])
            slices.append(slice(index, index + 1, 1))
            continue
        start = None if a.get("begin_mask", 0) >> axis & 1 else first
        stop = None if a.get("end_mask", 0) >> axis & 1 else last
        slices.append(slice(start, stop, step))
    shrunk = [axis for axis in range(len(begin)) if a.get("shrink_axis_mask", 0) >> axis & 1]
    _take(operator, context, 0, tuple(slices), dropped=shrunk)


def lower_slice(operator: Operator, context: TfliteContext) -> None:
    """A block from ``begin`` of size ``size`` (-1: the rest)."""
    begin = context.integers(operator, 1, "begin")
    size = context.integers(operator, 2, "size")
    shape = context.tensor(operator, 0).static_shape
    if not len(begin) == len(size) == len(shape) or min((*begin, 0)) < 0 or min((*size, 0)) < -1:
        raise context.refusal(operator, f"it takes {size} from {begin} of {list(shape)}")
    slices = tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begin, size, strict=True))
    _take(operator, context, 0, slices)


def _take(
    operator: Operator,
    context: TfliteContext,
    position: int,
    slices: tuple[slice, ...],
    output: int = 0,
    dropped: Sequence[int] = (),
) -> None:
    """Writes ``input[slices]``, without the dropped axes, to one of the operator's outputs."""
    source = context.operand(operator, position)
    shape = context.tensor(operator, position).static_shape
    layout, sizes = sliced(shape, slices)
    context.expect_one_dtype(operator, position)
    kept = [size for axis, size in enumerate(sizes) if axis not in dropped]
    context.expect_shape(operator, kept, output)
    if not isinstance(source, int):
        context.alias_output(operator, np.ascontiguousarray(source[slices]), output)
    elif is_identity(sizes, layout, dense(shape)) and sizes == shape:
        context.alias_output(operator, source, output)
    else:
        target = context.new_output(operator, output)
        copy(context.builder, source, layout, target, dense(sizes), sizes)


def lower_split(operator: Operator, context: TfliteContext) -> None:
    """Equal parts along an axis (SPLIT: axis first)."""
    (axis,) = context.integers(operator, 0, "axis")
    _split(operator, context, position=1, axis=axis)


def lower_split_v(operator: Operator, context: TfliteContext) -> None:
    """Parts of given sizes along an axis."""
    (axis,) = context.integers(operator, 2, "axis")
    _split(operator, context, position=0, axis=axis)


def _split(operator: Operator, context: TfliteContext, position: int, axis: int) -> None:
    _expect_count(operator, context, "num_splits")
    whole = context.tensor(operator, position).static_shape
    axis = context.axis(operator, axis, len(whole))
    at = 0
    for index in range(len(operator.outputs)):
        size = (*context.output(operator, index).static_shape[axis : axis + 1], 0)[0]
        slices = (slice(None),) * axis + (slice(at, at + size),)
        _take(operator, context, position, slices, index)
        at += size
    if at != whole[axis]:
        raise context.refusal(operator, f"its parts take {at} of {whole[axis]} along axis {axis}")


def _expect_count(operator: Operator, context: TfliteContext, option: str) -> None:
    """The option says how many outputs there are."""
    n = len(operator.outputs)
    if operator.attributes.get(option, n) != n:
        said = operator.attributes[option]
        raise context.refusal(operator, f"it has {n} outputs but its {option} is {said}")


def lower_pack(operator: Operator, context: TfliteContext) -> None:
    """Inputs side by side along a new axis."""
    operands = [context.operand(operator, i) for i in range(len(operator.inputs))]
    shape = context.output(operator).static_shape
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), len(shape))
    context.expect_one_dtype(operator, *range(len(operands)))
    parts = {context.tensor(operator, i).static_shape for i in range(len(operands))}
    count = operator.attributes.get("values_count", len(operands))
    if count != len(operands):
        raise context.refusal(operator, f"it packs {len(operands)} values but says {count}")
    if parts != {shape[:axis] + shape[axis + 1 :]} or shape[axis] != len(operands):
        raise context.refusal(operator, f"it packs {sorted(parts)} into {list(shape)}")
    if not any(isinstance(operand, int) for operand in operands):
        arrays = [np.asarray(operand) for operand in operands]
        context.alias_output(operator, np.stack(arrays, axis))
        return
    target = context.new_output(operator)
    strides = dense_strides(shape)
    without = strides[:axis] + strides[axis + 1 :]
    sizes = shape[:axis] + shape[axis + 1 :]
    for index, operand in enumerate(operands):
        place = Layout(without, index * strides[axis])
        copy(context.builder, operand, dense(sizes), target, place, sizes)


def lower_unpack(operator: Operator, context: TfliteContext) -> None:
    """The slices along an axis, one an output."""
    shape = context.tensor(operator, 0).static_shape
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), len(shape))
    _expect_count(operator, context, "num")
    if shape[axis] != len(operator.outputs):
        raise context.refusal(
            operator, f"it has {len(operator.outputs)} outputs for {shape[axis]} slices"
        )
    for index in range(len(operator.outputs)):
        slices = (slice(None),) * axis + (slice(index, index + 1),)
        _take(operator, context, 0, slices, index, dropped=[axis])


def lower_shape(operator: Operator, context: TfliteContext) -> None:
    """A constant, since every shape is known."""
    shape = context.tensor(operator, 0).static_shape
    dtype = context.output(operator).dtype.value
    context.alias_output(operator, np.array(shape, dtype))


TABLE: LoweringTable = {
    "RESHAPE": lowering(lower_reshape, *RESHAPED, max_version=1),
    "SQUEEZE": lowering(lower_reshape, *RESHAPED, max_version=2),
    "EXPAND_DIMS": lowering(lower_reshape, *RESHAPED, max_version=1),
    "TRANSPOSE": lowering(lower_transpose, *RESHAPED, max_version=4),
    "CONCATENATION": lowering(lower_concatenation, *RESHAPED, max_version=3),
    "PAD": lowering(lower_pad, *MOVED, max_version=4),
    "PADV2": lowering(lower_pad, *MOVED, max_version=4),
    "STRIDED_SLICE": lowering(lower_strided_slice, *RESHAPED, max_version=8),
    "SLICE": lowering(lower_slice, *RESHAPED, max_version=5),
    "SPLIT": lowering(lower_split, *MOVED, max_version=4),
    "SPLIT_V": lowering(lower_split_v, *MOVED, max_version=2),
    "PACK": lowering(lower_pack, *MOVED, max_version=3),
    "UNPACK": lowering(lower_unpack, *RESHAPED, max_version=4),
    "SHAPE": lowering(lower_shape, *RESHAPED, max_version=1),
}
