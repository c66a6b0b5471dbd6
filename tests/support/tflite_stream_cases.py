"""Random operators of TFLM that remember samples; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.tflite_case import Case, Draw
from tests.support.tflite_float_cases import real_input
from tests.support.tflite_int16_cases import int16
from tests.support.tflite_signal_cases import options

FLOAT_TYPE, INT16_TYPE = 0, 7


def circular_buffer(case: Case) -> None:
    slots, width, depth = case.between(1, 6), case.between(1, 3), case.between(1, 5)
    case.label = f"CIRCULAR_BUFFER {slots} x {width} x {depth}"
    scale = case.scale()
    x = case.source((1, 1, width, depth), scale)
    kept = case.graph.tensor((1, slots, width, depth), "int8", scale, is_variable=True)
    case.graph.node("CUSTOM:CIRCULAR_BUFFER", [x], [kept], custom=options(cycles_max=1))
    y = case.result((1, slots * width * depth), scale)
    shape = case.graph.numbers([1, slots * width * depth])
    case.graph.node("RESHAPE", [kept, shape], [y])


def delay(case: Case) -> None:
    rows, n, length = case.between(1, 2), case.between(1, 12), case.between(1, 30)
    case.label = f"SignalDelay {rows} x {n} by {length}"
    x = case.graph.input(int16(case, (rows, n)), None)
    y = case.result((rows, n), None, "int16")
    case.graph.node("CUSTOM:SignalDelay", [x], [y], custom=options(delay_length=length))


def framer(case: Case) -> None:
    rows, frames, step = case.between(1, 2), case.between(1, 3), case.between(1, 6)
    size, starts_full = case.between(1, 15), case.chance(0.5)
    size = max(size, step) if starts_full else size
    case.label = f"SignalFramer {rows} x {frames}, {size} every {step}, {starts_full}"
    x = case.graph.input(int16(case, (rows, frames * step)), None)
    custom = options(frame_size=size, frame_step=step, prefill=starts_full)
    _where_valid(case, "CUSTOM:SignalFramer", x, (rows, frames, size), custom)


def stacker(case: Case) -> None:
    n, before, after = case.between(1, 6), case.between(0, 4), case.between(0, 3)
    step = case.between(1, before + after + 1)
    case.label = f"SignalStacker {n}, {before} before, {after} after, every {step}"
    x = case.graph.input(int16(case, (n,)), None)
    custom = options(
        num_channels=n, stacker_left_context=before, stacker_right_context=after, stacker_step=step
    )
    _where_valid(case, "CUSTOM:SignalStacker", x, (n * (before + after + 1),), custom)


def _where_valid(case: Case, op_type: str, x: int, shape: Sequence[int], custom: bytes) -> None:
    """Values that the operator says are none are undefined; they become zeros."""
    found = case.graph.tensor(shape, "int16")
    valid = case.result((), None, "bool")
    case.graph.node(op_type, [x], [found, valid], custom=custom)
    zeros = case.graph.tensor(shape, "int16", value=np.zeros(shape, np.int16))
    y = case.result(shape, None, "int16")
    case.graph.node("SELECT_V2", [valid, found, zeros], [y], "SelectV2Options", {})


def overlap_add(case: Case) -> None:
    rows, frames, size = case.between(1, 2), case.between(1, 3), case.between(1, 12)
    step, is_float = case.between(1, size), case.chance(0.4)
    case.label = f"SignalOverlapAdd {rows} x {frames} x {size} every {step}, float {is_float}"
    shape, dtype = (rows, frames, size), "float32" if is_float else "int16"
    x = real_input(case, shape) if is_float else case.graph.input(int16(case, shape), None)
    y = case.result((rows, frames * step), None, dtype)
    custom = options(T=FLOAT_TYPE if is_float else INT16_TYPE, frame_step=step)
    case.graph.node("CUSTOM:SignalOverlapAdd", [x], [y], custom=custom)


STREAM_DRAWS: Sequence[Draw] = (circular_buffer, delay, framer, stacker, overlap_add)
