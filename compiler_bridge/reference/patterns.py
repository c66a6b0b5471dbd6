"""Where the graph says, with QuantizeLinear and DequantizeLinear, that integers are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.affine import Affine, Quantized, quantize
from fitgraph.compiler_bridge.reference.kernels_elementwise import clamp_bounds
from fitgraph.compiler_bridge.reference.kernels_qdq import affine_of_node

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.reference.execution import Execution
    from fitgraph.compiler_bridge.reference.node import Array

QDQ_DOMAINS = frozenset({"ai.onnx", "com.microsoft"})


@dataclass(frozen=True, slots=True, eq=False)
class Sink:
    """The QuantizeLinear that alone consumes a result, perhaps behind one Relu or Clip.

    Attributes:
        affine: what it quantizes to.
        lowest: smallest integer that the Relu or Clip lets through, or None.
        highest: largest, or None.
        output: the integer tensor that it makes.
        covered: positions of the QuantizeLinear and of the Relu or Clip.
    """

    affine: Affine
    lowest: int | None
    highest: int | None
    output: int
    covered: tuple[int, ...]

    def clamp(self, integers: Array) -> Array:
        """Apply the Relu or Clip to the quantized values."""
        if self.lowest is None and self.highest is None:
            return integers
        return np.clip(integers, self.lowest, self.highest).astype(integers.dtype)


def quantized_source(run: Execution, tensor: int | None) -> Quantized | None:
    """The integers behind a tensor, if it is no more than integers with a scale."""
    return None if tensor is None else run.integers.get(tensor)


def activation_source(run: Execution, tensor: int | None) -> Quantized | None:
    """Like `quantized_source`, for a tensor that must be quantized per tensor."""
    source = quantized_source(run, tensor)
    return source if source is not None and source.affine.is_per_tensor else None


def narrow_source(run: Execution, tensor: int | None) -> Quantized | None:
    """Like `activation_source`, for a tensor of 8 bits."""
    source = activation_source(run, tensor)
    return source if source is not None and source.values.dtype.itemsize == 1 else None


def weights_source(run: Execution, tensor: int | None) -> Quantized | None:
    """Like `quantized_source`, for a tensor of 8 bits."""
    source = quantized_source(run, tensor)
    return source if source is not None and source.values.dtype.itemsize == 1 else None


def direct_sink(run: Execution, tensor: int) -> Sink | None:
    """The QuantizeLinear that is the tensor's only consumer."""
    position = run.only_consumer(tensor)
    if position is None or not _is(run, position, "QuantizeLinear"):
        return None
    operator = run.operator(position)
    if any(i not in run.values for i in operator.inputs[1:] if i is not None):
        return None
    node = run.node_with(position, tensor, np.zeros(0, dtype=np.float32))
    affine = affine_of_node(node)
    if not affine.is_per_tensor:
        return None
    return Sink(affine, None, None, operator.outputs[0], (position,))


def sink(run: Execution, tensor: int) -> Sink | None:
    """The QuantizeLinear behind the tensor, directly or through one Relu or Clip."""
    position = run.only_consumer(tensor)
    if position is None or not (_is(run, position, "Relu") or _is(run, position, "Clip")):
        return direct_sink(run, tensor)
    clamp = run.operator(position)
    found = direct_sink(run, clamp.outputs[0])
    bounds = [i for i in clamp.inputs[1:] if i is not None]
    if found is None or not all(run.is_constant(i) and i in run.values for i in bounds):
        return None
    node = run.node_with(position, tensor, np.zeros(0, dtype=np.float32))
    lowest, highest = (_as_integer(bound, found.affine) for bound in clamp_bounds(node))
    return Sink(found.affine, lowest, highest, found.output, (position, *found.covered))


def _as_integer(bound: Array | None, affine: Affine) -> int | None:
    return None if bound is None else int(quantize(np.asarray(bound), affine))


def _is(run: Execution, position: int, op_type: str) -> bool:
    operator = run.operator(position)
    return operator.op_type == op_type and operator.domain in QDQ_DOMAINS
