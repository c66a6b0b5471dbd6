"""What is odd about the reference graph as a whole; none of it keeps a file out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import NamedNode

from fitgraph.registry.importers.reference_graph_files import TurtleFile
from fitgraph.registry.importers.reference_graph_records import Finding
from fitgraph.registry.importers.reference_graph_terms import compact
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.model_file import ModelFile

#: Terms that the files look for in the TD namespace, and where TD 1.1 has them.
#: Source: https://www.w3.org/TR/wot-thing-description11/, section 5.3 and appendix B.
_MISPLACED: Final[Mapping[str, str]] = {
    "td:href": "hctl:hasTarget",
    "td:maximum": "jsonschema:maximum",
    "td:minimum": "jsonschema:minimum",
    "td:nosec_sc": "an individual of wotsec:NoSecurityScheme",
    "td:op": "hctl:hasOperationType",
    "td:readOnly": "jsonschema:readOnly",
    "td:scheme": "a class of wotsec",
    "td:securityDefinitions": "td:definesSecurityScheme",
    "td:type": "a class of jsonschema",
    "td:unit": "schema:unitCode",
}


def odd_terms(files: Iterable[TurtleFile]) -> Iterator[Finding]:
    """Terms in a namespace that does not have them, and terms that no file declares."""
    used, declared = _terms(files)
    for term, meant in _MISPLACED.items():
        if used[term]:
            yield Finding(term, f"is used {used[term]} times; TD 1.1 has {meant}")
    has_schema = any(term.startswith("nnet:") for term in declared)
    for term in sorted(used):
        if has_schema and term.startswith("nnet:") and term not in declared:
            yield Finding(term, f"is used {used[term]} times and declared nowhere")


def odd_files(
    descriptions: Iterable[ModelDescription], files: Mapping[str, ModelFile]
) -> Iterator[Finding]:
    """Descriptions without a file, files without a description, and files of two names."""
    described = {one.name: one for one in descriptions}
    for name in sorted(set(described) - set(files)):
        yield Finding(name, "has no file of its name beside the descriptions")
    for name in sorted(set(files) - set(described)):
        yield Finding(name, "is a file that nothing describes")
    names: dict[str, list[str]] = {}
    for name, file in sorted(files.items()):
        names.setdefault(file.sha256, []).append(name)
    for same in names.values():
        for other in same[1:]:
            yield Finding(other, f"is the same file as {same[0]}, byte for byte")


def _terms(files: Iterable[TurtleFile]) -> tuple[Counter[str], set[str]]:
    """Compact names that stand as predicate or object, and those that stand as subject."""
    used: Counter[str] = Counter()
    declared: set[str] = set()
    for file in files:
        for triple in file.triples:
            if isinstance(triple.subject, NamedNode):
                declared.add(compact(triple.subject.value))
            used[compact(triple.predicate.value)] += 1
            if isinstance(triple.object, NamedNode):
                used[compact(triple.object.value)] += 1
    return used, declared
