"""What can go wrong between a file somebody hands us and the graph."""

from __future__ import annotations

from fitgraph.ontology.errors import FitgraphError


class RegistryError(FitgraphError):
    """Base of the registry's errors."""

    code = "registry-error"


class InvalidModelError(RegistryError):
    """The bytes are not a model that can be read."""

    code = "invalid-model"


class InvalidBoardError(RegistryError):
    """A board description contradicts itself or lacks what matching needs."""

    code = "invalid-board"


class InvalidImportError(RegistryError):
    """What is to be imported cannot be read, or is not what it is said to be."""

    code = "invalid-import"


class InvalidMcuError(RegistryError):
    """A microcontroller's description contradicts itself."""

    code = "invalid-mcu"


class InvalidThingError(RegistryError):
    """A document is no Thing Description or Thing Model that can be kept.

    Attributes:
        places: JSON pointer and reason of each error; none where the whole cannot be read.
    """

    code = "invalid-thing"

    def __init__(
        self, message: str, *, hint: str = "", places: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.places = places


class InvalidRecordError(RegistryError):
    """A record's triples violate a SHACL shape."""

    code = "invalid-record"


class NotFoundError(RegistryError):
    """No resource of that name."""

    code = "not-found"


class ConflictError(RegistryError):
    """The name is taken by something else."""

    code = "conflict"


class StoreBusyError(RegistryError):
    """Another process has the store open for writing."""

    code = "store-busy"
    exit_code = 3


class StorageError(RegistryError):
    """The disk is full, read-only or otherwise not to be written."""

    code = "storage-error"
    exit_code = 3
