"""TFLM's custom operators that remember samples from one inference to the next.

CIRCULAR_BUFFER, SignalDelay, SignalFramer, SignalStacker, SignalOverlapAdd.
"""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_custom import custom_option
from fitgraph.compiler_bridge.lower.tflite_state import reset_to
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

LARGEST = 2**31 - 1
# Slots for which TFLM, where the file is silent, runs what follows in each inference.
_SLOTS_OF_EACH_CYCLE = (5, 13, 25)
_OVERLAP_TYPES = {DType.FLOAT32: 0, DType.INT16: 7}  # TFLite's numbers, in the option T


def _kept(context: TfliteContext, n: int, dtype: DType, element: int = 0) -> int:
    """A state of so many elements, all alike at the start."""
    value = context.builder.value(f"{context.builder.label} kept", (n,), dtype, is_state=True)
    reset_to(context, value, np.full((), element, dtype.value))
    return value


def _rows(operator: Operator, context: TfliteContext) -> tuple[int, int]:
    """Rows of int16 samples, and the samples of each."""
    source = context.tensor(operator, 0)
    shape = source.static_shape
    if source.dtype is not DType.INT16 or not shape:
        raise context.refusal(operator, f"its input is {source.dtype} {list(shape)}")
    return math.prod(shape[:-1]), shape[-1]


def lower_circular_buffer(operator: Operator, context: TfliteContext) -> None:
    """The output is the state: its first slot falls out, the input becomes the last."""
    context.expect_one_dtype(operator, 0)
    shape = context.output(operator).static_shape
    batch, one, *slot = context.tensor(operator, 0).static_shape or (0, 0)
    if len(shape) != 4 or (batch, one) != (1, 1) or (shape[0], *shape[2:]) != (1, *slot):
        raise context.refusal(operator, f"it fills {list(shape)} by {[batch, one, *slot]}")
    cycles = custom_option(operator, context, "cycles_max", 0, LARGEST, default=0)
    if cycles > 1 or (cycles == 0 and shape[1] not in _SLOTS_OF_EACH_CYCLE):
        raise context.refusal(operator, "it lets what follows run in some inferences only")
    n = math.prod(slot)
    # TFLM sets variables to what stands for zero.
    zero = context.quantization(operator, context.output(operator)).zero_point
    kept = _kept(context, shape[1] * n, DType.INT8, zero)
    fields: dict[str, Field] = {"kept_bytes": (shape[1] - 1) * n, "new_bytes": n}
    context.builder.step("slide", fields, (context.operand(operator, 0),), kept)
    context.alias_output(operator, kept)


def lower_delay(operator: Operator, context: TfliteContext) -> None:
    """By so many samples."""
    rows, n = _rows(operator, context)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    delay = custom_option(operator, context, "delay_length", 0, LARGEST)
    if delay == 0:
        context.alias_output(operator, context.operand(operator, 0))
        return
    fields: dict[str, Field] = {"rows": rows, "n": n, "delay": delay}
    inputs = (context.operand(operator, 0),)
    kept = _kept(context, rows * delay, DType.INT16)
    context.builder.step("signal_delay", fields, inputs, context.new_output(operator), also=(kept,))


def lower_framer(operator: Operator, context: TfliteContext) -> None:
    """Two outputs: the frames, and whether there were samples enough."""
    rows, n = _rows(operator, context)
    size = custom_option(operator, context, "frame_size", 1, LARGEST)
    step = custom_option(operator, context, "frame_step", 1, LARGEST)
    starts_full = custom_option(operator, context, "prefill", 0, 1, default=0)
    if n % step or (starts_full and size < step):
        raise context.refusal(operator, f"it cuts {n} samples into {size} every {step}")
    frames = n // step
    _expect_frames(operator, context, rows * frames * size)
    window = size if starts_full else -(-size // step) * step
    fields: dict[str, Field] = {
        "rows": rows,
        "frames": frames,
        "step": step,
        "size": size,
        "window": window,
    }
    kept = _kept(context, rows * window, DType.INT16)
    filled = _kept(context, 1, DType.INT32, window - step if starts_full else 0)
    inputs = (context.operand(operator, 0),)
    value, valid = context.new_output(operator), context.new_output(operator, 1)
    context.builder.step("signal_frames", fields, inputs, value, also=(valid, kept, filled))


def _expect_frames(operator: Operator, context: TfliteContext, n: int) -> None:
    """So many int16 samples, and a truth."""
    context.expect_elements(operator, n)
    context.expect_shape(operator, (), 1)
    dtypes = (context.output(operator).dtype, context.output(operator, 1).dtype)
    if dtypes != (DType.INT16, DType.BOOL):
        raise context.refusal(operator, f"its outputs are {' and '.join(dtypes)}")


def lower_stacker(operator: Operator, context: TfliteContext) -> None:
    """Two outputs: the frames in a row, and whether there are as many."""
    rows, n = _rows(operator, context)
    before = custom_option(operator, context, "stacker_left_context", 0, LARGEST)
    frames = before + 1 + custom_option(operator, context, "stacker_right_context", 0, LARGEST)
    step = custom_option(operator, context, "stacker_step", 1, frames)
    if rows != 1 or custom_option(operator, context, "num_channels", 1, LARGEST) != n:
        raise context.refusal(operator, f"its frames have {n} channels")
    _expect_frames(operator, context, n * frames)
    fields: dict[str, Field] = {"n": n, "frames": frames, "before": before, "step": step}
    kept = _kept(context, n * frames, DType.INT16)
    filled = _kept(context, 1, DType.INT32, -1)
    inputs = (context.operand(operator, 0),)
    value, valid = context.new_output(operator), context.new_output(operator, 1)
    context.builder.step("signal_stack", fields, inputs, value, also=(valid, kept, filled))


def lower_overlap_add(operator: Operator, context: TfliteContext) -> None:
    """In int16, which saturates, or in float32."""
    context.expect_one_dtype(operator, 0)
    source = context.tensor(operator, 0)
    shape = source.static_shape
    kind = custom_option(operator, context, "T", 0, LARGEST)
    if len(shape) < 2 or kind != _OVERLAP_TYPES[source.dtype]:
        raise context.refusal(operator, f"its input is {source.dtype} {list(shape)}, its T {kind}")
    *outer, frames, size = shape
    step = custom_option(operator, context, "frame_step", 1, size)
    context.expect_shape(operator, (*outer, frames * step))
    rows = math.prod(outer)
    kernel = "signal_overlap_s16" if source.dtype is DType.INT16 else "signal_overlap_f32"
    fields: dict[str, Field] = {"rows": rows, "frames": frames, "size": size, "step": step}
    kept = _kept(context, rows * size, source.dtype)
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator), also=(kept,))


TABLE: LoweringTable = {
    "CUSTOM:CIRCULAR_BUFFER": lowering(lower_circular_buffer, DType.INT8, max_version=1),
    "CUSTOM:SignalDelay": lowering(lower_delay, DType.INT16, max_version=1),
    "CUSTOM:SignalFramer": lowering(lower_framer, DType.INT16, max_version=1),
    "CUSTOM:SignalStacker": lowering(lower_stacker, DType.INT16, max_version=1),
    "CUSTOM:SignalOverlapAdd": lowering(
        lower_overlap_add, DType.INT16, DType.FLOAT32, max_version=1
    ),
}
