"""Tensor values that an ONNX file keeps in other files, read only from inside its folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import onnx

from fitgraph.registry.errors import InvalidModelError

# As large as a model file may be: nothing for a microcontroller comes near.
MAX_EXTERNAL_BYTES = 256 * 1024 * 1024


def embed_external_data(tensor: onnx.TensorProto, folder: Path | None) -> None:
    """Replace a tensor's reference to another file with that file's bytes, in place.

    Args:
        tensor: left alone unless its data location is external.
        folder: of the model file; None when the model did not come from a folder.

    Raises:
        InvalidModelError: the file lies outside the folder (also through a link), is missing,
            too large, or shorter than the tensor's offset and length say.

    Source: ONNX IR specification, "External Tensor Data".
    """
    if tensor.data_location != onnx.TensorProto.EXTERNAL:
        return
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if folder is None:
        raise InvalidModelError(
            f"tensor {tensor.name!r} is kept in another file, {location!r}",
            hint="Read the model from its folder, or save it with its data inside.",
        )
    path = _resolve(location, folder, tensor.name)
    offset = _number(entries.get("offset", "0"), "offset", tensor.name)
    available = path.stat().st_size - offset
    length = _number(entries.get("length", str(max(available, 0))), "length", tensor.name)
    if length > available or length > MAX_EXTERNAL_BYTES:
        raise InvalidModelError(
            f"tensor {tensor.name!r} needs {length} bytes at {offset} of {location!r}, which has "
            f"{max(available, 0)} there (at most {MAX_EXTERNAL_BYTES} are read)",
            hint="The data file does not belong to this model; get both from their source.",
        )
    tensor.raw_data = _read(path, offset, length, tensor.name)
    tensor.data_location = onnx.TensorProto.DEFAULT
    del tensor.external_data[:]


def _resolve(location: str, folder: Path, name: str) -> Path:
    """The real path of the data file, which must be a file inside the folder."""
    is_absolute = PurePosixPath(location).is_absolute() or PureWindowsPath(location).drive != ""
    root = folder.resolve()
    try:
        path = (root / location).resolve()
        is_inside = path.is_relative_to(root) and not is_absolute
        is_file = is_inside and path.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise _refused(name, location, "is not a usable path") from error
    if not is_inside:
        raise _refused(name, location, "lies outside the model's folder")
    if not is_file:
        raise _refused(name, location, "is not a file in the model's folder")
    return path


def _refused(name: str, location: str, problem: str) -> InvalidModelError:
    return InvalidModelError(
        f"tensor {name!r} is kept in {location!r}, which {problem}",
        hint="Put the data file beside the model, or save the model with its data inside.",
    )


def _number(text: str, what: str, name: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise InvalidModelError(
            f"tensor {name!r} is kept in another file at {what} {text!r}, which is not a number",
            hint="The file is damaged; get it again from its source.",
        )
    return int(text)


def _read(path: Path, offset: int, length: int, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    except OSError as error:
        raise _refused(name, path.name, f"cannot be read: {error.strerror}") from error
