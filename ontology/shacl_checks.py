"""The constraints of SHACL Core that our shapes use, each compiled into one function.

A check gets the graph, the focus node and its value nodes, and returns what breaks the rule: value
nodes, or None where the rule is about how many there are. Lists are quicker than generators here,
where nearly all of them are empty.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fitgraph.ontology.shacl_values import Comparable, comparable, is_of_datatype, text_of
from fitgraph.ontology.subgraph import Subgraph, Term

Broken = Sequence[Term | None]
Check = Callable[[Subgraph, Term, Sequence[Term]], Broken]
Compare = Callable[[Any, Any], bool]
Conforms = Callable[[Subgraph, Term], bool]

_NODE_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "IRI": (NamedNode,),
    "Literal": (Literal,),
    "BlankNode": (BlankNode,),
    "BlankNodeOrIRI": (BlankNode, NamedNode),
    "BlankNodeOrLiteral": (BlankNode, Literal),
    "IRIOrLiteral": (NamedNode, Literal),
}
NODE_KINDS: Final = frozenset(_NODE_KINDS)
_MISSING: Final[Broken] = (None,)


def min_count(least: int) -> Check:
    """At least so many values."""

    def check(_graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        return _MISSING if len(values) < least else ()

    return check


def max_count(most: int) -> Check:
    """At most so many values."""

    def check(_graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        return _MISSING if len(values) > most else ()

    return check


def has_value(wanted: Term) -> Check:
    """This value among the values."""

    def check(_graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        return () if wanted in values else _MISSING

    return check


def each(is_right: Callable[[Term], bool]) -> Check:
    """A rule that looks at one value alone."""

    def check(_graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        return [value for value in values if not is_right(value)]

    return check


def datatype(name: str) -> Check:
    """Literals of a datatype, in its lexical form."""
    return each(lambda value: is_of_datatype(value, name))


def node_kind(name: str) -> Check:
    """IRIs, literals, blank nodes, or two of these."""
    return each(lambda value: isinstance(value, _NODE_KINDS[name]))


def one_of(members: Sequence[Term]) -> Check:
    """Members of a list."""
    return each(frozenset(members).__contains__)


def length(compare: Compare, bound: int) -> Check:
    """Texts and IRIs of a length."""

    def is_right(value: Term) -> bool:
        text = text_of(value)
        return text is not None and compare(len(text), bound)

    return each(is_right)


def pattern(expression: str, flags: str) -> Check:
    """Texts and IRIs that a regular expression finds something in.

    Raises:
        ValueError: it is no regular expression.
    """
    # In XPath ``$`` is the end of the text; in Python it is also before a last line feed.
    ends = expression.endswith("$") and not expression.endswith("\\$")
    try:
        search = re.compile(
            expression[:-1] + r"\Z" if ends else expression, re.IGNORECASE if "i" in flags else 0
        ).search
    except re.error as error:
        raise ValueError(str(error)) from error

    def is_right(value: Term) -> bool:
        text = text_of(value)
        return text is not None and search(text) is not None

    return each(is_right)


def within(compare: Compare, bound: Comparable) -> Check:
    """Values that compare so with a bound; what cannot be compared with it is wrong."""
    kind, limit = bound

    def is_right(value: Term) -> bool:
        found = comparable(value)
        return found is not None and found[0] == kind and compare(found[1], limit)

    return each(is_right)


def compared(compare: Compare, other: NamedNode) -> Check:
    """Values that compare so with each value of another property of the focus node."""

    def check(graph: Subgraph, focus: Term, values: Sequence[Term]) -> Broken:
        others = [comparable(value) for value in graph.values(focus, other)]
        return [
            value
            for value in values
            if not all(_agree(compare, comparable(value), one) for one in others)
        ]

    return check


def of_class(name: NamedNode) -> Check:
    """Individuals of a class."""

    def check(graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        return [value for value in values if not graph.is_a(value, name)]

    return check


def conforming(shapes: Sequence[Conforms], is_right: Callable[[int], bool]) -> Check:
    """Values that conform to so many of some shapes: all, one or more, exactly one, none."""

    def check(graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        return [v for v in values if not is_right(sum(shape(graph, v) for shape in shapes))]

    return check


def qualified(shape: Conforms, compare: Compare, bound: int) -> Check:
    """So many values that conform to a shape."""

    def check(graph: Subgraph, _focus: Term, values: Sequence[Term]) -> Broken:
        count = sum(shape(graph, value) for value in values)
        return () if compare(count, bound) else _MISSING

    return check


def _agree(compare: Compare, one: Comparable | None, other: Comparable | None) -> bool:
    if one is None or other is None or one[0] != other[0]:
        return False
    return compare(one[1], other[1])


AT_LEAST: Final[Compare] = operator.ge
AT_MOST: Final[Compare] = operator.le
ABOVE: Final[Compare] = operator.gt
BELOW: Final[Compare] = operator.lt
