"""Real models, the inputs that they are tried with, and what equal means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import Arrays
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.read_model import read_model
from tests.support.qdq_graphs import Array

Sets = Sequence[Sequence[Array]]

# Beyond the ends of an input's quantized range, so that saturation is tried too.
OVERSHOOT = 1.1
LARGEST_WHOLE = 127  # of the integers that a file holds as float32
QUANTIZING = ("QUANTIZE", "QuantizeLinear")


@dataclass(frozen=True, eq=False)
class Subject:
    """A model with the file that it was read from."""

    graph: ModelGraph
    content: bytes

    @cached_property
    def generated(self) -> GeneratedCode:
        return generate(self.graph)

    @property
    def refusal(self) -> str:
        """Why the compiler refuses the model, or an empty string."""
        try:
            return "" if self.generated.files else "no code came out"
        except UnsupportedOperatorError as error:
            return error.message

    def expected(self, sets: Sets) -> list[tuple[Array, ...]]:
        """Outputs of the model's reference; a state is kept from one set to the next."""
        reference = reference_for(self.graph, self.content)
        return reference.run_many(sets, keep_state=self.generated.is_stateful)


def subject(path: Path) -> Subject:
    """A model file, with symbolic dimensions set to 1."""
    return Subject(with_batch_of_one(read_model(path)), path.read_bytes())


def with_batch_of_one(graph: ModelGraph) -> ModelGraph:
    """The graph with every symbolic dimension set to 1."""
    return replace(graph, tensors=tuple(_bound(tensor) for tensor in graph.tensors))


def _bound(tensor: Tensor) -> Tensor:
    return replace(tensor, shape=tuple(1 if isinstance(d, str) else d for d in tensor.shape))


def input_sets(graph: ModelGraph, n_random: int = 8) -> list[list[Array]]:
    """Random inputs over all that an input can say, then everything at its least and its most."""
    random = np.random.default_rng(2022)
    sets = [[_random(graph, index, random) for index in graph.inputs] for _ in range(n_random)]
    ends = [[_filled(graph, index, end) for index in graph.inputs] for end in (0, 1)]
    return sets + ends


def input_range(graph: ModelGraph, index: int) -> tuple[float, float]:
    """Least and greatest value of an input: of its dtype, or of what a float is quantized to."""
    tensor = graph.tensor(index)
    if tensor.dtype is DType.BOOL:
        return 0.0, 1.0
    if tensor.dtype is not DType.FLOAT32:
        limits = np.iinfo(tensor.dtype.value)
        return float(limits.min), float(limits.max)
    for scale, zero_point, dtype in _quantizations(graph, index):
        limits = np.iinfo(dtype)
        return (limits.min - zero_point) * scale, (limits.max - zero_point) * scale
    return -3.0, 3.0


def _quantizations(graph: ModelGraph, index: int) -> Iterator[tuple[float, int, str]]:
    """Scale, zero point and integer dtype of each operator that quantizes the tensor."""
    for operator in graph.operators:
        if operator.op_type in QUANTIZING and operator.inputs[0] == index:
            yield _quantization(graph, operator)


def _quantization(graph: ModelGraph, operator: Operator) -> tuple[float, int, str]:
    output = graph.tensor(operator.outputs[0])
    if operator.op_type == "QUANTIZE":
        assert output.quantization is not None
        return output.quantization.scale, output.quantization.zero_point, output.dtype.value
    scale, zero_point = (graph.tensor(i).data for i in operator.inputs[1:] if i is not None)
    assert scale is not None
    assert zero_point is not None
    return float(scale), int(zero_point), zero_point.dtype.name


