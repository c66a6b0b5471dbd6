"""A whole store in one file, and back: the graph as N-Quads, the files that it speaks of beside it.

The file is a tar archive, compressed with gzip, with the members ``about.json``, ``graph.nq`` and
``blobs/<sha256>``. What is restored is checked on the way: every blob against its name, every
quad by the parser, and that nothing else is in the archive.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import ConflictError, InvalidImportError, StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.triples.terms import python_value

FORMAT: Final = "fitgraph backup 1"
_ABOUT, _GRAPH = "about.json", "graph.nq"
_BLOB: Final = re.compile(r"blobs/([0-9a-f]{64})")
#: Two hundred times the catalogue.
_MAX_GRAPH_BYTES: Final = 32 << 30
_MAX_ABOUT_BYTES: Final = 1 << 20
#: Twice the largest model file that is ever taken.
_MAX_BLOB_BYTES: Final = 512 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    Attributes:
        notes: what the caller wants to keep with it.
    """

    n_graphs: int
    n_triples: int
    n_blobs: int
    notes: Mapping[str, Any]


class BackupOperations(CatalogueBase):
    """Writing all of the registry into a file, and reading it back."""

    def write_backup(self, path: Path, notes: Mapping[str, Any]) -> Backup:
        """Writes a backup; the file is there whole or not at all.

        Args:
            path: of the file, which must not be there.
            notes: JSON values to keep with it.

        Raises:
            StorageError: the file is there already or cannot be written, or a blob is damaged.
        """
        if path.exists():
            raise StorageError(f"{path} is there already", hint="name a file that is not")
        partial = path.with_name(f"{path.name}.partial")
        try:
            with tarfile.open(partial, "w:gz", compresslevel=6) as archive:
                backup = self._write(archive, notes)
            partial.replace(path)
        except OSError as error:
            raise StorageError(
                f"{path} cannot be written: {error.strerror or error}",
                hint="check the folder and the free disk space",
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return backup

    def read_backup(self, path: Path) -> Backup:
        """Fills an empty registry from a backup: with all of it, or with nothing.

        What the vocabulary says is taken from this version of fitgraph the next time it is opened.

        Raises:
            ConflictError: the registry holds models, boards or other resources.
            InvalidImportError: the file is no backup, or is damaged.
            StorageError: the disk is full; blobs may stay, which ``store clean`` removes.
        """
        if self._resources.names("model") or self._resources.names("board"):
            raise ConflictError(
                "a backup is restored into a store of its own, and this one is in use",
                hint="name another with --store; it is made if it is not there",
            )
        with _reading(path) as archive, TemporaryFile() as graph:
            about, n_blobs = self._read_members(archive, graph)
            graph.seek(0)
            counts = [0, 0]
            self.store.write_many(_counted(_graphs(graph), counts))
        return Backup(counts[0], counts[1], n_blobs, about["notes"])

    def _write(self, archive: tarfile.TarFile, notes: Mapping[str, Any]) -> Backup:
        iris = tuple(Iri(iri) for iri in self.store.graphs())
        n_triples = 0
        with TemporaryFile() as lines:
            for iri, triples in self._resources.graphs(iris):
                # Sorted, so that the same graph gives the same file.
                for triple in sorted(map(str, triples)):
                    lines.write(f"{triple} {NamedNode(iri)} .\n".encode())
                n_triples += len(triples)
            _add(archive, _GRAPH, lines)
        used = {str(python_value(row["sha256"])) for row in self._resources.rows("files-in-use")}
        kept = [sha256 for sha256 in sorted(used) if self.blobs.has(sha256)]
        for sha256 in kept:
            _add(archive, f"blobs/{sha256}", io.BytesIO(self.blobs.get(sha256)))
        about = {"format": FORMAT, "graphs": len(iris), "blobs": len(kept), "notes": notes}
        _add(archive, _ABOUT, io.BytesIO(json.dumps(about).encode()))
        return Backup(len(iris), n_triples, len(kept), notes)

    def _read_members(
        self, archive: tarfile.TarFile, graph: IO[bytes]
    ) -> tuple[dict[str, Any], int]:
        about: dict[str, Any] = {}
        n_blobs, has_graph = 0, False
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            blob = _BLOB.fullmatch(member.name)
            if content is None:
                raise _damaged(f"{member.name} is no file")
            if blob and member.size <= _MAX_BLOB_BYTES:
                self._put(blob[1], content.read())
                n_blobs += 1
            elif member.name == _GRAPH and not has_graph and member.size <= _MAX_GRAPH_BYTES:
                has_graph = True
                while chunk := content.read(1 << 20):
                    graph.write(chunk)
            elif member.name == _ABOUT and member.size <= _MAX_ABOUT_BYTES:
                about = json.loads(content.read())
            else:
                raise _damaged(f"{member.name} does not belong there")
        if not has_graph or about.get("format") != FORMAT or about.get("blobs") != n_blobs:
            raise _damaged("it is not complete, or of another version")
        return about, n_blobs

    def _put(self, sha256: str, content: bytes) -> None:
        if self.blobs.put(content) != sha256:
            raise _damaged(f"the blob {sha256[:12]} has another digest")


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)  # with no time: the same store gives the same file
    member.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    archive.addfile(member, content)


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive that is read from its start to its end, whatever it claims to hold."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, ValueError, SyntaxError, zlib.error) as error:
        raise _damaged(f"it cannot be read: {error}") from error
    except FileNotFoundError as error:
        raise InvalidImportError(f"there is no file {path}", hint="check the path") from error
    except OSError as error:
        raise _damaged(f"it cannot be read: {error.strerror or error}") from error


def _graphs(lines: IO[bytes]) -> Iterator[tuple[Iri, list[Triple]]]:
    """Graphs one by one, as they follow each other."""
    iri, triples = None, []
    for quad in parse(lines, RdfFormat.N_QUADS):
        name = quad.graph_name
        if not isinstance(name, NamedNode):
            raise _damaged("a triple stands in no named graph")
        if name != iri and iri is not None:
            yield Iri(iri.value), triples
            triples = []
        iri = name
        triples.append(quad.triple)
    if iri is not None:
        yield Iri(iri.value), triples


def _counted(
    graphs: Iterator[tuple[Iri, list[Triple]]], counts: list[int]
) -> Iterator[tuple[Iri, list[Triple]]]:
    for iri, triples in graphs:
        counts[0] += 1
        counts[1] += len(triples)
        yield iri, triples


def _damaged(what: str) -> InvalidImportError:
    return InvalidImportError(
        f"this is no backup that can be restored: {what}", hint="take another copy of the file"
    )
