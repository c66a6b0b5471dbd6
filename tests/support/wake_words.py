"""The wake-word models that pymicro-wakeword brings, and sound for them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pymicro_wakeword import MicroWakeWordFeatures

from fitgraph.registry.model_graph import ModelGraph
from tests.support.qdq_graphs import Array

SAMPLE_RATE_HZ = 16_000


def wake_words() -> list[Path]:
    """All model files of the installed package."""
    package = find_spec("pymicro_wakeword")
    assert package is not None
    assert package.origin is not None
    return sorted((Path(package.origin).parent / "models").glob("*.tflite"))


def chirp_features(seconds: float) -> Array:
    """Mel features of a tone that rises and swells, float32 of shape (windows, 40)."""
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tone = np.sin(2 * np.pi * (200 + 900 * time) * time) * np.sin(np.pi * time / seconds)
    audio = (tone * 20_000).astype(np.int16)
    windows = list(MicroWakeWordFeatures().process_streaming(audio.tobytes()))
    features: Array = np.concatenate(windows, axis=1)[0]
    return features


def chirp_inputs(graph: ModelGraph, seconds: float = 1.0) -> list[list[Array]]:
    """Inputs of consecutive inferences of a streaming model that hears the chirp."""
    entry = graph.tensor(graph.inputs[0])
    assert entry.quantization is not None
    shape = entry.static_shape
    features = chirp_features(seconds)
    quantized = np.round(features / entry.quantization.scale + entry.quantization.zero_point)
    values = quantized.clip(-128, 127).astype(np.int8)
    step = shape[1]
    return [
        [values[start : start + step].reshape(shape)]
        for start in range(0, len(values) - step + 1, step)
    ]
