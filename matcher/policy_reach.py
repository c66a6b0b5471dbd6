"""What rules can see: which facts they read, and whether names tell nodes apart for them.

A shape of SHACL Core reads what its paths name. So no other facts need be looked at, and resources
that say the same of these are one to it, unless it names one of them. A rule that asks in SPARQL,
or closes a shape, may read anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fitgraph.ontology.namespaces import FG, RDF, RDFS

if TYPE_CHECKING:  # see ``policies``
    from rdflib import Graph

SH: Final = "http://www.w3.org/ns/shacl#"
#: Words of SHACL Core (W3C recommendation, sections 2 to 4) that read no more than paths name, and
#: compare values only for being the same.
_PLAIN: Final = frozenset(
    [
        "BlankNode",
        "BlankNodeOrIRI",
        "BlankNodeOrLiteral",
        "IRI",
        "IRIOrLiteral",
        "Info",
        "Literal",
        "NodeShape",
        "PropertyGroup",
        "PropertyShape",
        "Violation",
        "Warning",
        "alternativePath",
        "and",
        "class",
        "datatype",
        "deactivated",
        "defaultValue",
        "description",
        "disjoint",
        "equals",
        "group",
        "hasValue",
        "in",
        "languageIn",
        "maxCount",
        "maxExclusive",
        "maxInclusive",
        "message",
        "minCount",
        "minExclusive",
        "minInclusive",
        "name",
        "node",
        "nodeKind",
        "not",
        "oneOrMorePath",
        "or",
        "order",
        "path",
        "property",
        "qualifiedMaxCount",
        "qualifiedMinCount",
        "qualifiedValueShape",
        "qualifiedValueShapesDisjoint",
        "severity",
        "targetClass",
        "targetNode",
        "targetObjectsOf",
        "targetSubjectsOf",
        "uniqueLang",
        "xone",
        "zeroOrMorePath",
        "zeroOrOnePath",
    ]
)
#: Likewise, but they read an IRI as text, put IRIs in order, or look from a part at its wholes.
_BY_NAME: Final = frozenset(
    ["flags", "inversePath", "lessThan", "lessThanOrEquals", "maxLength", "minLength", "pattern"]
)
_MATCH: Final = f"{FG}Match"
_TYPES: Final = frozenset({f"{RDF}type", f"{RDFS}subClassOf"})


@dataclass(frozen=True, slots=True)
class Reach:
    """What rules read.

    Attributes:
        predicates: of the facts; None where they may read any.
        names: IRIs that the rules, or the facts beside them, speak of.
        is_blind: whether resources of which these facts are the same are one to the rules, but for
            those that are named.
    """

    predicates: frozenset[str] | None
    names: frozenset[str]
    is_blind: bool

    def reads(self, predicate: str) -> bool:
        """Whether a fact of this predicate counts."""
        return self.predicates is None or predicate in self.predicates


def reach_of(rules: Graph) -> Reach:
    """What these shapes read, with the facts that stand beside them."""
    from rdflib import URIRef  # noqa: PLC0415 - see ``policies``

    names = frozenset(str(one) for triple in rules for one in triple if isinstance(one, URIRef))
    words = {name.removeprefix(SH) for name in names if name.startswith(SH)}
    if not words <= _PLAIN | _BY_NAME:
        return Reach(None, names, is_blind=False)
    # A path names its predicates as objects: of ``sh:path``, or of a list.
    objects = frozenset(str(one) for one in rules.objects() if isinstance(one, URIRef))
    named = frozenset(one for one in objects if not one.startswith(SH))
    types = _TYPES if _reads_types(rules) else frozenset()
    return Reach(named | types, names, is_blind=words <= _PLAIN)


def _reads_types(rules: Graph) -> bool:
    """Whether a class other than that of matches counts."""
    from rdflib import OWL, RDF, RDFS, SH, URIRef  # noqa: PLC0415 - see ``policies``

    classes = {str(one) for one in rules.objects(None, SH.targetClass)}
    # A shape that is a class has its members for targets (SHACL, section 2.1.3.3).
    implicit = any((None, RDF.type, kind) in rules for kind in (RDFS.Class, OWL.Class))
    asked = (None, SH["class"], None) in rules or (None, None, URIRef(str(RDF.type))) in rules
    return bool(classes - {_MATCH}) or implicit or asked
