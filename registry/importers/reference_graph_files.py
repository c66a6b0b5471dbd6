"""The reference graph's Turtle files: found, bounded, parsed, with IRIs for their blank nodes.

Nothing of it is known to be benign: files are bounded before they are read, and no triple may
speak of a resource of fitgraph's.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.namespaces import FITGRAPH
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.iris import BASE
from fitgraph.registry.triples.terms import Term

#: The folder's own largest file has 190 kB and 2,500 triples.
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
MAX_FILES: Final = 200
MAX_TRIPLES: Final = 500_000

#: Files name a few data sets by relative IRIs (``<None>``), which need a base to be kept at all.
RELATIVE: Final = f"{BASE}reference-kg/relative/"

#: The follow-up's files lie in a folder of this name, beside the paper's.
SUB_FOLDER: Final = "seloc"

_HINT: Final = "name the folder as it comes from Haoyu-R/How-to-Manage-TinyML-at-Scale or SeLoC-ML"


@dataclass(frozen=True, slots=True)
class TurtleFile:
    """A parsed file.

    Attributes:
        name: relative to the folder, with ``/``: ``seloc/ms200.ttl``.
        triples: in the order of the file, each once; blank nodes stand as they were parsed.
    """

    name: str
    triples: tuple[Triple, ...]


def read_turtle_files(
    folder: Path, progress: Callable[[int, int], None] = lambda *_: None
) -> tuple[TurtleFile, ...]:
    """All Turtle files of the folder and of its ``seloc`` folder, by name.

    Args:
        folder: as it was published.
        progress: told how many of how many files are done.

    Raises:
        InvalidImportError: there is no such folder, a file cannot be parsed (names the line), is
            too large, or speaks of fitgraph's own resources.
    """
    paths = _turtle_paths(folder)
    files: list[TurtleFile] = []
    left = MAX_TRIPLES
    for done, path in enumerate(paths, start=1):
        files.append(_read(path, path.relative_to(folder).as_posix(), left))
        left -= len(files[-1].triples)
        progress(done, len(paths))
    return tuple(files)


def skolemised(triples: Iterable[Triple], graph: str, names: dict[str, str]) -> Iterator[Triple]:
    """The triples with an IRI of the graph in place of each blank node.

    Args:
        triples: of one graph.
        graph: IRI of the graph that a blank node is named in when it is first met.
        names: labels of blank nodes to IRIs; it grows. One file, one mapping: the same file gives
            the same IRIs each time.
    """
    for triple in triples:
        yield Triple(
            NamedNode(_name(triple.subject, graph, names)),
            triple.predicate,
            triple.object
            if isinstance(triple.object, Literal)
            else NamedNode(_name(triple.object, graph, names)),
        )


def _name(term: Term, graph: str, names: dict[str, str]) -> str:
    if isinstance(term, BlankNode):
        return names.setdefault(term.value, f"{graph}#node-{len(names) + 1}")
    assert isinstance(term, NamedNode)
    return term.value


def _turtle_paths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "is not there"
        raise InvalidImportError(f"{folder} {what}", hint=_HINT)
    try:
        found = [path for part in (folder, folder / SUB_FOLDER) for path in part.glob("*.ttl")]
    except OSError as error:
        raise InvalidImportError(f"{folder} cannot be read: {error.strerror}") from error
    if not found:
        raise InvalidImportError(f"{folder} holds no Turtle file", hint=_HINT)
    if len(found) > MAX_FILES:
        raise InvalidImportError(
            f"{folder} holds {len(found)} Turtle files, at most {MAX_FILES} are read", hint=_HINT
        )
    return sorted(found)


def _read(path: Path, name: str, left: int) -> TurtleFile:
    content = _bytes(path, name)
    triples: dict[Triple, None] = {}
    try:
        for quad in parse(input=content, format=RdfFormat.TURTLE, base_iri=RELATIVE):
            _check(quad.triple, name)
            triples[quad.triple] = None
            if len(triples) > left:
                raise InvalidImportError(
                    f"{name}: the files together hold more than {MAX_TRIPLES:,} triples",
                    hint=_HINT,
                )
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise InvalidImportError(
            f"{name}{line}: this is not Turtle: {_reason(error)}",
            hint="get the file again from its source; nothing was imported",
        ) from error
    return TurtleFile(name, tuple(triples))


def _bytes(path: Path, name: str) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InvalidImportError(f"{name} is not a regular file", hint=_HINT)
        if status.st_size > MAX_FILE_BYTES:
            raise InvalidImportError(
                f"{name} has {status.st_size:,} bytes, at most {MAX_FILE_BYTES:,} are read",
                hint=_HINT,
            )
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise InvalidImportError(f"{name} cannot be read: {error.strerror}") from error


def _check(triple: Triple, name: str) -> None:
    """Refuses what would add to, or contradict, what fitgraph itself says.

    A query sees the union of all graphs: ``<.../id/board/x> fg:hasMemoryRegion ...`` in a foreign
    graph would be believed.
    """
    for term in (triple.subject, triple.predicate, triple.object):
        if not isinstance(term, NamedNode | Literal | BlankNode):
            raise InvalidImportError(f"{name}: a triple inside a triple is not RDF 1.1: {term}")
        if (
            isinstance(term, NamedNode)
            and term.value.startswith(FITGRAPH)
            and not term.value.startswith(RELATIVE)
        ):
            raise InvalidImportError(
                f"{name} speaks of {term.value}, which is fitgraph's own",
                hint="only what stands in other namespaces is imported",
            )


def _reason(error: SyntaxError) -> str:
    """The parser's own words without the place, which stands before them already."""
    text = str(error.msg)
    _, _, after = text.partition(": ")
    return after or text
