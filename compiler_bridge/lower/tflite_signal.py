"""TFLM's custom operators for the features of speech, in integers.

SignalWindow, SignalFftAutoScale, SignalRfft, SignalEnergy, SignalFilterBank,
SignalFilterBankSquareRoot, SignalFilterBankSpectralSubtraction, SignalPCAN, SignalFilterBankLog.
"""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_custom import custom_option
from fitgraph.compiler_bridge.lower.tflite_state import reset_to
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

LARGEST_FFT = 4096
INT16_TYPE = 7  # TFLite's name for int16, in the option T
_GAIN_TABLE = 125  # pieces of four numbers, as far as 32 bits go
_SEGMENTS = 128


def _expect(
    operator: Operator, context: TfliteContext, reads: list[DType], writes: list[DType]
) -> None:
    """The dtypes of all that is read and written."""
    tensors = [context.tensor(operator, i).dtype for i in range(len(reads))]
    tensors += [context.output(operator, i).dtype for i in range(len(writes))]
    if tensors != [*reads, *writes]:
        raise context.refusal(operator, f"its tensors are {' and '.join(map(str, tensors))}")


def lower_window(operator: Operator, context: TfliteContext) -> None:
    """Each frame times the same window."""
    _expect(operator, context, [DType.INT16, DType.INT16], [DType.INT16])
    n_all, n = (context.tensor(operator, i).n_elements for i in (0, 1))
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    if n == 0 or n_all % n:
        raise context.refusal(operator, f"{n_all} samples are no frames of {n}")
    shift = custom_option(operator, context, "shift", 0, 31)
    fields: dict[str, Field] = {"frames": n_all // n, "n": n, "shift": shift}
    inputs = (context.operand(operator, 0), context.operand(operator, 1))
    context.builder.step("signal_window", fields, inputs, context.new_output(operator))


def lower_auto_scale(operator: Operator, context: TfliteContext) -> None:
    """Two outputs: the samples, and by how many bits they were shifted."""
    _expect(operator, context, [DType.INT16], [DType.INT16, DType.INT32])
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    context.expect_shape(operator, (), 1)
    fields: dict[str, Field] = {"n": context.tensor(operator, 0).n_elements}
    inputs = (context.operand(operator, 0),)
    value, bits = context.new_output(operator), context.new_output(operator, 1)
    context.builder.step("signal_auto_scale", fields, inputs, value, also=(bits,))


def lower_fft(operator: Operator, context: TfliteContext) -> None:
    """Of as many samples as a power of two; a shorter frame is filled up with zeros."""
    _expect(operator, context, [DType.INT16], [DType.INT16])
    length = custom_option(operator, context, "fft_length", 4, LARGEST_FFT)
    shape = context.tensor(operator, 0).static_shape
    half = length // 2
    is_known = length & (length - 1) == 0 and shape and 0 < shape[-1] <= length
    if not is_known or custom_option(operator, context, "T", 0, 127) != INT16_TYPE:
        raise context.refusal(operator, f"its length is {length} for {list(shape)}")
    context.expect_shape(operator, (*shape[:-1], length + 2))
    factors = _factors(half)
    fields: dict[str, Field] = {
        "place": _places(factors),
        "turn": _turns(-2 * math.pi * np.arange(half) / half),
        "split": _turns(-math.pi * (np.arange(1, half // 2 + 1) / half + 0.5)),
        "frames": math.prod(shape[:-1]),
        "n": shape[-1],
        "half": half,
        "n_factors": len(factors),
        "factors": tuple(factors + [0] * (10 - len(factors))),
    }
    inputs = (context.operand(operator, 0),)
    work = context.builder.value("spectrum", (2 * half,), DType.INT16)
    context.builder.step(
        "signal_fft_s16", fields, inputs, context.new_output(operator), also=(work,)
    )


def _factors(half: int) -> list[int]:
    """As many fours as there are, then a two."""
    n_bits = half.bit_length() - 1
    return [4] * (n_bits // 2) + [2] * (n_bits % 2)


def _places(factors: list[int]) -> Array:
    """Which sample each place of the first stage reads: the digits of the place turned around."""
    places = np.zeros(1, np.int64)
    stride = 1
    parts = []
    for factor in factors:
        parts.append((factor, stride))
        stride *= factor
    for factor, step in reversed(parts):
        places = np.concatenate([places + digit * step for digit in range(factor)])
    return places.astype(np.int16)


def _turns(phases: Array) -> Array:
    """Cosine and sine by turns, in 15 bits."""
    pairs = np.stack([np.cos(phases), np.sin(phases)], axis=1)
    return np.floor(0.5 + 32767 * pairs).astype(np.int16).reshape(-1)


def lower_energy(operator: Operator, context: TfliteContext) -> None:
    """Of pairs of a real and an imaginary part."""
    _expect(operator, context, [DType.INT16], [DType.UINT32])
    n = context.output(operator).n_elements
    if context.tensor(operator, 0).n_elements != 2 * n:
        raise context.refusal(operator, f"its input is no {n} complex numbers")
    fields: dict[str, Field] = {
        "n": n,
        "first": custom_option(operator, context, "start_index", 0, n),
        "last": custom_option(operator, context, "end_index", 0, n),
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("signal_energy", fields, inputs, context.new_output(operator))


def lower_filter_bank(operator: Operator, context: TfliteContext) -> None:
    """Weights and where they lie are constants."""
    _expect(operator, context, [DType.UINT32, *[DType.INT16] * 5], [DType.UINT64])
    n = custom_option(operator, context, "num_channels", 1, 2**15 - 2)
    context.expect_shape(operator, (n,))
    names = ("weight", "rest", "first", "start", "width")
    tables = {
        name: context.constant(operator, i, f"table {i}").reshape(-1)
        for i, name in enumerate(names, start=1)
    }
    first, start, width = (tables[name].astype(np.int64) for name in names[2:])
    size = context.tensor(operator, 0).n_elements
    if {first.size, start.size, width.size} != {n + 1} or min(first.min(), start.min()) < 0:
        raise context.refusal(operator, f"its tables do not tell of {n} channels")
    short = min(tables["weight"].size, tables["rest"].size)
    used = width > 0
    if ((first + width)[used] > size).any() or ((start + width)[used] > short).any():
        raise context.refusal(operator, "its channels reach beyond their frequencies")
    inputs = (context.operand(operator, 0),)
    fields: dict[str, Field] = {**tables, "n": n}
    context.builder.step("signal_filter_bank", fields, inputs, context.new_output(operator))


def lower_square_root(operator: Operator, context: TfliteContext) -> None:
    """The number of bits is computed."""
    _expect(operator, context, [DType.UINT64, DType.INT32], [DType.UINT32])
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    fields: dict[str, Field] = {"n": context.tensor(operator, 0).n_elements}
    inputs = (context.operand(operator, 0), context.operand(operator, 1))
    context.builder.step("signal_square_root", fields, inputs, context.new_output(operator))


def lower_subtraction(operator: Operator, context: TfliteContext) -> None:
    """The estimate of the noise stays from one inference to the next."""
    _expect(operator, context, [DType.UINT32], [DType.UINT32, DType.UINT32])
    n = custom_option(operator, context, "num_channels", 1, 2**15)
    for position in (0, 1):
        context.expect_shape(operator, (n,), position)
    if context.tensor(operator, 0).n_elements != n:
        raise context.refusal(operator, f"its input has not {n} channels")
    largest = 2**31 - 1

    def option(name: str, high: int = largest) -> int:
        return custom_option(operator, context, name, 0, high)

    fields: dict[str, Field] = {
        "n": n,
        "input_bits": option("smoothing_bits", 31),
        "bits": option("spectral_subtraction_bits", 63),
        "clamping": option("clamping", 1),
        "smoothing": (option("smoothing"), option("alternate_smoothing")),
        "keeping": (option("one_minus_smoothing"), option("alternate_one_minus_smoothing")),
        "least": option("min_signal_remaining"),
    }
    kept = context.builder.value(
        f"{context.builder.label} noise", (n,), DType.UINT32, is_state=True
    )
    reset_to(context, kept, np.zeros((), np.uint32))
    inputs = (context.operand(operator, 0),)
    value, noise = context.new_output(operator), context.new_output(operator, 1)
    context.builder.step("signal_subtract_noise", fields, inputs, value, also=(noise, kept))


def lower_gain(operator: Operator, context: TfliteContext) -> None:
    """By the noise of each channel."""
    _expect(operator, context, [DType.UINT32, DType.UINT32, DType.INT16], [DType.UINT32])
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    n, table = context.tensor(operator, 0).n_elements, context.tensor(operator, 2)
    if context.tensor(operator, 1).n_elements != n or table.n_elements < _GAIN_TABLE:
        raise context.refusal(operator, f"its table has {table.n_elements} numbers")
    shift = custom_option(operator, context, "snr_shift", 0, 63)
    inputs = tuple(context.operand(operator, i) for i in range(3))
    fields: dict[str, Field] = {"n": n, "shift": shift}
    context.builder.step("signal_gain", fields, inputs, context.new_output(operator))


def lower_log(operator: Operator, context: TfliteContext) -> None:
    """By a table of 128 segments of an octave."""
    _expect(operator, context, [DType.UINT32], [DType.INT16])
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    at = np.arange(_SEGMENTS + 1) / _SEGMENTS
    table = np.rint(65536 * (np.log2(1 + at) - at)).astype(np.int16)
    fields: dict[str, Field] = {
        "table": np.append(table, np.int16(0)),
        "n": context.tensor(operator, 0).n_elements,
        "scale": custom_option(operator, context, "output_scale", 0, 2**31 - 1),
        "bits": custom_option(operator, context, "input_correction_bits", 0, 31),
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("signal_log", fields, inputs, context.new_output(operator))


TABLE: LoweringTable = {
    f"CUSTOM:Signal{name}": lowering(lower, dtype, max_version=1)
    for name, lower, dtype in (
        ("Window", lower_window, DType.INT16),
        ("FftAutoScale", lower_auto_scale, DType.INT16),
        ("Rfft", lower_fft, DType.INT16),
        ("Energy", lower_energy, DType.UINT32),
        ("FilterBank", lower_filter_bank, DType.UINT64),
        ("FilterBankSquareRoot", lower_square_root, DType.UINT32),
        ("FilterBankSpectralSubtraction", lower_subtraction, DType.UINT32),
        ("PCAN", lower_gain, DType.UINT32),
        ("FilterBankLog", lower_log, DType.INT16),
    )
}
