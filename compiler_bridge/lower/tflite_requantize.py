"""Requantization of TFLite layers: effective scales as fixed-point multipliers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext, int8_bounds
from fitgraph.registry.model_graph import Operator, Quantization


def requantization(
    context: TfliteContext, operator: Operator, scales: Iterable[float], output: Quantization
) -> Mapping[str, Any]:
    """The ``fg_requant`` fields for effective scales, one for all channels or one each."""
    pairs = [quantize_multiplier(scale) for scale in scales]
    low, high = int8_bounds(context, operator, output)
    return {
        "multiplier": np.array([multiplier for multiplier, _ in pairs], np.int32),
        "shift": np.array([shift for _, shift in pairs], np.int8),
        "step": 0 if len(pairs) == 1 else 1,
        "zero_point": output.zero_point,
        "low": low,
        "high": high,
    }


def channel_scales(source: Quantization, weights: Quantization, out: Quantization) -> list[float]:
    """Effective scales of a convolution, in float64 as TFLite computes them."""
    return [source.scale * scale / out.scale for scale in weights.scales]


def tensor_scale(source: Quantization, weights: Quantization, out: Quantization) -> list[float]:
    """Effective scale of a per-tensor fully connected layer.

    TFLite multiplies the two scales in float32 and divides in float64
    (``GetQuantizedConvolutionMultipler``).
    """
    product = np.float32(source.scale) * np.float32(weights.scale)
    return [float(product) / out.scale]
