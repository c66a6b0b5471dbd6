"""Compiles a file of SHACL shapes into functions, and holds resources against them.

pySHACL takes 20 ms and more for one board; compiled shapes take a tenth of a millisecond, so that
whole catalogues come in with every check. A tenth of SHACL would do for our shapes, and only what
is written here is done: a shape that says anything else is refused when it is loaded, never passed
over. A property test holds the verdicts against pySHACL's.

Source: SHACL, W3C Recommendation of 20 July 2017, sections 2 to 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology import shacl_checks as checks
from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.namespaces import RDF
from fitgraph.ontology.shacl_checks import Check
from fitgraph.ontology.shacl_values import DATATYPES, comparable, shown
from fitgraph.ontology.subgraph import Subgraph, Term
from fitgraph.ontology.violation import Violation

_SH: Final = "http://www.w3.org/ns/shacl#"
_TYPE: Final = NamedNode(f"{RDF}type")

#: Compares with a constant or with another property.
_BOUNDS: Final[Mapping[str, checks.Compare]] = {
    "minInclusive": checks.AT_LEAST,
    "maxInclusive": checks.AT_MOST,
    "minExclusive": checks.ABOVE,
    "maxExclusive": checks.BELOW,
}
_PAIRS: Final[Mapping[str, checks.Compare]] = {
    "lessThan": checks.BELOW,
    "lessThanOrEquals": checks.AT_MOST,
}
#: Words that constrain nothing by themselves.
_SILENT: Final = frozenset(
    {"path", "property", "targetClass", "message", "flags", "name", "description", "order"}
) | {"qualifiedValueShape"}


class UnsupportedShapeError(OntologyError):
    """A shape says something that would not be checked."""

    code = "unsupported-shape"


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape.

    Attributes:
        path: the property whose values are looked at; None for the focus node itself.
        checks: hold for the values.
        properties: shapes that each value conforms to, and that report for themselves.
        message: the sentence for what breaks a check.
    """

    path: NamedNode | None
    checks: tuple[Check, ...]
    properties: tuple[Shape, ...]
    message: str

    def violations(self, graph: Subgraph, focus: Term) -> Iterator[Violation]:
        """What breaks the rules at a focus node; the same may come twice."""
        if self.conforms(graph, focus):
            return
        values = (focus,) if self.path is None else graph.values(focus, self.path)
        for check in self.checks:
            for value in check(graph, focus, values):
                yield Violation(shown(focus), shown(self.path), shown(value), self.message)
        for nested in self.properties:
            for value in values:
                yield from nested.violations(graph, value)

    def conforms(self, graph: Subgraph, focus: Term) -> bool:
        """Whether nothing breaks the rules at a focus node."""
        values = (focus,) if self.path is None else graph.values(focus, self.path)
        return not any(check(graph, focus, values) for check in self.checks) and all(
            nested.conforms(graph, value) for nested in self.properties for value in values
        )


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of one file, by the class whose individuals they speak of."""

    by_class: tuple[tuple[NamedNode, Shape], ...]

    def violations(self, graph: Subgraph) -> Iterator[Violation]:
        """What breaks the rules in a graph; the same may come twice."""
        for target, shape in self.by_class:
            for focus in graph.instances(target):
                yield from shape.violations(graph, focus)


def compile_shapes(triples: Iterable[Triple]) -> Shapes:
    """Compiles shapes.

    Raises:
        UnsupportedShapeError: something in them would not be checked.
    """
    compiler = _Compiler(Subgraph(triples))
    return Shapes(tuple(compiler.targets()))


class _Compiler:
    """Turns shapes into functions, each when it is first referred to."""

    def __init__(self, graph: Subgraph) -> None:
        self._graph = graph
        self._seen: set[Term] = set()
        self._inside: list[Term] = []

    def targets(self) -> Iterator[tuple[NamedNode, Shape]]:
        """All shapes with a target, and their classes; then nothing may be left over."""
        found = tuple(self._graph.subjects(_sh("targetClass")))
        for node in found:
            shape = self._shape(node, must_speak=True)
            for target in self._graph.values(node, _sh("targetClass")):
                yield self.iri(node, target), shape
        for node in self._graph.subjects():
            if node not in self._seen and any(map(_is_shacl, self._graph.predicates(node))):
                raise _unsupported(node, "it has no target and no shape refers to it")

    def _shape(self, node: Term, *, must_speak: bool) -> Shape:
        """A shape; one that reports for itself must say its sentence."""
        if node in self._inside:
            raise _unsupported(node, "it refers to itself")
        self._inside.append(node)
        self._seen.add(node)
        words = [word for word in self._graph.predicates(node) if _is_shacl(word)]
        made = tuple(check for word in words for check in self._checks(node, word))
        message = self._one(node, "message")
        if made and must_speak and not isinstance(message, Literal):
            raise _unsupported(node, "it has no sh:message")
        path = self._one(node, "path")
        nested = self._graph.values(node, _sh("property"))
        shape = Shape(
            path=None if path is None else self.iri(node, path),
            checks=made,
            properties=tuple(self._shape(one, must_speak=must_speak) for one in nested),
            message=shown(message),
        )
        self._inside.pop()
        return shape

    def _checks(self, node: Term, word: NamedNode) -> Iterator[Check]:
        name = word.value.removeprefix(_SH)
        if name in _SILENT:
            return
        make = _MAKERS.get(name)
        if make is None:
            raise _unsupported(node, f"sh:{name} is not supported")
        for value in self._graph.values(node, word):
            try:
                yield make(self, node, value)
            except (ValueError, KeyError, TypeError) as error:
                raise _unsupported(node, f"sh:{name} cannot be {shown(value)!r}") from error

    def _one(self, node: Term, name: str) -> Term | None:
        values = self._graph.values(node, _sh(name))
        if len(values) > 1:
            raise _unsupported(node, f"it has two values of sh:{name}")
        return values[0] if values else None

    def iri(self, node: Term, value: Term) -> NamedNode:
        """What must be an IRI."""
        if not isinstance(value, NamedNode):
            raise _unsupported(node, f"{shown(value)!r} is not an IRI; paths are not supported")
        return value

    def conforms(self, node: Term) -> checks.Conforms:
        """A nested shape that only answers yes or no."""
        return self._shape(node, must_speak=False).conforms

    def listed(self, head: Term) -> list[checks.Conforms]:
        """The nested shapes of a list."""
        return [self.conforms(member) for member in self._graph.items(head)]

    def items(self, head: Term) -> list[Term]:
        """The members of a list."""
        return list(self._graph.items(head))

    def qualified(self, node: Term, compare: checks.Compare, bound: Term) -> Check:
        """How many values conform to the shape's own sh:qualifiedValueShape."""
        shape = self._one(node, "qualifiedValueShape")
        if shape is None:
            raise _unsupported(node, "it counts values without sh:qualifiedValueShape")
        return checks.qualified(self.conforms(shape), compare, _integer(bound))

    def pattern(self, node: Term, value: Term) -> Check:
        """A regular expression with the shape's own sh:flags."""
        flags = shown(self._one(node, "flags"))
        if flags.strip("i"):
            raise _unsupported(node, f"sh:flags {flags!r} are not supported")
        return checks.pattern(shown(value), flags)


