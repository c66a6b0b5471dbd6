"""Arrays that a user hands in: ``.npz`` files."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fitgraph.ontology.errors import FitgraphError

if TYPE_CHECKING:
    import numpy.typing as npt


class InvalidDataError(FitgraphError):
    """A file of arrays cannot be read, or lacks what is needed of it."""

    code = "invalid-data"


def load_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """All arrays of an ``.npz`` file by name; nothing in it is executed.

    Raises:
        InvalidDataError: not there, not an ``.npz`` file, or damaged.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise InvalidDataError(f"there is no file {path}", hint="check the path") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise InvalidDataError(
            f"{path} is not a readable .npz file of arrays",
            hint="write it with numpy.savez, one array a model input",
        ) from error


def load_test_set(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Samples ``x`` of shape (n, *sample shape) and labels ``y`` of shape (n,).

    Raises:
        InvalidDataError: see ``load_arrays``, or an array is missing.
    """
    arrays = load_arrays(path)
    if missing := {"x", "y"} - set(arrays):
        raise InvalidDataError(
            f"{path} has no array named {' or '.join(sorted(missing))}",
            hint="test data has samples `x` and labels `y`",
        )
    return arrays["x"], arrays["y"]
