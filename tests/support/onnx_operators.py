"""Collects ONNX operators whose outputs are a model's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.support.qdq_graphs import Array, OnnxGraph

OPSET = 21


class Operators:
    """Collects operators, each of inputs of its own."""

    def __init__(self) -> None:
        self.graph = OnnxGraph(opset=OPSET)
        self.random = np.random.default_rng(23)
        self.outputs: dict[str, str] = {}

    def real(self, *shape: int) -> Array:
        value: Array = self.random.standard_normal(shape).astype(np.float32)
        return value

    def input(self, *shape: int) -> str:
        return self.graph.input(self.real(*shape))

    def node(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> None:
        """Adds an operator whose output is the model's."""
        output = self.graph.node(op_type, inputs, **attributes)
        self.outputs[output] = f"{op_type} {attributes}"

    def nodes(self, op_type: str, inputs: Sequence[str], n: int, **attributes: Any) -> None:
        """Adds an operator with several outputs, all of them the model's."""
        self.node(op_type, inputs, **attributes)
        (first,) = self.graph.nodes[-1].output
        for position in range(1, n):
            more = f"{first}.{position}"
            self.graph.nodes[-1].output.append(more)
            self.outputs[more] = f"{op_type} {attributes} output {position}"
