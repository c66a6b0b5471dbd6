"""Gives symbolic dimensions of an ONNX model a size, as compiling needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fitgraph.registry.errors import InvalidModelError

if TYPE_CHECKING:
    import onnx

# How the reader spells a dimension that has neither a size nor a name.
UNNAMED = "?"
# What some exporters write as the size of such a dimension.
_UNKNOWN = -1


def parse_dimensions(texts: Sequence[str]) -> dict[str, int]:
    """``batch=1`` as a mapping.

    Raises:
        InvalidModelError: not of that form.
    """
    sizes = {}
    for text in texts:
        name, _, size = text.rpartition("=")
        if not name or not size.isdecimal() or int(size) == 0:
            raise InvalidModelError(
                f"{text!r} does not give a dimension a size", hint="write batch=1"
            )
        sizes[name] = int(size)
    return sizes


def with_dimensions(content: bytes, sizes: Mapping[str, int]) -> bytes:
    """The ONNX file with the named dimensions of its inputs fixed, and what follows inferred.

    Args:
        content: an ONNX file that was read before.
        sizes: dimension names to sizes; ``?`` stands for dimensions without a name.

    Raises:
        InvalidModelError: no input has a dimension of that name, or the sizes contradict the
            model.
    """
    import onnx

    model = onnx.load_model_from_string(content)
    found = [_fix(value, sizes) for value in model.graph.input]
    unknown = sorted(set(sizes) - {name for names in found for name in names})
    if unknown:
        raise InvalidModelError(
            f"no input has a dimension named {' or '.join(unknown)}",
            hint="`fitgraph model show` lists the inputs with their dimensions",
        )
    del model.graph.value_info[:]
    for output in model.graph.output:
        if output.type.HasField("tensor_type"):  # a map of labels has no shape
            output.type.tensor_type.ClearField("shape")
    try:
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except onnx.shape_inference.InferenceError as error:
        first = next(iter(str(error).splitlines()), "shape inference failed")
        raise InvalidModelError(
            f"the model does not work with these dimensions: {first}",
            hint="choose sizes that the model was exported for",
        ) from error
    return bytes(inferred.SerializeToString(deterministic=True))


def _fix(value: onnx.ValueInfoProto, sizes: Mapping[str, int]) -> set[str]:
    """Fix dimensions of one input, and say which names were there."""
    found = set()
    for dim in value.type.tensor_type.shape.dim:
        if dim.HasField("dim_value") and dim.dim_value != _UNKNOWN:
            continue
        name = dim.dim_param or UNNAMED
        if name in sizes:
            dim.dim_value = sizes[name]
            found.add(name)
    return found