_Maker = Callable[[_Compiler, Term, Term], Check]


def _bound(compare: checks.Compare) -> _Maker:
    def make(_compiler: _Compiler, _node: Term, value: Term) -> Check:
        limit = comparable(value)
        if limit is None:
            raise ValueError(shown(value))
        return checks.within(compare, limit)

    return make


def _pair(compare: checks.Compare) -> _Maker:
    return lambda compiler, node, value: checks.compared(compare, compiler.iri(node, value))


def _logical(is_right: Callable[[int], bool]) -> _Maker:
    return lambda compiler, _node, value: checks.conforming(compiler.listed(value), is_right)


def _all_of(compiler: _Compiler, _node: Term, value: Term) -> Check:
    shapes = compiler.listed(value)
    return checks.conforming(shapes, lambda found: found == len(shapes))


def _nested(wanted: int) -> _Maker:
    return lambda compiler, _node, value: checks.conforming(
        [compiler.conforms(value)], lambda found: found == wanted
    )


def _datatype(_compiler: _Compiler, _node: Term, value: Term) -> Check:
    if shown(value) not in DATATYPES:
        raise ValueError(shown(value))
    return checks.datatype(shown(value))


def _node_kind(_compiler: _Compiler, _node: Term, value: Term) -> Check:
    name = shown(value).removeprefix(_SH)
    if name not in checks.NODE_KINDS:
        raise ValueError(name)
    return checks.node_kind(name)


_MAKERS: Final[Mapping[str, _Maker]] = {
    **{name: _bound(compare) for name, compare in _BOUNDS.items()},
    **{name: _pair(compare) for name, compare in _PAIRS.items()},
    "minCount": lambda _c, _n, value: checks.min_count(_integer(value)),
    "maxCount": lambda _c, _n, value: checks.max_count(_integer(value)),
    "minLength": lambda _c, _n, value: checks.length(checks.AT_LEAST, _integer(value)),
    "maxLength": lambda _c, _n, value: checks.length(checks.AT_MOST, _integer(value)),
    "pattern": lambda compiler, node, value: compiler.pattern(node, value),
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "class": lambda compiler, node, value: checks.of_class(compiler.iri(node, value)),
    "in": lambda compiler, _n, value: checks.one_of(compiler.items(value)),
    "hasValue": lambda _c, _n, value: checks.has_value(value),
    "and": _all_of,
    "or": _logical(lambda found: found >= 1),
    "xone": _logical(lambda found: found == 1),
    "not": _nested(0),
    "node": _nested(1),
    "qualifiedMinCount": lambda c, node, value: c.qualified(node, checks.AT_LEAST, value),
    "qualifiedMaxCount": lambda c, node, value: c.qualified(node, checks.AT_MOST, value),
}


def _sh(name: str) -> NamedNode:
    return NamedNode(_SH + name)


def _is_shacl(word: NamedNode) -> bool:
    return word.value.startswith(_SH)


def _integer(term: Term) -> int:
    found = comparable(term)
    if found is None or not isinstance(found[1], int) or isinstance(found[1], bool):
        raise ValueError(shown(term))
    return found[1]


def _unsupported(node: Term, reason: str) -> UnsupportedShapeError:
    return UnsupportedShapeError(
        f"the shape {shown(node)} cannot be checked: {reason}",
        hint="say it in other words, or teach fitgraph.ontology.shacl this one",
    )
