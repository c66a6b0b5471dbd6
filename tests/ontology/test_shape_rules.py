"""Every single rule of the shapes catches something: a good file, damaged at its property."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.namespaces import RDF
from fitgraph.ontology.validate import KINDS, shape_triples, validate

SHACL = "http://www.w3.org/ns/shacl#"
TYPE = NamedNode(f"{RDF}type")
GOOD = sorted((Path(__file__).parent / "shapes" / "good").glob("*.ttl"))

#: Values that are wrong for one kind of rule or another.
ODD = (
    Literal(""),
    Literal(-1),
    Literal(0.5),
    Literal("odd"),
    Literal(1 << 70),
    NamedNode("http://example.org/odd"),
)

Rule = tuple[str, NamedNode, NamedNode, str]


def sh(name: str) -> NamedNode:
    return NamedNode(SHACL + name)


def rules() -> Iterator[Rule]:
    """Kind, target class, path and message of each rule that names a property."""
    for kind in KINDS:
        triples = shape_triples(kind)
        for shape, _, rule in (
            (t.subject, t.predicate, t.object) for t in triples if t.predicate == sh("property")
        ):
            said = {t.predicate: t.object for t in triples if t.subject == rule}
            target = [
                t.object for t in triples if (t.subject, t.predicate) == (shape, sh("targetClass"))
            ]
            path, message = said.get(sh("path")), said.get(sh("message"))
            if target and isinstance(path, NamedNode) and isinstance(message, Literal):
                assert isinstance(target[0], NamedNode)
                yield kind, target[0], path, message.value


def damaged(path: Path, target: NamedNode, prop: NamedNode) -> Iterator[frozenset[Triple]]:
    """The file without the property, and with odd values in its place or beside it."""
    triples = frozenset(quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE))
    for subject in sorted(
        {t.subject for t in triples if (t.predicate, t.object) == (TYPE, target)}, key=str
    ):
        rest = frozenset(t for t in triples if (t.subject, t.predicate) != (subject, prop))
        yield rest
        for value in ODD:
            yield rest | {Triple(subject, prop, value)}
            yield triples | {Triple(subject, prop, value)}


def kinds_by_rule() -> dict[tuple[NamedNode, NamedNode, str], list[str]]:
    """Rules about parts, such as memory regions, serve several kinds."""
    kinds: dict[tuple[NamedNode, NamedNode, str], list[str]] = {}
    for kind, target, prop, message in sorted(rules(), key=str):
        kinds.setdefault((target, prop, message), []).append(kind)
    return kinds


@pytest.mark.parametrize(
    ("rule", "kinds"),
    [
        pytest.param(rule, kinds, id="-".join((kinds[0], rule[1].value.rpartition("#")[2], str(n))))
        for n, (rule, kinds) in enumerate(kinds_by_rule().items())
    ],
)
def test_a_rule_catches_a_good_file_that_is_damaged_at_its_property(
    rule: tuple[NamedNode, NamedNode, str], kinds: list[str]
) -> None:
    target, prop, message = rule
    assert any(
        violation.message == message
        for path in GOOD
        if (kind := path.stem.split("-")[0]) in kinds
        for graph in damaged(path, target, prop)
        for violation in validate(graph, kind)
    ), message
