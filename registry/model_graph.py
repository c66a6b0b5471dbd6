"""One in-memory form for a trained network, whichever file format it came from.

Operators keep the names, versions and semantics of their own operator set (``tflite:CONV_2D``,
``onnx:Conv``); nothing is translated here. Everything is frozen and every constant array is
read-only, so that a graph can be shared between passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # who asks the graph need not wait for it
    import numpy.typing as npt

# Of a model that is read: calls of so many kernels fill 2 MiB of flash and more.
MAX_OPERATORS = 100_000


class DType(StrEnum):
    """Element types, named as numpy names them where numpy has them."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    FLOAT64 = "float64"
    INT4 = "int4"
    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    BOOL = "bool"
    COMPLEX64 = "complex64"
    STRING = "string"
    RESOURCE = "resource"
    OTHER = "other"


ITEM_BYTES: Mapping[DType, int] = {
    DType.FLOAT32: 4,
    DType.FLOAT16: 2,
    DType.BFLOAT16: 2,
    DType.FLOAT64: 8,
    DType.INT8: 1,
    DType.UINT8: 1,
    DType.INT16: 2,
    DType.UINT16: 2,
    DType.INT32: 4,
    DType.UINT32: 4,
    DType.INT64: 8,
    DType.UINT64: 8,
    DType.BOOL: 1,
    DType.COMPLEX64: 8,
}


@dataclass(frozen=True, slots=True)
class Quantization:
    """Affine quantization: real = scale * (quantized - zero_point).

    Attributes:
        scales: float32 values held exactly as Python floats; one, or one per slice along ``axis``.
        zero_points: as many as ``scales``.
        axis: None for per-tensor, else the axis that the slices run along.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int | None = None

    @property
    def scale(self) -> float:
        """The one scale of a per-tensor quantization."""
        (scale,) = self.scales
        return scale

    @property
    def zero_point(self) -> int:
        """The one zero point of a per-tensor quantization."""
        (zero_point,) = self.zero_points
        return zero_point


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value of the graph.

    Attributes:
        shape: dimensions; a ``str`` stands for a symbolic dimension (ONNX ``batch``), which
            only facts tolerate; compilation refuses it. () is a scalar.
        data: the value if it is constant (read-only, C order), else None.
        is_variable: a TFLite variable tensor, whose value persists between inferences.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: DType
    quantization: Quantization | None = None
    data: npt.NDArray[Any] | None = None
    is_variable: bool = False

    @property
    def is_constant(self) -> bool:
        return self.data is not None

    @property
    def static_shape(self) -> tuple[int, ...]:
        """The shape when every dimension is a number.

        Raises:
            ValueError: a dimension is symbolic.
        """
        if not all(isinstance(dim, int) for dim in self.shape):
            raise ValueError(f"tensor {self.name!r} has symbolic shape {self.shape}")
        return tuple(dim for dim in self.shape if isinstance(dim, int))

    @property
    def n_elements(self) -> int:
        return prod(self.static_shape)

    @property
    def n_bytes(self) -> int:
        """Bytes of the tensor when densely packed."""
        return self.n_elements * ITEM_BYTES[self.dtype]


@dataclass(frozen=True, slots=True)
class Operator:
    """One node.

    Attributes:
        op_type: as spelled by its operator set: ``CONV_2D``, ``Conv``; a TFLite custom
            operator is ``CUSTOM:<its name>``.
        domain: ``tflite``; for ONNX ``ai.onnx`` (the default domain), ``com.microsoft``, ...
        version: TFLite operator-code version, or the imported opset version of the domain.
        inputs: indices into ``ModelGraph.tensors``; None where an optional input is left out.
        outputs: indices into ``ModelGraph.tensors``.
        attributes: TFLite builtin options under their schema names (``stride_h``,
            ``fused_activation_function`` as the enum's name, ``padding`` as ``SAME``/``VALID``);
            ONNX attributes under theirs (ints, floats, str, tuples, numpy arrays).
    """

    op_type: str
    domain: str
    version: int
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def qualified_name(self) -> str:
        """``tflite:CONV_2D``, ``onnx:Conv``, ``com.microsoft:QLinearAdd``."""
        prefix = "onnx" if self.domain == "ai.onnx" else self.domain
        return f"{prefix}:{self.op_type}"


@dataclass(frozen=True, slots=True, eq=False)
class ModelGraph:
    """A model file as read.

    Attributes:
        format: ``tflite`` or ``onnx``.
        sha256: of the file's bytes.
        operators: in execution order (as stored; a reader refuses an ONNX file out of order).
        inputs: indices of the graph's inputs, without initializers.
        opset_imports: ONNX domains to versions; empty for TFLite.
        subgraphs: TFLite subgraphs after the first one.
        said: by the file of itself; see ``said_in_file``.
    """

    name: str
    format: str
    sha256: str
    file_bytes: int
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    opset_imports: Mapping[str, int] = field(default_factory=dict)
    subgraphs: tuple[ModelGraph, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    def tensor(self, index: int) -> Tensor:
        return self.tensors[index]
