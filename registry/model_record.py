"""What the registry keeps of a model: its names, its facts and its tensors."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.registry.facts import ModelFacts
from fitgraph.registry.model_graph import ITEM_BYTES, DType, ModelGraph, Quantization, Tensor
from fitgraph.registry.parameters import stored_bytes


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """One tensor of a model.

    Attributes:
        position: index in ``ModelGraph.tensors``.
        shape: a ``str`` stands for a symbolic dimension.
        size_bytes: densely packed; None where that cannot be said.
        quantization: None for a constant with a scale a slice, whose scales lie in the file.
        slices: number of scales: 0 when the tensor is not quantized.
        axis: along which the slices run; None where the tensor is quantized as a whole.
    """

    position: int
    name: str
    shape: tuple[int | str, ...]
    dtype: DType
    is_constant: bool = False
    is_variable: bool = False
    size_bytes: int | None = None
    quantization: Quantization | None = None
    slices: int = 0
    axis: int | None = None


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model in the registry.

    Attributes:
        names: what users call it, sorted; the same file may come under several names.
        model_format: ``tflite`` or ``onnx``.
        tensors: of the main graph.
        inputs: positions of the inputs, in order.
        outputs: positions of the outputs, in order.
        tasks: what it does, in words that fleets demand: ``keyword spotting``; sorted.
        licences: SPDX expressions, or ``LicenseRef-...``, sorted; none where nobody says.
    """

    sha256: str
    names: tuple[str, ...]
    model_format: str
    file_bytes: int
    facts: ModelFacts
    tensors: tuple[TensorRecord, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    tasks: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()


def model_record(graph: ModelGraph, facts: ModelFacts, *names: str) -> ModelRecord:
    """What is kept of a model that was read."""
    return ModelRecord(
        sha256=graph.sha256,
        names=tuple(sorted(set(names))),
        model_format=graph.format,
        file_bytes=graph.file_bytes,
        facts=facts,
        tensors=tuple(_tensor(index, tensor) for index, tensor in enumerate(graph.tensors)),
        inputs=graph.inputs,
        outputs=graph.outputs,
    )


def _tensor(index: int, tensor: Tensor) -> TensorRecord:
    quantization = tensor.quantization
    slices = 0 if quantization is None else len(quantization.scales)
    return TensorRecord(
        position=index,
        name=tensor.name,
        shape=tensor.shape,
        dtype=tensor.dtype,
        is_constant=tensor.is_constant,
        is_variable=tensor.is_variable,
        size_bytes=_size(tensor),
        quantization=None if tensor.is_constant and slices > 1 else quantization,
        slices=slices,
        axis=None if quantization is None else quantization.axis,
    )


def _size(tensor: Tensor) -> int | None:
    """Bytes of a tensor; None with a symbolic dimension or an element type of no fixed size."""
    if tensor.is_constant:
        return stored_bytes(tensor)
    if tensor.dtype not in ITEM_BYTES or any(isinstance(dim, str) for dim in tensor.shape):
        return None
    return tensor.n_bytes