def _random(graph: ModelGraph, index: int, random: np.random.Generator) -> Array:
    tensor = graph.tensor(index)
    low, high = input_range(graph, index)
    if tensor.dtype is not DType.FLOAT32:
        integers = random.integers(int(low), int(high), tensor.static_shape, endpoint=True)
        return np.asarray(integers, tensor.dtype.value)
    if any(operator.op_type == "RequantShift" for operator in graph.operators):
        whole = random.integers(-LARGEST_WHOLE, LARGEST_WHOLE, tensor.static_shape, endpoint=True)
        return np.asarray(whole, np.float32)
    # Loud and quiet, around any level: at full range alone, most layers of most networks saturate.
    loudness = random.choice([0.05, 0.3, 1.0])
    level = random.uniform(low, high)
    drawn = random.uniform(low, high, tensor.static_shape) * OVERSHOOT
    return np.asarray(drawn * loudness + level * (1 - loudness), np.float32)


def _filled(graph: ModelGraph, index: int, end: int) -> Array:
    tensor = graph.tensor(index)
    value = input_range(graph, index)[end]
    factor = OVERSHOOT if tensor.dtype is DType.FLOAT32 else 1.0
    return np.full(tensor.static_shape, value * factor, tensor.dtype.value)


def assert_same_bits(got: Sequence[Arrays], want: Sequence[Arrays], where: str = "") -> None:
    """Every output of every inference is the reference's, to the bit."""
    assert len(got) == len(want) > 0
    for position, (got_set, want_set) in enumerate(zip(got, want, strict=True)):
        for ours, theirs in zip(got_set, want_set, strict=True):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            differ = np.count_nonzero(ours != theirs)
            same = ours.tobytes() == theirs.tobytes()
            assert same, f"{differ} of {ours.size} outputs differ in inference {position} {where}"


def assert_near(got: Sequence[Arrays], want: Sequence[Arrays], relative: float) -> None:
    """Every output lies near the reference's, relative to the largest of its array or to 1."""
    assert len(got) == len(want) > 0
    for got_set, want_set in zip(got, want, strict=True):
        for ours, theirs in zip(got_set, want_set, strict=True):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            scale = max(1.0, float(np.abs(theirs).max(initial=0.0)))
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=relative * scale)


def contents(arrays: Arrays) -> tuple[bytes, ...]:
    """Bytes of each array."""
    return tuple(array.tobytes() for array in arrays)


# Other kernels whose names end in f32 add up float32 in an order, or a precision, of their own.
INTEGER_KERNELS_TO_FLOAT = frozenset({"conv2d_s8_f32", "softmax_s8_f32", "fully_connected_s8_f32"})
FLOAT_TOLERANCE = 2e-6
# A float32 sum of n terms, one after another, is off by at most n of these, relative to the sum of
# their magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2).
UNIT_ROUNDOFF = 2.0**-24
LONG_MEAN = 4096
# onnxruntime takes a variance for the difference of two means, which loses digits where values
# hardly differ; ours is within 1e-6 of the exact result there.
NORMALIZATIONS = ("GroupNormalization", "InstanceNormalization")
NORMALIZED_TOLERANCE = 1e-4


def computes_in_integers(model: Subject) -> bool:
    """Whether each output is defined to the bit."""
    kernels = {step.kernel for step in lower(model.graph).steps}
    return not any(kernel.endswith("_f32") for kernel in kernels - INTEGER_KERNELS_TO_FLOAT)


def assert_right(model: Subject, got: Sequence[Arrays], expected: Sequence[Arrays]) -> None:
    """Outputs are the reference's: to the bit, or where they come of float32 sums nearly so."""
    if computes_in_integers(model):
        assert_same_bits(got, expected)
    else:
        assert_near(got, expected, float_tolerance(model.graph))


def float_tolerance(graph: ModelGraph) -> float:
    """Means of very many values, which onnxruntime adds up in a tree, are less precise."""
    averaged = [
        graph.tensor(data).n_elements // graph.tensor(operator.outputs[0]).n_elements
        for operator in graph.operators
        if operator.op_type == "ReduceMean" and (data := operator.inputs[0]) is not None
    ]
    if any(operator.op_type in NORMALIZATIONS for operator in graph.operators):
        return NORMALIZED_TOLERANCE
    return max([FLOAT_TOLERANCE, *(UNIT_ROUNDOFF * n for n in averaged if n >= LONG_MEAN)])
