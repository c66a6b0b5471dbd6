"""Real inputs for a proof, out of an ``.npz`` file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fitgraph.api.data_files import InvalidDataError, load_arrays

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgraph.registry.model_graph import ModelGraph, Tensor

    Array = npt.NDArray[Any]


def load_input_sets(path: Path, graph: ModelGraph, most: int | None) -> list[tuple[Array, ...]]:
    """Sets of input arrays, in the order of the samples.

    Args:
        path: of an ``.npz`` file with one array of samples a model input, stacked along the first
            axis, under the input's name; with one input the name may also be ``x``. A leading
            dimension of 1 in the model's shape may be left out of the samples.
        graph: whose inputs they are.
        most: how many samples to take, from the first; None for all.

    Raises:
        InvalidDataError: an array is missing or does not suit the input, or they differ in length.
    """
    arrays = load_arrays(path)
    tensors = [graph.tensor(index) for index in graph.inputs]
    stacks = [_stack(path, arrays, tensor, is_only=len(tensors) == 1) for tensor in tensors]
    lengths = {len(stack) for stack in stacks}
    if len(lengths) != 1 or lengths == {0}:
        raise InvalidDataError(
            f"the inputs in {path} have {' and '.join(map(str, sorted(lengths)))} samples",
            hint="give at least one sample, and as many for each input",
        )
    return list(zip(*(stack[:most] for stack in stacks), strict=True))


def _stack(path: Path, arrays: dict[str, Array], tensor: Tensor, *, is_only: bool) -> Array:
    """Samples of one input, shape (n, *the input's shape)."""
    array = arrays.get(tensor.name, arrays.get("x") if is_only else None)
    if array is None:
        raise InvalidDataError(
            f"{path} has no array named {tensor.name!r}",
            hint=f"it has {', '.join(sorted(arrays)) or 'none'}",
        )
    shape = tensor.static_shape
    suits = array.ndim > 0 and array.shape[1:] in (shape, shape[1:] if shape[:1] == (1,) else shape)
    if not suits or array.dtype.name != tensor.dtype.value:
        raise InvalidDataError(
            f"{tensor.name!r} in {path} is {array.dtype} of shape {list(array.shape)}, but the "
            f"model wants samples of {tensor.dtype} {list(shape)}",
            hint="stack samples along a new first axis and convert them to the input's type",
        )
    return array.reshape(len(array), *shape)
