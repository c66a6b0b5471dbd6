"""What a model file says about itself, without building or running it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fitgraph.registry.liveness import live_ranges, peak_live
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Quantization
from fitgraph.registry.operator_runs import operator_runs
from fitgraph.registry.parameters import attribute_parameters, parameter_indices, stored_bytes


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output of a model; a ``str`` in the shape is a symbolic dimension."""

    name: str
    shape: tuple[int | str, ...]
    dtype: DType
    quantization: Quantization | None = None


@dataclass(frozen=True, slots=True)
class OperatorUse:
    """How often a model uses an operator with one version and one choice of element types.

    Attributes:
        name: qualified: ``tflite:CONV_2D``, ``onnx:Conv``.
        version: TFLite operator version, or opset version of the domain.
        input_dtypes: by position; None where an optional input is left out.
        count: over all subgraphs.
    """

    name: str
    version: int
    input_dtypes: tuple[DType | None, ...]
    output_dtypes: tuple[DType, ...]
    count: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts of one model file. None stands for what symbolic dimensions or the like hide.

    Attributes:
        operators: of all subgraphs, sorted by name, version and types.
        op_counts: operators by their type (``CONV_2D``) over all subgraphs, in order of first use.
        params: elements of the constants that count as parameters (``parameter_indices``), and
            what classical models have learned (``attribute_parameters``).
        const_bytes: of all constants of all subgraphs, shapes and axes included, one by one.
        macs: multiply-accumulates of one inference; None when one operator's are unknown.
        macs_by_op: by operator type, those with any; operators of unknown count are left out.
        macs_unknown_for: qualified names of the operators whose MACs are unknown.
        activation_dtypes: of every value that is not constant, sorted.
        weight_dtypes: of the parameters, sorted.
        peak_activation_bytes: see ``peak_live``; of the graph as stored.
        peak_op_index: the first operator during which the peak is reached.
    """

    operators: tuple[OperatorUse, ...]
    op_counts: Mapping[str, int]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    params: int
    const_bytes: int
    macs: int | None
    macs_by_op: Mapping[str, int]
    macs_unknown_for: tuple[str, ...]
    activation_dtypes: tuple[DType, ...]
    weight_dtypes: tuple[DType, ...]
    peak_activation_bytes: int | None
    peak_op_index: int | None


def model_facts(graph: ModelGraph) -> ModelFacts:
    """All facts of a model.

    Peak and activation types are those of the main graph; MACs count what loops run, too, but not
    what ``CALL_ONCE`` runs before the first inference.
    """
    parts = (graph, *graph.subgraphs)
    macs_by_op, unknown = _macs(graph)
    parameters = [part.tensor(index) for part in parts for index in parameter_indices(part)]
    peak = peak_live(graph)
    return ModelFacts(
        operators=_operator_uses(parts),
        op_counts=dict(Counter(op.op_type for part in parts for op in part.operators)),
        inputs=_specs(graph, graph.inputs),
        outputs=_specs(graph, graph.outputs),
        params=sum(tensor.n_elements for tensor in parameters)
        + sum(attribute_parameters(operator) for part in parts for operator in part.operators),
        const_bytes=sum(stored_bytes(tensor) for part in parts for tensor in part.tensors),
        macs=None if unknown else sum(macs_by_op.values()),
        macs_by_op=macs_by_op,
        macs_unknown_for=unknown,
        activation_dtypes=_sorted(graph.tensor(index).dtype for index in live_ranges(graph)),
        weight_dtypes=_sorted(tensor.dtype for tensor in parameters),
        peak_activation_bytes=None if peak is None else peak.n_bytes,
        peak_op_index=None if peak is None else peak.op_index,
    )


def _macs(graph: ModelGraph) -> tuple[dict[str, int], tuple[str, ...]]:
    """MACs by operator type, and the names of operators whose MACs are unknown."""
    counted: Counter[str] = Counter()
    unknown: set[str] = set()
    for run in operator_runs(graph):
        if run.macs is None:
            unknown.add(run.operator.qualified_name)
        elif run.macs > 0:
            counted[run.operator.op_type] += run.macs
    return dict(counted), tuple(sorted(unknown))


def _operator_uses(parts: Iterable[ModelGraph]) -> tuple[OperatorUse, ...]:
    counts = Counter(
        (op.qualified_name, op.version, *_dtypes(part, op))
        for part in parts
        for op in part.operators
    )
    uses = (OperatorUse(*signature, count=count) for signature, count in counts.items())
    return tuple(
        sorted(uses, key=lambda u: (u.name, u.version, str(u.input_dtypes), str(u.output_dtypes)))
    )


def _dtypes(
    graph: ModelGraph, operator: Operator
) -> tuple[tuple[DType | None, ...], tuple[DType, ...]]:
    return (
        tuple(None if i is None else graph.tensor(i).dtype for i in operator.inputs),
        tuple(graph.tensor(i).dtype for i in operator.outputs),
    )


def _specs(graph: ModelGraph, indices: Iterable[int]) -> tuple[TensorSpec, ...]:
    tensors = (graph.tensor(index) for index in indices)
    return tuple(TensorSpec(t.name, t.shape, t.dtype, t.quantization) for t in tensors)


def _sorted(dtypes: Iterable[DType]) -> tuple[DType, ...]:
    return tuple(sorted(set(dtypes)))
