"""Named graphs for the reference graph's own triples: one a resource of theirs, where that shows.

A query sees the union of all graphs, and sees a triple twice that stands in two of them: each
triple goes into the first graph that asks for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad, Store, Triple

from fitgraph.registry.importers.reference_graph_devices import DEVICE, board_id
from fitgraph.registry.importers.reference_graph_files import TurtleFile, skolemised
from fitgraph.registry.importers.reference_graph_terms import Described, edition
from fitgraph.registry.iris import BASE, Iri

#: Their networks, and each part of one, end with the network's UUID.
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def foreign_graphs(files: Iterable[TurtleFile]) -> dict[Iri, frozenset[Triple]]:
    """All triples of the files by graph, each triple once, blank nodes skolemised."""
    graphs: dict[Iri, set[Triple]] = defaultdict(set)
    seen: set[Triple] = set()
    for file in files:
        rest = _graph_of_file(file)
        names: dict[str, str] = {}
        for triple in file.triples:
            graph = _graph_of(triple, rest)
            (kept,) = skolemised([triple], graph, names)
            if kept not in seen:
                seen.add(kept)
                graphs[graph].add(kept)
    return {graph: frozenset(triples) for graph, triples in sorted(graphs.items())}


def as_stored(graphs: Mapping[Iri, Iterable[Triple]]) -> dict[Iri, frozenset[Triple]]:
    """The graphs as a store gives them back, so that what is there can be told from what is new.

    Oxigraph keeps numbers by value: ``9.14e+01`` comes back as ``91.4``.
    """
    store = Store()
    for graph, triples in graphs.items():
        name = NamedNode(graph)
        store.extend(Quad(t.subject, t.predicate, t.object, name) for t in triples)
    return {
        graph: frozenset(
            quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(graph))
        )
        for graph in graphs
    }


def without(
    graphs: Mapping[Iri, frozenset[Triple]], known: frozenset[Triple]
) -> dict[Iri, frozenset[Triple]]:
    """The graphs without triples that stand elsewhere already; a graph that is left empty goes."""
    rest = {graph: triples - known for graph, triples in graphs.items()}
    return {graph: triples for graph, triples in rest.items() if triples}


def _graph_of(triple: Triple, rest: Iri) -> Iri:
    if isinstance(triple.subject, NamedNode):
        iri = triple.subject.value
        found = _UUID.search(iri)
        if found and edition(iri):
            return _iri(edition(iri), "network", found.group())
    return rest


def _graph_of_file(file: TurtleFile) -> Iri:
    """Graph of what belongs to no network: of the file's one device, or of the file itself."""
    devices = Described(file.triples).instances(DEVICE)
    if len(devices) == 1:
        key = devices[0].rpartition("/")[2]
        return _iri(edition(devices[0]) or "other", "device", board_id(key) or "unnamed")
    return _iri("file", PurePosixPath(file.name).with_suffix("").as_posix())


def _iri(*path: str) -> Iri:
    return Iri(f"{BASE}reference-kg/" + "/".join(quote(part, safe="/+._-~") for part in path))
