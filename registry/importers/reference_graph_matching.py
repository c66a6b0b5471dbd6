"""Finds the files of descriptions whose names differ, by what both say of the model.

Descriptions give no digest. Where a file has another name than the description, its size to the
byte and its layers in their order tell it: if no other file agrees with them, and no more
descriptions than there are files of that content.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fitgraph.registry.importers.reference_graph_records import Finding, ReferenceGraph
from fitgraph.registry.layer_names import operator_types
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.model_graph import ModelGraph

_CONTENT: Final = "content, size and layers"


def match_by_content(reference: ReferenceGraph, graphs: Mapping[str, ModelGraph]) -> ReferenceGraph:
    """The reference graph, with files for descriptions that have none of their name.

    Args:
        reference: as read from its folder.
        graphs: the files beside it, read; by SHA-256.

    Returns:
        What was matched, and what could not be told apart, is among the findings.
    """
    taken = {one.model_sha256 for one in reference.descriptions}
    free = {sha256: graph for sha256, graph in graphs.items() if sha256 not in taken}
    names = _names(reference)
    candidates = {
        one.description_id: [sha256 for sha256, graph in free.items() if _agree(one, graph)]
        for one in reference.descriptions
        if one.model_sha256 is None
    }
    rivals = Counter(sha256 for found in candidates.values() for sha256 in found)
    matched: dict[str, str] = {}
    findings = set(reference.findings)
    for one in reference.descriptions:
        found = candidates.get(one.description_id, [])
        files = [name for sha256 in found for name in names[sha256]]
        if len(found) == 1 and rivals[found[0]] <= len(files):
            matched[one.description_id] = found[0]
            findings.add(
                Finding(one.name, f"is matched to {' and '.join(files)} by {_CONTENT}, not by name")
            )
        elif found:
            findings.add(
                Finding(one.name, f"cannot be told from others by {_CONTENT}: {', '.join(files)}")
            )
    return replace(
        reference,
        descriptions=tuple(
            replace(one, model_sha256=matched.get(one.description_id, one.model_sha256))
            for one in reference.descriptions
        ),
        findings=tuple(sorted(findings)),
        by_content=tuple(
            sorted(
                (one.name, " and ".join(names[matched[one.description_id]]))
                for one in reference.descriptions
                if one.description_id in matched
            )
        ),
    )


def _names(reference: ReferenceGraph) -> dict[str, list[str]]:
    """Names of the files by SHA-256; the same file may have several."""
    names: dict[str, list[str]] = defaultdict(list)
    for file in reference.model_files:
        names[file.sha256].append(file.path.name)
    return {sha256: sorted(found) for sha256, found in names.items()}


def _agree(description: ModelDescription, graph: ModelGraph) -> bool:
    """Whether all that is claimed of size and layers is so, and something is claimed of both."""
    sizes = description.claimed("flashBytes")
    layers = description.claimed("layerTypes")
    actual = tuple(operator.op_type for operator in graph.operators)
    return (
        bool(sizes and layers)
        and all(size == graph.file_bytes for size in sizes)
        and all(operator_types(str(one)) == actual for one in layers)
    )
