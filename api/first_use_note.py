"""The note in a store that tells what fitgraph put there: a file beside the graph, or a graph."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import RDFS
from fitgraph.registry.endpoint import Endpoint, Place
from fitgraph.registry.errors import StorageError
from fitgraph.registry.iris import BASE, Iri

_NOTE = "built-in.json"
_NOTE_IRI = Iri(f"{BASE}built-in")


@dataclass(frozen=True, slots=True)
class Note:
    """What was put into a store.

    Attributes:
        content: digest of all of it.
        boards: ids of the boards.
    """

    content: str = ""
    boards: tuple[str, ...] = ()


def read_note(where: Place) -> Note:
    """What the note says; nothing when there is none or it cannot be read.

    Raises:
        StorageError: the server cannot be reached.
    """
    try:
        text = _read_graph(where) if isinstance(where, Endpoint) else _read_file(where)
        said = json.loads(text)
        return Note(str(said["content"]), tuple(map(str, said["boards"])))
    except (OSError, ValueError, LookupError, TypeError):
        return Note()


def write_note(where: Place, note: Note) -> None:
    """Replaces the note whole, so that a full disk leaves the old one.

    Raises:
        StorageError: it cannot be written.
    """
    text = json.dumps({"content": note.content, "boards": note.boards})
    if isinstance(where, Endpoint):
        _write_graph(where, text)
    else:
        _write_file(where, text)


def _read_file(folder: Path) -> str:
    return (folder / _NOTE).read_text(encoding="utf-8")


def _write_file(folder: Path, text: str) -> None:
    path = folder / _NOTE
    partial = folder / f"{_NOTE}.{os.getpid()}"
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written: {error.strerror}", hint="free some disk space"
        ) from error


def _read_graph(where: Endpoint) -> str:
    from fitgraph.registry.remote_store import RemoteStore

    with RemoteStore.open(where, read_only=True) as store:
        found = [one.object for one in store.graph(_NOTE_IRI) if isinstance(one.object, Literal)]
    return found[0].value


def _write_graph(where: Endpoint, text: str) -> None:
    from fitgraph.registry.remote_store import RemoteStore

    about = Triple(NamedNode(_NOTE_IRI), NamedNode(f"{RDFS}comment"), Literal(text))
    with RemoteStore.open(where) as store:
        store.replace_graph(_NOTE_IRI, (about,))
