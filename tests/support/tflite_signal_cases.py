"""Random operators of TFLM's signal library; as in ``tflite_cases``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flatbuffers import flexbuffers

from tests.support.tflite_case import Case, Draw
from tests.support.tflite_int16_cases import int16


def options(**values: int) -> bytes:
    """As TFLite custom operators have them."""
    return bytes(flexbuffers.Dumps(values))


def spectrum(case: Case) -> None:
    length = 2 ** case.between(2, 10)
    n, frames = case.between(1, length), case.between(1, 2)
    case.label = f"SignalRfft {frames} x {n} of {length}"
    loudness = case.pick([1, 16, 1024])
    x = case.graph.input(int16(case, (frames, n)) // np.int16(loudness), None)
    y = case.result((frames, length + 2), None, "int16")
    case.graph.node("CUSTOM:SignalRfft", [x], [y], custom=options(T=7, fft_length=length))


def window(case: Case) -> None:
    n, frames, shift = case.between(1, 40), case.between(1, 3), case.between(0, 15)
    case.label = f"SignalWindow {frames} x {n} by {shift}"
    x = case.graph.input(int16(case, (frames, n)), None)
    weights = case.graph.tensor((n,), "int16", value=int16(case, (n,)))
    y = case.result((frames, n), None, "int16")
    case.graph.node("CUSTOM:SignalWindow", [x, weights], [y], custom=options(shift=shift))


def loudness(samples: np.ndarray, kind: str) -> np.ndarray:
    """Samples as a microphone gives them; clipped ones hold -32768, which has no positive twin."""
    factor = {"loud": 1, "quiet": 1024, "silent": 32768, "clipped": 1}[kind]
    quieter = np.trunc(samples / factor).astype(np.int16)
    if kind == "clipped":
        quieter[:: max(1, len(quieter) // 3)] = np.iinfo(np.int16).min
    return quieter


def auto_scale(case: Case) -> None:
    n, kind = case.between(1, 40), case.pick(["loud", "quiet", "silent", "clipped"])
    case.label = f"SignalFftAutoScale {n} {kind}"
    x = case.graph.input(loudness(int16(case, (n,)), kind), None)
    outputs = [case.result((n,), None, "int16"), case.result((), None, "int32")]
    case.graph.node("CUSTOM:SignalFftAutoScale", [x], outputs)


SIGNAL_DRAWS: Sequence[Draw] = (spectrum, window, auto_scale)
