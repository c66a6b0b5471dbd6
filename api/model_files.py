"""Model files on their way into the registry, and back out of it as graphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fitgraph.api.names import MAX_NAME_LENGTH, can_be_shown
from fitgraph.api.temporary_model import model_as_file

if TYPE_CHECKING:
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.model_graph import ModelGraph

# What an ONNX file has in it when some of its data lies in other files (onnx.proto,
# TensorProto.external_data).
_EXTERNAL_DATA_KEY = b"location"


def check_name(name: str) -> str:
    """The name, if tables and command lines can show it.

    Raises:
        InvalidRecordError: it is empty, long, or has characters that do not print.
    """
    from fitgraph.registry.errors import InvalidRecordError

    if not can_be_shown(name):
        raise InvalidRecordError(
            f"{name[:MAX_NAME_LENGTH]!r} cannot be a model's name",
            hint=f"--name takes 1 to {MAX_NAME_LENGTH} characters that print",
        )
    return name


def read_whole(path: Path, dimensions: Mapping[str, int] | None = None) -> tuple[ModelGraph, bytes]:
    """Read a model file that somebody hands in, and its bytes as they are kept.

    An ONNX file that keeps data in other files is kept with its data inside, so that its blob is
    the whole model.

    Args:
        path: of an ONNX or TFLite file.
        dimensions: sizes for symbolic dimensions; the bytes then are those of a changed file.

    Raises:
        InvalidModelError: the file is not a model, or hits a limit (see ``read_model_safely``);
            or it has no such dimensions.
    """
    from fitgraph.registry.errors import InvalidModelError
    from fitgraph.registry.read_model import read_model_safely

    graph = read_model_safely(path)
    content = path.read_bytes()
    if graph.format == "onnx" and _EXTERNAL_DATA_KEY in content:
        graph, content = _with_data_inside(path, graph, content)
    if graph.file_bytes != len(content):
        raise InvalidModelError(f"{path} changed while it was read", hint="add it again")
    return _with_dimensions(graph, content, dimensions) if dimensions else (graph, content)


def stored_graph(registry: Registry, reference: str) -> ModelGraph:
    """A model of the registry, read from its blob, under the first of its names.

    Raises:
        NotFoundError: there is no such model, or its file is lost.
        StorageError: the blob is damaged.
    """
    record = registry.get_model(reference)
    return kept_graph(registry.model_bytes(record.sha256), record.model_format, record.names[0])


def kept_graph(content: bytes, model_format: str, name: str) -> ModelGraph:
    """A model file that the registry keeps, as a graph of that name.

    Args:
        model_format: ``onnx`` or ``tflite``.
    """
    if model_format == "tflite":
        from fitgraph.registry.tflite_reader import read_tflite

        return read_tflite(content, name)
    from fitgraph.registry.onnx_reader import read_onnx

    return read_onnx(content, name, None)


def _with_dimensions(
    graph: ModelGraph, content: bytes, dimensions: Mapping[str, int]
) -> tuple[ModelGraph, bytes]:
    from fitgraph.api.fixed_dimensions import with_dimensions
    from fitgraph.registry.errors import InvalidModelError

    if graph.format != "onnx":
        raise InvalidModelError(
            f"{graph.name} is a {graph.format} model, which has no symbolic dimensions",
            hint="leave --dimension out",
        )
    fixed = with_dimensions(content, dimensions)
    return _read_again(fixed, graph.name), fixed


def _with_data_inside(path: Path, graph: ModelGraph, content: bytes) -> tuple[ModelGraph, bytes]:
    """The model with the data of other files in it; unchanged where it has none outside.

    ``read_model_safely`` has read the file, so it parses and points nowhere it should not.
    """
    import onnx

    inside = onnx.load(path).SerializeToString(deterministic=True)
    outside = onnx.load_model_from_string(content).SerializeToString(deterministic=True)
    if inside == outside:
        return graph, content
    return _read_again(inside, graph.name), inside


def _read_again(content: bytes, name: str) -> ModelGraph:
    from fitgraph.registry.read_model import read_model_safely

    with model_as_file(content, name) as whole:
        return replace(read_model_safely(whole), name=name)
