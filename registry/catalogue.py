"""The registry: models, boards, runtimes and what is known of them together.

Whatever is added is validated before anything is written, and written in one transaction.
Adding the same content again does nothing. What something refers to must be there before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue_descriptions import DescriptionOperations, MeasurementOperations
from fitgraph.registry.catalogue_devices import (
    BoardOperations,
    McuOperations,
    RuntimeOperations,
)
from fitgraph.registry.catalogue_evidence import (
    FootprintOperations,
    ProofOperations,
    VariantOperations,
)
from fitgraph.registry.catalogue_import import CatalogueImport
from fitgraph.registry.catalogue_imported import ImportOperations
from fitgraph.registry.catalogue_models import ModelOperations
from fitgraph.registry.catalogue_reference_graph import ReferenceGraphOperations
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.thing_operations import ThingOperations
from fitgraph.registry.vocabulary_graphs import write_vocabulary

DEFAULT_FOLDER: Final = Path(".fitgraph")
FOLDER_VARIABLE: Final = "FITGRAPH_STORE"


class Registry(
    ModelOperations,
    CatalogueImport,
    McuOperations,
    BoardOperations,
    RuntimeOperations,
    ImportOperations,
    FootprintOperations,
    ProofOperations,
    VariantOperations,
    DescriptionOperations,
    MeasurementOperations,
    ReferenceGraphOperations,
    ThingOperations,
):
    """All operations, over a graph store and the blobs that it speaks of."""


def default_folder() -> Path:
    """``FITGRAPH_STORE``, or ``.fitgraph`` in the working directory."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


@contextmanager
def open_registry(
    folder: Path | None = None, *, read_only: bool = False, patience_s: float = 0.0
) -> Iterator[Registry]:
    """Opens the registry in a folder; one to be written is made if it is not there.

    Args:
        folder: holds ``graph/`` and ``blobs/``; ``default_folder()`` if None.
        read_only: several may read at once, but not beside a writer.
        patience_s: how long to wait for others to finish.

    Raises:
        StoreBusyError: somebody else has it open.
        StorageError: the disk is full or the folder not to be written.
        NotFoundError: it is to be read and is not there.
    """
    folder = default_folder() if folder is None else folder
    with EmbeddedStore.open(folder / "graph", read_only=read_only, patience_s=patience_s) as store:
        blobs = Blobs(folder / "blobs")
        if not read_only:
            blobs.delete_partial()
            write_vocabulary(store)
        yield Registry(store, blobs)
