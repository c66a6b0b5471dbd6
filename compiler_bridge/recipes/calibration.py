"""Calibration data: samples for every model input, checked against the model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx

from fitgraph.compiler_bridge.recipes.errors import CalibrationError

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class ModelInput:
    """An input that a caller feeds; None stands for a dimension without a number."""

    name: str
    dtype: np.dtype[np.generic]
    shape: tuple[int | None, ...]

    def fed_shape(self, sample_shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The shape that one sample is fed in, or None where it does not fit.

        A sample has the input's shape, or lacks its leading batch dimension of 1.
        """
        for candidate in (sample_shape, (1, *sample_shape)):
            if len(candidate) == len(self.shape) and all(
                want in (None, have) for want, have in zip(self.shape, candidate, strict=True)
            ):
                return candidate
        return None


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSet:
    """Samples that fit the model: name to array of shape (n, *fed shape)."""

    arrays: Mapping[str, Array]
    n_samples: int
    sha256: str

    def sample(self, index: int) -> dict[str, Array]:
        return {name: array[index] for name, array in self.arrays.items()}


def model_inputs(proto: onnx.ModelProto) -> tuple[ModelInput, ...]:
    """The graph's inputs without those that an initializer gives a value."""
    constants = {tensor.name for tensor in proto.graph.initializer}
    return tuple(_model_input(value) for value in proto.graph.input if value.name not in constants)


def _model_input(value: onnx.ValueInfoProto) -> ModelInput:
    tensor = value.type.tensor_type
    return ModelInput(
        name=value.name,
        dtype=np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)),
        shape=tuple(
            dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim
        ),
    )


def check_calibration(
    inputs: Sequence[ModelInput], calibration: Mapping[str, Array]
) -> CalibrationSet:
    """Match calibration arrays of shape (n, *sample shape) with a model's inputs.

    Raises:
        CalibrationError: a name, shape or dtype does not match, values are not finite, the
            arrays differ in length, or there is no sample.
    """
    _check_names(inputs, calibration)
    arrays = {entry.name: _fitting(entry, np.asarray(calibration[entry.name])) for entry in inputs}
    return CalibrationSet(arrays, _common_length(arrays), _digest(arrays))


def _check_names(inputs: Sequence[ModelInput], calibration: Mapping[str, Array]) -> None:
    wanted, given = {entry.name for entry in inputs}, set(calibration)
    if wanted == given:
        return
    parts = [
        f"{text} {', '.join(map(repr, sorted(names)))}"
        for text, names in (("it lacks", wanted - given), ("it has unknown", given - wanted))
        if names
    ]
    raise CalibrationError(
        f"The calibration data does not match the model's inputs: {' and '.join(parts)}.",
        hint=f"Name the arrays as the model's inputs: {', '.join(sorted(wanted))}.",
    )


def _fitting(entry: ModelInput, array: Array) -> Array:
    fed_shape = entry.fed_shape(array.shape[1:]) if array.ndim else None
    if fed_shape is None:
        wanted = "x".join("?" if dim is None else str(dim) for dim in entry.shape)
        raise CalibrationError(
            f"Calibration data for {entry.name!r} has shape {array.shape}; "
            f"the model's input is {wanted}.",
            hint="Stack the samples along a new first axis.",
        )
    if not _castable(array.dtype, entry.dtype):
        raise CalibrationError(
            f"Calibration data for {entry.name!r} is {array.dtype}; the model wants {entry.dtype}.",
            hint=f"Convert the array to {entry.dtype}.",
        )
    _check_finite(entry.name, array)
    fed = array.astype(entry.dtype).reshape(len(array), *fed_shape)
    _check_finite(entry.name, fed)
    return fed


def _castable(have: np.dtype[np.generic], want: np.dtype[np.generic]) -> bool:
    if np.issubdtype(want, np.floating):
        return np.issubdtype(have, np.floating) or np.issubdtype(have, np.integer)
    return have == want


def _check_finite(name: str, array: Array) -> None:
    if not np.issubdtype(array.dtype, np.floating):
        return
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise CalibrationError(
            f"Calibration data for {name!r} has {len(bad)} values that are NaN or infinite, "
            f"the first in sample {bad[0][0]}.",
            hint="Drop or repair these samples.",
        )


def _common_length(arrays: Mapping[str, Array]) -> int:
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name!r} {length}" for name, length in lengths.items())
        raise CalibrationError(
            f"The inputs have different numbers of calibration samples: {counts}.",
            hint="Give as many samples for each input.",
        )
    n_samples = next(iter(lengths.values()), 0)
    if n_samples == 0:
        raise CalibrationError(
            "The calibration data has no sample.",
            hint="Give a few dozen samples, typical of what the device will see.",
        )
    return n_samples


def _digest(arrays: Mapping[str, Array]) -> str:
    """SHA-256 over name, dtype, shape and bytes of each array, by name."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
