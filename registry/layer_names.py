"""Layers as describers spell them, beside the operators of TFLite."""

from __future__ import annotations

import re


def operator_types(layers: str) -> tuple[str, ...]:
    """TFLite operators of layer types, separated by spaces: ``CONV_2D`` for ``Conv2D``."""
    return tuple(_operator(word) for word in layers.split())


def _operator(layer: str) -> str:
    """``DEPTHWISE_CONV_2D`` of ``DepthwiseConv2D``."""
    name = layer.replace("Avg", "Average")
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "_", name).upper()
