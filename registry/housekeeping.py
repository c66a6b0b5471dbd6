"""Whether the blobs are those that the graph speaks of, and the removal of those it does not.

A process that is killed between keeping a file and writing what is known of it leaves a blob that
nothing refers to. It does no harm but takes room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import StorageError
from fitgraph.registry.triples.terms import fg, python_value

#: Where no lock keeps others out, a blob this young may be waiting for its triples.
MIN_AGE_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Health:
    """What was found of the blobs, by digest.

    Attributes:
        n_blobs: that are there.
        unused: no graph speaks of them.
        missing: model files that the graph speaks of and that are not there.
        damaged: their bytes have another digest, or cannot be read.
    """

    n_blobs: int
    unused: tuple[str, ...]
    missing: tuple[str, ...]
    damaged: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything that the graph needs is there and whole."""
        return not (self.missing or self.damaged)


class HousekeepingOperations(CatalogueBase):
    """Operations on the store as a whole."""

    def check_blobs(self) -> Health:
        """Holds the blobs against the graph, and reads each of them.

        Raises:
            StorageError: the blobs cannot be listed.
        """
        there = tuple(self.blobs)  # before the graph: what comes meanwhile is not unused
        used = self._files_in_use()
        models = {sha256 for sha256, class_iri in used if class_iri == fg("Model").value}
        return Health(
            n_blobs=len(there),
            unused=tuple(sorted(set(there) - {sha256 for sha256, _ in used})),
            missing=tuple(sorted(models.difference(there))),
            damaged=tuple(sha256 for sha256 in there if _is_damaged(self.blobs, sha256)),
        )

    def delete_unused_blobs(self, min_age_s: float = 0.0) -> tuple[str, ...]:
        """Deletes blobs that no graph speaks of, and returns their digests.

        Args:
            min_age_s: younger ones stay. 0 only for who alone may write; see ``MIN_AGE_S``.
        """
        there = tuple(self.blobs)
        used = {sha256 for sha256, _ in self._files_in_use()}
        return tuple(
            sha256
            for sha256 in there
            if sha256 not in used
            and self.blobs.age_s(sha256) >= min_age_s
            and self.blobs.delete(sha256, self._is_in_use)
        )

    def _files_in_use(self) -> set[tuple[str, str]]:
        """Digests, with the IRIs of the classes of what has them."""
        rows = self._resources.rows("files-in-use")
        return {(str(python_value(row["sha256"])), str(python_value(row["class"]))) for row in rows}


def _is_damaged(blobs: Blobs, sha256: str) -> bool:
    try:
        blobs.get(sha256)
    except StorageError:
        return True
    return False
