"""The registry: models, boards, runtimes and what is known of them together.

Whatever is added is validated before anything is written, and written in one transaction.
Adding the same content again does nothing. What something refers to must be there before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fitgraph.registry.alignments import AlignmentOperations
from fitgraph.registry.backup import BackupOperations
from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue_changes import ChangeOperations
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
from fitgraph.registry.directory_operations import DirectoryOperations
from fitgraph.registry.endpoint import Endpoint, Place, place
from fitgraph.registry.housekeeping import HousekeepingOperations
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.vocabulary_graphs import write_vocabulary

DEFAULT_FOLDER: Final = ".fitgraph"
PLACE_VARIABLE: Final = "FITGRAPH_STORE"


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
    DirectoryOperations,
    AlignmentOperations,
    HousekeepingOperations,
    ChangeOperations,
    BackupOperations,
):
    """All operations, over a graph store and the blobs that it speaks of."""


def default_place() -> Place:
    """``FITGRAPH_STORE``, or ``.fitgraph`` in the working directory."""
    return place(os.environ.get(PLACE_VARIABLE) or DEFAULT_FOLDER, os.environ)


@contextmanager
def open_registry(
    where: Place | str | None = None, *, read_only: bool = False, patience_s: float = 0.0
) -> Iterator[Registry]:
    """Opens the registry in a folder, or on a server; a folder to be written is made.

    Args:
        where: a folder that holds ``graph/`` and ``blobs/``, or a SPARQL server, whose blobs lie
            elsewhere; a text as ``FITGRAPH_STORE`` takes it; ``default_place()`` if None.
        read_only: several may read at once; in a folder, not beside a writer.
        patience_s: how long to wait for others to finish with a folder.

    Raises:
        StoreBusyError: somebody else has it open.
        StorageError: the disk is full, the folder not to be written, the server not to be used.
        NotFoundError: it is to be read and is not there.
    """
    where = default_place() if where is None else where
    if isinstance(where, str):
        where = place(where, os.environ)
    if isinstance(where, Endpoint):
        # Who keeps the graph in a folder need not wait for an HTTP library.
        from fitgraph.registry.remote_store import RemoteStore  # noqa: PLC0415

        with RemoteStore.open(where, read_only=read_only) as remote:
            if not read_only:
                write_vocabulary(remote)
                remote.require_union()
            yield Registry(remote, Blobs(where.blobs))
        return
    with EmbeddedStore.open(where / "graph", read_only=read_only, patience_s=patience_s) as store:
        blobs = Blobs(where / "blobs")
        if not read_only:
            blobs.delete_partial()  # nobody else writes now, which a server would not promise
            write_vocabulary(store)
        yield Registry(store, blobs)
