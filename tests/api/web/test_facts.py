"""What a graph says, arranged: own facts by label, parts in tables, links to pages here."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.api.web.facts import Value, describe
from fitgraph.ontology.namespaces import FG, RDF
from fitgraph.registry.iris import BASE

BOARD = f"{BASE}board/a%2Fb"


def said(subject: str, name: str, value: NamedNode | Literal | BlankNode) -> Triple:
    return Triple(NamedNode(subject), NamedNode(name), value)


def test_parts_stand_in_tables_and_not_among_the_facts() -> None:
    part = f"{BOARD}#region-RAM"
    found = describe(
        BOARD,
        [
            said(BOARD, f"{RDF}type", NamedNode(f"{FG}Board")),
            said(BOARD, f"{FG}hasMemoryRegion", NamedNode(part)),
            said(BOARD, f"{FG}cpuCore", Literal("Cortex-M4")),
            said(part, f"{RDF}type", NamedNode(f"{FG}MemoryRegion")),
            said(part, f"{FG}sizeBytes", Literal(65536)),
        ],
    )
    assert found.kinds == ("board",)
    assert [(fact.label, fact.values) for fact in found.facts] == [
        ("CPU core", (Value("Cortex-M4"),))
    ]
    (table,) = found.parts
    assert (table.columns, table.total) == (("size",), 1)
    assert table.rows == (("region-RAM", ((Value("65,536", is_number=True),),)),)


def test_values_lead_to_pages_here_or_elsewhere_but_never_to_mischief() -> None:
    values = {
        f"{BASE}operator/onnx/Conv": Value("onnx:Conv", "/id/operator/onnx/Conv"),
        f"{BASE}operator/a/b/c": Value("c", "/id/operator/a/b/c"),
        f"{BASE}mcu/x": Value("x", "/mcus/x"),
        f"{FG}measured": Value("measured", "/terms#measured"),
        "https://example.org/": Value("https://example.org/", "https://example.org/"),
        "javascript:alert(1)": Value("javascript:alert(1)"),
        "urn:x:y": Value("urn:x:y"),
    }
    for iri, expected in values.items():
        (fact,) = describe(BOARD, [said(BOARD, f"{FG}source", NamedNode(iri))]).facts
        assert fact.values == (expected,), iri


def test_a_kind_that_is_not_ours_is_called_by_the_end_of_its_name() -> None:
    kind = NamedNode("http://www.w3.org/2004/02/skos/core#Concept")
    assert describe(BOARD, [said(BOARD, f"{RDF}type", kind)]).kinds == ("Concept",)


def test_blank_nodes_and_unknown_properties_are_shown_too() -> None:
    found = describe(BOARD, [said(BOARD, "https://example.org/odd", BlankNode("x"))])
    assert [(fact.label, fact.values[0].text) for fact in found.facts] == [("odd", "_:x")]
