"""What the page shows, taken from the vocabulary, its alignments and its operator schemes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, SKOS
from rdflib.term import Node

from fitgraph.ontology.files import ALIGNMENTS, MODULES, OPERATOR_LINKS, OPERATOR_SCHEMES
from fitgraph.ontology.namespaces import FG, ONTOLOGY, OPERATORS
from fitgraph.ontology.term_changes import last_release, term_changes
from fitgraph.ontology.terms import Kind, Term, read_graph, terms_of
from scripts.ontology_page.diagram import diagram

FOLDER: Final = Path(__file__).resolve().parent
_FG: Final = Namespace(FG)

#: How the page says what an alignment says.
RELATIONS: Final[Mapping[URIRef, str]] = {
    RDFS.subClassOf: "is a",
    RDFS.subPropertyOf: "is a",
    RDFS.range: "values are",
    RDFS.seeAlso: "see also",
    SKOS.exactMatch: "same as",
    SKOS.closeMatch: "close to",
    SKOS.broadMatch: "narrower than",
    URIRef("http://qudt.org/schema/qudt/hasQuantityKind"): "quantity",
}


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the vocabulary with its terms."""

    name: str
    title: str
    description: str
    classes: tuple[Term, ...]
    properties: tuple[Term, ...]
    schemes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """A file that relates terms to those of another vocabulary."""

    name: str
    title: str
    description: str
    references: tuple[str, ...]
    sources: tuple[str, ...]
    n_relations: int


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator of ONNX with its counterparts in TFLite."""

    name: str
    versions: tuple[int, ...]
    exact: tuple[str, ...]
    close: tuple[str, ...]


class Page:
    """The vocabulary as the template asks for it."""

    def __init__(self) -> None:
        self.graph = read_graph()
        self.aligned = read_graph(ALIGNMENTS)
        self.terms = {term.name: term for term in terms_of(self.graph)}
        self.changes = term_changes(*last_release(), self.terms.values())
        self.diagram = Markup(diagram(self.terms))  # noqa: S704 - made here, and escaped
        self.namespace = FG
        self.version = str(self.graph.value(URIRef(ONTOLOGY), OWL.versionInfo))

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        return tuple(self._module(path) for path in MODULES)

    @cached_property
    def alignments(self) -> tuple[Alignment, ...]:
        return tuple(_alignment(path) for path in ALIGNMENTS)

    @cached_property
    def operators(self) -> tuple[OperatorRow, ...]:
        """Operators of ONNX that TFLite has something like."""
        graph = read_graph((*OPERATOR_SCHEMES, OPERATOR_LINKS))
        linked = {s for p in (SKOS.exactMatch, SKOS.closeMatch) for s in graph.subjects(p)}
        return tuple(_operator_row(graph, operator) for operator in sorted(linked, key=str))

    @cached_property
    def operator_counts(self) -> Mapping[str, int]:
        return {
            path.stem: len(set(Graph().parse(path).subjects(RDF.type, _FG.Operator)))
            for path in OPERATOR_SCHEMES
        }

    def members(self, scheme: Term) -> tuple[Term, ...]:
        """Individuals of a scheme."""
        return tuple(term for term in self.terms.values() if term.scheme == scheme.iri)

    def properties_of(self, a_class: Term) -> tuple[Term, ...]:
        """Properties that individuals of the class have."""
        return tuple(term for term in self.terms.values() if a_class.iri in term.domains)

    def values_of(self, a_class: Term) -> tuple[Term, ...]:
        """Properties whose values are of the class."""
        return tuple(term for term in self.terms.values() if a_class.iri in term.ranges)

    def kinds_of(self, term: Term) -> tuple[Term, ...]:
        """Terms that are a kind of this one."""
        return tuple(other for other in self.terms.values() if term.iri in other.parents)

    def relations(self, term: Term) -> tuple[tuple[str, str], ...]:
        """What alignments say of a term: words and the other term's IRI."""
        said = self.aligned.predicate_objects(URIRef(term.iri))
        return tuple(sorted((RELATIONS[_iri(p)], str(o)) for p, o in said))

    def is_new(self, term: Term) -> bool:
        return term.name in self.changes.added

    def short(self, iri: str) -> str:
        """``prov:Entity`` for an IRI, or the address without its scheme."""
        if iri.startswith(FG):
            return f"fg:{iri.removeprefix(FG)}"
        for graph in (self.aligned, self.graph):
            prefix, namespace, name = _split(graph, iri)
            if prefix and namespace:
                return f"{prefix}:{name}"
        return iri.removeprefix("https://").removeprefix("http://")

    def link(self, iri: str) -> str:
        """Where an IRI leads: into the page for a term of ours."""
        return f"#{iri.removeprefix(FG)}" if iri.startswith(FG) else iri

    def _module(self, path: Path) -> Module:
        iri = URIRef(ONTOLOGY if path.stem == "core" else f"{ONTOLOGY}/{path.stem}")
        terms = [term for term in self.terms.values() if term.module == path.stem]
        return Module(
            name=path.stem,
            title=str(self.graph.value(iri, DCTERMS.title)).partition(": ")[2] or path.stem,
            description=str(self.graph.value(iri, DCTERMS.description)),
            classes=_of_kind(terms, Kind.CLASS),
            properties=_of_kind(terms, Kind.OBJECT_PROPERTY, Kind.DATATYPE_PROPERTY),
            schemes=_of_kind(terms, Kind.SCHEME),
        )


def render(page: Page) -> str:
    """The page as one HTML document that needs no other file."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - ours
    return environment.get_template("page.html.j2").render(page=page, style=style) + "\n"


def _alignment(path: Path) -> Alignment:
    graph, iri = Graph().parse(path), URIRef(f"{ONTOLOGY}/alignments/{path.stem}")
    return Alignment(
        name=path.stem,
        title=str(graph.value(iri, DCTERMS.title)).removeprefix("fitgraph ontology aligned with "),
        description=str(graph.value(iri, DCTERMS.description)),
        references=tuple(sorted(map(str, graph.objects(iri, DCTERMS.references)))),
        sources=tuple(sorted(map(str, graph.objects(iri, DCTERMS.source)))),
        n_relations=sum(subject != iri for subject in graph.subjects()),
    )


def _operator_row(graph: Graph, operator: Node) -> OperatorRow:
    others: dict[Node, list[str]] = defaultdict(list)
    for relation in (SKOS.exactMatch, SKOS.closeMatch):
        others[relation] = sorted(_op_type(o) for o in graph.objects(operator, relation))
    return OperatorRow(
        name=_op_type(operator),
        versions=tuple(sorted(int(str(v)) for v in graph.objects(operator, _FG.sinceVersion))),
        exact=tuple(others[SKOS.exactMatch]),
        close=tuple(others[SKOS.closeMatch]),
    )


def _op_type(operator: Node) -> str:
    return str(operator).removeprefix(OPERATORS).partition("/")[2]


def _of_kind(terms: Iterable[Term], *kinds: Kind) -> tuple[Term, ...]:
    return tuple(term for term in terms if term.kind in kinds)


def _iri(node: Node) -> URIRef:
    return URIRef(str(node))


def _split(graph: Graph, iri: str) -> tuple[str, str, str]:
    """The longest namespace that the graph has a prefix for."""
    known = ((p, str(n)) for p, n in graph.namespaces() if iri.startswith(n) and len(n) < len(iri))
    prefix, namespace = max(known, key=lambda one: len(one[1]), default=("", ""))
    return prefix, namespace, iri.removeprefix(namespace)
