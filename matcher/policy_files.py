"""Reads a folder of policies: Turtle with SHACL shapes, and facts that the shapes speak of."""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph

from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.ontology.bounded_files import read_bounded

if TYPE_CHECKING:  # see ``policies``
    from rdflib import Graph

MAX_FILES: Final = 200
MAX_FILE_BYTES: Final = 1 << 20
_SH: Final = "http://www.w3.org/ns/shacl#"
_TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
# Words of SHACL that rdflib cannot list, since Python keeps them to itself.
_KEYWORDS: Final = frozenset({"and", "class", "in", "not", "or"})
# A rule may ask the graph in SPARQL, and nobody else.
_SERVICE: Final = re.compile(r"\bSERVICE\b", re.IGNORECASE)
_QUERIES: Final = ("select", "ask", "construct", "update")
# SPARQL 1.1 Query, section 19.2: a letter of any word may be written by its number.
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U00([0-9A-Fa-f]{6})")


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file, and what it says."""

    path: Path
    graph: Graph


def read_policies(folder: Path) -> list[PolicyFile]:
    """All ``.ttl`` files of a folder, by name.

    Raises:
        InvalidDemandError: there is none, one does not parse, or says what would not be checked.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".ttl")
    except OSError as error:
        raise InvalidDemandError(
            f"{folder} is no folder that can be read", hint="name a folder with .ttl files in it"
        ) from error
    if not 0 < len(paths) <= MAX_FILES:
        raise InvalidDemandError(
            f"{folder} has {len(paths)} policies; 1 to {MAX_FILES} are taken",
            hint="a policy is a Turtle file (.ttl) with SHACL shapes; see docs/matching.md",
        )
    found = [_read(path) for path in paths]
    for one in found:
        _check(one)
    if not any(_local_names(one.graph) & set(_TARGETS) for one in found):
        raise InvalidDemandError(
            f"no shape in {folder} has a target, so none would be checked",
            hint="give each shape `sh:targetClass fg:Match`",
        )
    return found


def _read(path: Path) -> PolicyFile:
    from rdflib import Graph  # noqa: PLC0415 - see ``policies``

    content = read_bounded(
        path,
        MAX_FILE_BYTES,
        InvalidDemandError,
        hint="look at its permissions",
        too_large="split it into several files",
    )
    try:
        for _ in pyoxigraph.parse(content, pyoxigraph.RdfFormat.TURTLE):
            pass
    except SyntaxError as error:  # it tells the line, rdflib does not always
        line = error.lineno or 1
        raise InvalidDemandError(
            f"{path}, line {line}: {error.msg}",
            hint="a policy is Turtle: look for a missing `.`, `;` or prefix on that line or above",
        ) from error
    try:
        return PolicyFile(path, Graph().parse(data=content, format="turtle"))
    except RecursionError as error:
        raise InvalidDemandError(
            f"{path}: brackets are nested too deeply", hint="give the inner nodes names"
        ) from error


def _check(policy: PolicyFile) -> None:
    """Refuses what pySHACL passes over: a word that SHACL does not have, an odd shape."""
    from rdflib import SH, URIRef  # noqa: PLC0415 - see ``policies``

    known = {str(term).removeprefix(_SH) for term in dir(SH)} | _KEYWORDS
    for name in sorted(_local_names(policy.graph) - known):
        near = get_close_matches(name, known, n=1)
        raise InvalidDemandError(
            f"{policy.path}, line {_line_of(policy.path, name)}: SHACL has no word sh:{name}",
            hint=f"did you mean sh:{near[0]}?" if near else "see the SHACL recommendation",
        )
    for name in _QUERIES:
        if any(
            _asks_others(str(query)) for query in policy.graph.objects(None, URIRef(_SH + name))
        ):
            raise InvalidDemandError(
                f"{policy.path}, line {_line_of(policy.path, name)}: "
                "a rule asks another server (SERVICE)",
                hint="put the facts that it needs into a file of the folder",
            )
    _try(policy)


def _try(policy: PolicyFile) -> None:
    """Holds the shapes against an empty graph, in which a shape that cannot be checked shows."""
    from pyshacl import validate  # noqa: PLC0415 - see ``policies``
    from rdflib import Graph  # noqa: PLC0415

    # It would print the whole report of what the error below says in a sentence.
    log = logging.getLogger("pyshacl-validate")
    was_disabled, log.disabled = log.disabled, True
    try:
        validate(Graph(), shacl_graph=policy.graph, meta_shacl=True)
    except Exception as error:  # pySHACL raises whatever a shape makes it meet
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        told = [line for line in lines if line.startswith("Message:")] or lines or [repr(error)]
        raise InvalidDemandError(
            f"{policy.path}: a shape cannot be checked: {told[0].removeprefix('Message:').strip()}",
            hint="hold it against SHACL, sections 2 to 5",
        ) from error
    finally:
        log.disabled = was_disabled


def _asks_others(query: str) -> bool:
    """Whether a query has the word, in letters or in their numbers."""
    return _SERVICE.search(_ESCAPED.sub(_letter, query)) is not None


def _letter(escaped: re.Match[str]) -> str:
    number = int(escaped[1] or escaped[2], 16)
    return chr(number) if number <= sys.maxunicode else escaped[0]


def _local_names(graph: Graph) -> set[str]:
    """Words of the SHACL namespace that a graph uses, anywhere."""
    terms = {str(term) for triple in graph for term in triple}
    return {term.removeprefix(_SH) for term in terms if term.startswith(_SH)}


def _line_of(path: Path, name: str) -> int:
    """The first line with the word; 1 where it is written otherwise."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((n for n, line in enumerate(lines, 1) if re.search(rf"\b{name}\b", line)), 1)
