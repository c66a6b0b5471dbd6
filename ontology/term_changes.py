"""What became of the vocabulary since its last release: added, changed, deprecated, removed.

A release keeps a list of its terms (``releases/0.1.0.json``). A term is never removed, nor made
another kind of thing: who used it would not know. It is deprecated, and names its replacement.

``python -m fitgraph.ontology.term_changes`` prints the changes and fails when a term was removed;
``--release`` writes the list of the version that the vocabulary has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import OWL, Graph, URIRef

from fitgraph.ontology.files import RELEASES_FOLDER
from fitgraph.ontology.namespaces import FG, ONTOLOGY, XSD
from fitgraph.ontology.terms import Term, read_graph, terms_of

#: What a release says of a term: ``kind``, ``definition``, and ``of`` and ``values`` of a property.
Released = Mapping[str, str]

#: Of what is released, the one fact that may never change.
_KIND: Final = "kind"


@dataclass(frozen=True, slots=True)
class Changed:
    """A term of which a release said something else.

    Attributes:
        name: of the term.
        what: ``kind``, ``definition``, ``of`` or ``values``.
    """

    name: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TermChanges:
    """Names of terms since a release, sorted.

    Attributes:
        since: the release's version.
        deprecated: terms that the release had undeprecated.
    """

    since: str
    added: tuple[str, ...]
    changed: tuple[Changed, ...]
    deprecated: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """Terms that were removed or became another kind of thing."""
        other = (change.name for change in self.changed if change.what == _KIND)
        return tuple(sorted({*self.removed, *other}))


def summary(term: Term) -> dict[str, str]:
    """What a release keeps of a term."""
    said = {
        _KIND: term.kind.value,
        "definition": term.definition,
        "of": _names(term.domains),
        "values": _names(term.ranges),
        "deprecated": "yes" if term.deprecated else "",
    }
    return {key: value for key, value in said.items() if value}


def last_release() -> tuple[str, Mapping[str, Released]]:
    """Version and terms of the newest release."""
    path = max(RELEASES_FOLDER.glob("*.json"), key=lambda path: _numbers(path.stem))
    terms: Mapping[str, Released] = json.loads(path.read_text(encoding="utf-8"))
    return path.stem, terms


def term_changes(since: str, before: Mapping[str, Released], terms: Iterable[Term]) -> TermChanges:
    """What became of a release's terms."""
    now = {term.name: summary(term) for term in terms}
    both = sorted(now.keys() & before.keys())
    return TermChanges(
        since=since,
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(
            change for name in both for change in _changed(name, before[name], now[name])
        ),
        deprecated=tuple(
            name for name in both if "deprecated" in now[name] and "deprecated" not in before[name]
        ),
        removed=tuple(sorted(before.keys() - now.keys())),
    )


def _changed(name: str, before: Released, after: Released) -> list[Changed]:
    return [
        Changed(name, what, before.get(what, ""), after.get(what, ""))
        for what in (_KIND, "definition", "of", "values")
        if before.get(what, "") != after.get(what, "")
    ]


def report(changes: TermChanges) -> str:
    """The changes as text."""
    lines = [f"since {changes.since}:"]
    for word, names in (
        ("added", changes.added),
        ("deprecated", changes.deprecated),
        ("removed", changes.removed),
    ):
        lines += [f"{word}: {len(names)}", *(f"  fg:{name}" for name in names)]
    lines.append(f"changed: {len({change.name for change in changes.changed})}")
    for change in changes.changed:
        lines.append(f"  fg:{change.name} {change.what}")
        lines += [f"    - {change.before or 'nothing'}", f"    + {change.after or 'nothing'}"]
    return "\n".join(lines)


def _names(iris: Iterable[str]) -> str:
    return " ".join(iri.replace(FG, "fg:").replace(XSD, "xsd:") for iri in iris)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _version(graph: Graph) -> str:
    return str(graph.value(URIRef(ONTOLOGY), OWL.versionInfo))


def main(arguments: Sequence[str]) -> int:
    """Prints the changes, or writes a release's list; 1 when a term was removed."""
    graph = read_graph()
    terms = terms_of(graph)
    if "--release" in arguments:
        listed = {term.name: summary(term) for term in terms}
        path = RELEASES_FOLDER / f"{_version(graph)}.json"
        path.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
        return 0
    changes = term_changes(*last_release(), terms)
    sys.stdout.write(report(changes) + "\n")
    if changes.broken:
        sys.stderr.write(
            f"fg:{', fg:'.join(changes.broken)}: a released term is deprecated with a "
            "replacement, never removed or made something else\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
