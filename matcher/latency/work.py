"""The work of an inference by kind of operator: what a latency is told from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from fitgraph.registry.model_graph import ModelGraph, Operator
from fitgraph.registry.operator_runs import OperatorRun, operator_runs

_CONVOLUTIONS: Final = frozenset(
    {"CONV_2D", "Conv", "FusedConv", "ConvInteger", "QLinearConv", "CONV_3D"}
)
_DENSE: Final = frozenset(
    {
        "FULLY_CONNECTED", "BATCH_MATMUL", "Gemm", "QGemm", "MatMul", "MatMulInteger",
        "QLinearMatMul",
    }
)  # fmt: skip
# They move no data, or none that kernels touch one by one.
_FREE: Final = frozenset({"RESHAPE", "Reshape", "SQUEEZE", "Squeeze", "EXPAND_DIMS", "Unsqueeze"})


@dataclass(frozen=True, slots=True)
class Work:
    """What an inference does.

    Attributes:
        convolution: multiply-accumulates of convolutions over all channels.
        narrow: the same where the input's channels do not go by four, as in most first layers.
        depthwise: multiply-accumulates of convolutions of each channel by itself, by four.
        dense: multiply-accumulates of fully connected layers and products of matrices.
        other: multiply-accumulates of which the kind is not known, or not published.
        outputs: values that operators write.
        operators: kernel calls.
    """

    convolution: int = 0
    narrow: int = 0
    depthwise: int = 0
    dense: int = 0
    other: int = 0
    outputs: int = 0
    operators: int = 0

    @property
    def macs(self) -> int:
        """Of all kinds."""
        return self.convolution + self.narrow + self.depthwise + self.dense + self.other

    def plus(self, more: Work) -> Work:
        """Both together."""
        return Work(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(self)))


def work_of(graph: ModelGraph, live: Mapping[str, int] | None = None) -> Work | None:
    """The work of a model; None where a shape is symbolic or an operator cannot be counted.

    What a loop runs counts as often as it is run, if that is told.

    Args:
        live: multiply-accumulates that are left of an operator, by its kind and place
            (``CONV_2D #3``), where a compiler leaves some out.
    """
    found = Work()
    for run in operator_runs(graph):
        macs = run.macs
        if macs is None:
            return None
        one = _work(run, macs, min(macs, (live or {}).get(run.label, macs)))
        if one is None:
            return None
        found = found.plus(one)
    return found


def _work(run: OperatorRun, macs: int, left: int) -> Work | None:
    graph, operator = run.part, run.operator
    n_outputs = 0 if operator.op_type in _FREE else _n_outputs(graph, operator)
    if n_outputs is None or run.times is None:
        return None
    # Channels that are left out are not written either.
    written = n_outputs * left // macs if macs else n_outputs
    return Work(**{_kind(graph, operator): left}, outputs=written * run.times, operators=run.times)


def _n_outputs(graph: ModelGraph, operator: Operator) -> int | None:
    try:
        return sum(math.prod(graph.tensor(one).static_shape) for one in operator.outputs)
    except ValueError:
        return None


def _kind(graph: ModelGraph, operator: Operator) -> str:
    if operator.op_type == "DEPTHWISE_CONV_2D" or _is_grouped(operator):
        return "other" if _n_channels(graph, operator) % 4 else "depthwise"
    if operator.op_type in _CONVOLUTIONS:
        return "narrow" if _n_channels(graph, operator) % 4 else "convolution"
    return "dense" if operator.op_type in _DENSE else "other"


def _is_grouped(operator: Operator) -> bool:
    """Whether an ONNX convolution sums over one input channel of several groups."""
    if operator.op_type not in _CONVOLUTIONS or operator.domain == "tflite":
        return False
    groups = operator.attributes.get("group", 1)
    return isinstance(groups, int) and groups > 1


def _n_channels(graph: ModelGraph, operator: Operator) -> int:
    """Of the input: the last axis of it in TFLite, the second in ONNX; 1 where nothing tells."""
    first = operator.inputs[0] if operator.inputs else None
    try:
        shape = () if first is None else graph.tensor(first).static_shape
    except ValueError:
        shape = ()
    place = -1 if operator.domain == "tflite" else 1
    return shape[place] if len(shape) > 1 else 1
