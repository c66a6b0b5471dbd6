"""Arrays to the bytes that lie in the arena, and back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor

Arrays = tuple[npt.NDArray[Any], ...]


class InputMismatchError(BridgeError):
    """The arrays handed in are not what the model's inputs want."""

    code: ClassVar[str] = "input-mismatch"


def numpy_dtype(tensor: IoTensor) -> np.dtype[Any]:
    """Element type in the memory order of the targets, which is little endian.

    Raises:
        InputMismatchError: numpy has no such type.
    """
    try:
        return np.dtype(tensor.dtype.value).newbyteorder("<")
    except TypeError as error:
        raise InputMismatchError(
            f"tensor {tensor.name!r} has elements of type {tensor.dtype}, which numpy lacks"
        ) from error


def input_bytes(generated: GeneratedCode, arrays: Sequence[npt.NDArray[Any]]) -> tuple[bytes, ...]:
    """Bytes of each input.

    Args:
        arrays: one of the right shape and dtype for each input, in order.

    Raises:
        InputMismatchError: an array too few or too many, or of another shape or dtype.
    """
    if len(arrays) != len(generated.inputs):
        raise InputMismatchError(
            f"the model has {len(generated.inputs)} inputs, but {len(arrays)} arrays were given"
        )
    return tuple(
        _one_input(tensor, np.asarray(array))
        for tensor, array in zip(generated.inputs, arrays, strict=True)
    )


def output_arrays(generated: GeneratedCode, contents: Sequence[bytes]) -> Arrays:
    """Read-only arrays of the outputs from their bytes."""
    return tuple(
        np.frombuffer(content, numpy_dtype(tensor)).reshape(tensor.shape)
        for tensor, content in zip(generated.outputs, contents, strict=True)
    )


def input_stream(generated: GeneratedCode, sets: Sequence[Sequence[npt.NDArray[Any]]]) -> bytes:
    """Bytes of all inputs of all sets, one after another; see ``input_bytes``."""
    return b"".join(content for arrays in sets for content in input_bytes(generated, arrays))


def input_sets(
    generated: GeneratedCode, stream: bytes, n_sets: int
) -> tuple[tuple[npt.NDArray[Any], ...], ...]:
    """The arrays of each set, out of what ``input_stream`` gave.

    Raises:
        InputMismatchError: the bytes are not those of so many sets.
    """
    set_bytes = sum(tensor.n_bytes for tensor in generated.inputs)
    if len(stream) != set_bytes * n_sets:
        raise InputMismatchError(
            f"{n_sets} sets of inputs are {set_bytes * n_sets:,} bytes, but there are "
            f"{len(stream):,}"
        )
    reader = io.BytesIO(stream)
    return tuple(
        tuple(
            np.frombuffer(reader.read(tensor.n_bytes), numpy_dtype(tensor)).reshape(tensor.shape)
            for tensor in generated.inputs
        )
        for _ in range(n_sets)
    )


def output_stream_bytes(generated: GeneratedCode, n_sets: int) -> int:
    """Length of what ``output_sets`` wants."""
    return n_sets * sum(tensor.n_bytes for tensor in generated.outputs)


def output_sets(generated: GeneratedCode, stream: bytes, n_sets: int) -> tuple[Arrays, ...]:
    """Arrays of the outputs of each set from the bytes of all, one after another."""
    reader = io.BytesIO(stream)
    return tuple(
        output_arrays(generated, [reader.read(tensor.n_bytes) for tensor in generated.outputs])
        for _ in range(n_sets)
    )


def sample_inputs(generated: GeneratedCode, seed: int = 0) -> Arrays:
    """Arrays that fit the inputs: integers over their whole range, floats near 0.

    What chooses slices of a table keeps within it: beyond its ends, references refuse or crash.
    """
    random = np.random.default_rng(seed)
    return tuple(_sample(tensor, random) for tensor in generated.inputs)


def _one_input(tensor: IoTensor, array: npt.NDArray[Any]) -> bytes:
    dtype = numpy_dtype(tensor)
    if array.shape != tensor.shape or array.dtype != dtype:
        raise InputMismatchError(
            f"input {tensor.name!r} wants {tensor.dtype} of shape {list(tensor.shape)}, "
            f"but got {array.dtype} of shape {list(array.shape)}"
        )
    return array.astype(dtype, order="C", copy=False).tobytes()


def _sample(tensor: IoTensor, random: np.random.Generator) -> npt.NDArray[Any]:
    dtype = numpy_dtype(tensor)
    if tensor.choices is not None:
        return random.integers(0, tensor.choices, tensor.shape).astype(dtype)
    if dtype.kind == "b":
        return random.integers(0, 2, tensor.shape).astype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return random.integers(
            limits.min, limits.max, tensor.shape, dtype.newbyteorder("="), endpoint=True
        )
    return random.standard_normal(tensor.shape).astype(dtype)
