"""A model file, whatever its format, becomes a ``ModelGraph``: in this process or a guarded one."""

from __future__ import annotations

import math
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.tflite_reader import read_tflite
from fitgraph.registry.tflite_schema import FILE_IDENTIFIER

# The largest published network for a microcontroller has a few MiB; this leaves room for the
# float model that one is made from.
MAX_MODEL_BYTES = 256 * 1024 * 1024
MAX_READ_SECONDS = 60.0
MAX_READ_MEMORY_BYTES = 2 * 1024**3

_SUFFIX_FORMATS = {".tflite": "tflite", ".lite": "tflite", ".onnx": "onnx"}
_SIGXCPU = 24  # POSIX limits CPU time with this signal; the number is Linux's
_CHILD = "fitgraph.registry.read_model_child"


def read_model(path: str | Path) -> ModelGraph:
    """Read a TFLite or ONNX file; the content decides which.

    The graph's name is the file's without its suffix.

    Raises:
        InvalidModelError: the file is missing, not readable, empty, larger than
            ``MAX_MODEL_BYTES``, named after the other format, not a model, or without operators.
    """
    path = Path(path)
    data = _read_bytes(path)
    graph = _graph_of(data, path)
    if not graph.operators:
        raise InvalidModelError(
            f"{path} has no operator", hint="Export the model with what it computes."
        )
    return graph


def _graph_of(data: bytes, path: Path) -> ModelGraph:
    if data[4:8] == FILE_IDENTIFIER:
        _check_name(path, "tflite")
        return read_tflite(data, path.stem)
    _check_name(path, "onnx")
    # Importing onnx takes 0.2 s, which who reads TFLite need not wait for.
    from fitgraph.registry.onnx_reader import read_onnx  # noqa: PLC0415

    return read_onnx(data, path.stem, path.parent)


def read_model_safely(
    path: str | Path,
    *,
    timeout_seconds: float = MAX_READ_SECONDS,
    memory_bytes: int = MAX_READ_MEMORY_BYTES,
) -> ModelGraph:
    """Read an untrusted model file in a process of its own, within limits.

    A file that makes a parser loop, crash or take all memory ends that process only.

    Args:
        path: of the model file.
        timeout_seconds: of CPU time and, again, of the clock on the wall.
        memory_bytes: address space of the process, Python and its packages included.

    Raises:
        InvalidModelError: what ``read_model`` refuses, and whatever hits a limit or crashes.
    """
    path = Path(path)
    check_model_file(path)
    cpu_seconds = math.ceil(timeout_seconds)
    command = [sys.executable, "-P", "-m", _CHILD, str(path), str(cpu_seconds), str(memory_bytes)]
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_seconds,
            check=False,
            # A thread pool per import would reserve more address space than a model takes.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(path, timeout_seconds) from None
    if child.returncode == -_SIGXCPU:
        raise _too_slow(path, timeout_seconds)
    if child.returncode != 0 or not child.stdout:
        raise InvalidModelError(
            f"{path}: reading it ended the reader's process with code {child.returncode}",
            hint="The file is damaged or made to do harm; get it again from its source.",
        )
    return _graph_from(child.stdout)


def check_model_file(path: Path) -> None:
    """Refuse what is no regular file of a possible size, before a byte of it is read.

    Raises:
        InvalidModelError: saying why.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise InvalidModelError(
            f"there is no file {path}", hint="Check the path; it is relative to where you are."
        ) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise InvalidModelError(f"{path} is a folder", hint="Name the model file inside it.")
    if not stat.S_ISREG(status.st_mode):
        raise InvalidModelError(f"{path} is not a regular file", hint="Name a model file.")
    if status.st_size == 0:
        raise InvalidModelError(f"{path} is empty", hint="Copy or download the model again.")
    if status.st_size > MAX_MODEL_BYTES:
        raise InvalidModelError(
            f"{path} has {status.st_size} bytes, at most {MAX_MODEL_BYTES} are read",
            hint="No microcontroller holds a model of that size; quantize or shrink it first.",
        )


def _read_bytes(path: Path) -> bytes:
    check_model_file(path)
    try:
        with path.open("rb") as file:
            return file.read(MAX_MODEL_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InvalidModelError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InvalidModelError(
        f"{str(path)!r} cannot be read: {reason}", hint="Check its name and permissions."
    )


def _check_name(path: Path, content: str) -> None:
    """Refuse a suffix that promises the other format."""
    named = _SUFFIX_FORMATS.get(path.suffix.lower(), content)
    if named == content:
        return
    if content == "tflite":
        raise InvalidModelError(
            f"{path} is named {path.suffix}, but holds a TFLite model",
            hint=f"Rename it to {path.with_suffix('.tflite').name}.",
        )
    raise InvalidModelError(
        f"{path} is named {path.suffix}, but does not hold a TFLite model: "
        f"the identifier TFL3 is not at byte 4",
        hint=f"If it is an ONNX model, rename it to {path.with_suffix('.onnx').name}; "
        "else get it again from its source.",
    )


def _too_slow(path: Path, timeout_seconds: float) -> InvalidModelError:
    return InvalidModelError(
        f"{path}: reading it took more than {timeout_seconds:g} seconds",
        hint="The file is damaged or made to do harm; get it again from its source.",
    )


def _graph_from(answer: bytes) -> ModelGraph:
    """The graph that the child, our own code, wrote; or the error that it met."""
    result = pickle.loads(answer)  # noqa: S301
    if isinstance(result, ModelGraph):
        _freeze(result)
        return result
    message, hint = result
    raise InvalidModelError(message, hint=hint)


def _freeze(graph: ModelGraph) -> None:
    """Make constants read-only again, which pickling forgets."""
    for part in (graph, *graph.subgraphs):
        arrays: list[Any] = [tensor.data for tensor in part.tensors]
        arrays += [value for operator in part.operators for value in operator.attributes.values()]
        for array in arrays:
            for item in array if isinstance(array, tuple) else (array,):
                if isinstance(item, np.ndarray):
                    item.flags.writeable = False
