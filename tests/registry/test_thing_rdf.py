"""Triples become Thing Descriptions again, and what is described in Turtle alone becomes one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import JsonDocument, parse_document, read_document
from fitgraph.registry.thing_rdf import read_rdf
from fitgraph.registry.triples.kept import as_kept
from fitgraph.registry.triples.thing import document_to_triples
from fitgraph.registry.triples.thing_document import triples_to_document

TD = "https://www.w3.org/2022/wot/td/v1.1"
TURTLE = """
@prefix td: <https://www.w3.org/2019/wot/td#> .
@prefix hctl: <https://www.w3.org/2019/wot/hypermedia#> .
@prefix wotsec: <https://www.w3.org/2019/wot/security#> .
@prefix js: <https://www.w3.org/2019/wot/json-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://example.org/> .

<urn:example:lamp> a td:Thing ;
    td:title "Lamp"@en ;
    ex:rooms ("hall" "kitchen") ;
    td:hasSecurityConfiguration "none"^^xsd:string ;
    td:definesSecurityScheme [
        a wotsec:NoSecurityScheme ; td:hasInstanceConfiguration <none>
    ] ;
    td:hasPropertyAffordance [
        a js:NumberSchema ; td:name "level" ; js:minimum 0.0 ; js:maximum 12.5 ;
        td:hasForm [
            hctl:hasTarget "https://lamp.example/level"^^xsd:anyURI ;
            hctl:hasOperationType td:readProperty, td:observeProperty
        ]
    ] .
"""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        yield Registry(store, Blobs(tmp_path / "blobs"))


def written_again(document: JsonDocument) -> tuple[JsonDocument, bool]:
    """What is written from a document's triples, and whether it says the same triples."""
    thing = Iri(str(document.value.get("id", "urn:example:unnamed")))
    triples = set(document_to_triples(document, thing))
    text = json.dumps(triples_to_document(triples, thing))
    again = parse_document(text.encode(), document.name)
    return again, canonical(document_to_triples(again, thing)) == canonical(triples)


def canonical(triples: Iterable[Triple]) -> Dataset:
    """The same for triples that differ in their blank nodes only."""
    nodes: dict[str, BlankNode] = {}

    def unnamed(term: Any) -> Any:
        is_part = isinstance(term, NamedNode) and term.value.startswith(f"{BASE}part/")
        return nodes.setdefault(term.value, BlankNode()) if is_part else term

    dataset = Dataset(Quad(unnamed(t.subject), t.predicate, unnamed(t.object)) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def test_every_valid_example_is_written_from_its_triples_alone(shared_data: Path) -> None:
    """JSON to RDF to JSON to RDF: the triples are isomorphic, the JSON is valid and has terms."""
    folders = ("td-examples/valid", "td-examples/warning", "tm-examples/valid")
    files = [file for one in folders for file in sorted((shared_data / "w3c" / one).glob("*.json"))]
    assert len(files) >= 58
    for file in files:
        again, is_same = written_again(read_document(file))
        assert is_same, file.name
        assert thing_errors(again) == (), file.name


NAMES = st.text("abcXYZ_", min_size=1, max_size=6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
NUMBERS = st.integers(-(10**25), 10**25) | st.floats(-1e300, 1e300, allow_nan=False)
SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["integer", "number", "string", "boolean"]),
            "title": TEXTS,
            "titles": st.dictionaries(st.sampled_from(["de", "en-gb", "ja"]), TEXTS, max_size=2),
            "minimum": NUMBERS,
            "default": TEXTS | NUMBERS,
            "readOnly": st.booleans(),
            "x:note": NUMBERS | TEXTS | st.booleans() | st.lists(NUMBERS, max_size=2),
            "@type": st.sampled_from(["x:Kind", "urn:example:kind"]),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)}
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.dictionaries(NAMES, SCHEMAS, max_size=3), st.sampled_from(["", "en", "de"]))
def test_any_description_is_written_from_its_triples_alone(schemas: Any, language: str) -> None:
    prefixes = {"x": "https://example.org/", **({"@language": language} if language else {})}
    value = {
        "@context": [TD, prefixes],
        "id": "urn:example:lamp",
        "title": "Lamp",
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        "security": "none",
        "properties": {
            name: {**schema, "forms": [{"href": f"https://example.org/{name}"}]}
            for name, schema in schemas.items()
        },
    }
    document = parse_document(json.dumps(value).encode(), "made up")
    again, is_same = written_again(document)
    assert is_same, again.text
    assert thing_errors(again) == ()


def test_a_thing_in_turtle_alone_becomes_a_valid_description(registry: Registry) -> None:
    """Terms, maps and lists of TD 1.1, and nothing of RDF is lost."""
    described = read_rdf(TURTLE.encode(), "lamp.ttl")
    assert described.notes == ()
    assert thing_errors(described.document) == ()
    value: Any = described.document.value
    assert (value["title"], value["security"]) == ("Lamp", "none")
    level = value["properties"]["level"]
    assert (level["type"], level["minimum"], level["maximum"]) == ("number", 0, 12.5)
    assert level["forms"][0]["op"] == ["observeproperty", "readproperty"]
    assert value["ex:rooms"] == {"@list": ["hall", "kitchen"]}
    added = registry.add_thing(described.document)
    kept = registry.thing_triples(added.iri)
    given_triples = {quad.triple for quad in parse(TURTLE, format=RdfFormat.TURTLE, base_iri=BASE)}
    assert len(kept) == len(given_triples)


def test_adding_the_same_turtle_again_changes_nothing(registry: Registry) -> None:
    """Though blank nodes have other names each time, and a store keeps numbers in its own form."""
    first = registry.add_thing(read_rdf(TURTLE.encode(), "lamp.ttl").document)
    assert first.is_new
    assert not registry.add_thing(read_rdf(TURTLE.encode(), "lamp.ttl").document).is_new


def test_what_comes_out_as_turtle_goes_in_again(registry: Registry) -> None:
    registry.add_thing(read_rdf(TURTLE.encode(), "lamp.ttl").document)
    out = serialize(
        registry.thing_triples("Lamp"), format=RdfFormat.TURTLE,
        prefixes=registry.thing_prefixes("Lamp"),
    )  # fmt: skip
    assert out is not None
    assert not registry.add_thing(read_rdf(out, "out.ttl").document).is_new


def test_a_thing_that_another_program_wrote_is_shown_as_a_description(registry: Registry) -> None:
    """Without a document of its own in the graph."""
    document = read_rdf(TURTLE.encode(), "lamp.ttl").document
    triples = {*document_to_triples(document, Iri("urn:example:lamp"))}
    is_thing = Triple(
        NamedNode("urn:example:lamp"),
        NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        NamedNode("https://w3id.org/fitgraph/ontology#Thing"),
    )
    registry.store.write({Iri("urn:example:lamp"): {*triples, is_thing}})
    shown = registry.get_thing("Lamp")
    value = parse_document(shown.document.encode(), "shown")
    assert thing_errors(value) == ()
    assert canonical(as_kept(document_to_triples(value, shown.iri))) == canonical(as_kept(triples))
    assert registry.written_thing("Lamp") == value.value


def test_a_plain_title_is_taken_as_english_and_said_so() -> None:
    described = read_rdf(TURTLE.replace('"Lamp"@en', '"Lamp"').encode(), "lamp.ttl")
    assert described.document.value["title"] == "Lamp"
    assert "'Lamp' has no language" in str(described.notes[0])


BAD = {
    "no triples": ("# nothing", "no thing with an IRI"),
    "malformed": ("<urn:a> <urn:b> ", "is not RDF that can be read"),
    "two things": (
        "@prefix td: <https://www.w3.org/2019/wot/td#> . <urn:a> a td:Thing . <urn:b> a td:Thing .",
        "describes 2 things: urn:a, urn:b",
    ),
    "relative": ("@prefix td: <https://www.w3.org/2019/wot/td#> . <a> a td:Thing .", "relative"),
    "shared part": ("<urn:a> <urn:p> _:x . <urn:a> <urn:q> _:x .", "part of two things"),
    "shared empty part": ("<urn:a> <urn:p> _:x ; <urn:q> [ <urn:p> _:x ] .", "part of two things"),
    "part of itself": ("<urn:a> <urn:p> _:x . _:x <urn:p> _:x .", "part of two things"),
    "stranger": (
        "@prefix td: <https://www.w3.org/2019/wot/td#> . <urn:a> a td:Thing . <urn:z> <urn:p> 1 .",
        "something is said of <urn:z>",
    ),
    "deep": ("<urn:a> <urn:p> " + "[<urn:p> " * 5000 + "1 " + "]" * 5000 + " .", "more than 64"),
    "many": (
        "<urn:a> <urn:p> " + ", ".join(map(str, range(60_000))) + " .",
        "more than 50,000 triples",
    ),
    "large": ("#" + "x" * (4 << 20), "more than the 4,194,304 bytes"),
    "latin": ("<urn:a> <urn:p> '\xe9' .", "is not RDF that can be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_makes_no_description_is_refused_in_one_sentence(name: str) -> None:
    text, reason = BAD[name]
    with pytest.raises(InvalidThingError) as refused:
        read_rdf(text.encode("latin-1"), "bad.ttl")
    assert refused.value.message.startswith("bad.ttl ") or "bad.ttl: " in refused.value.message
    assert reason in refused.value.message
    assert "\n" not in refused.value.message
    assert refused.value.hint


def test_a_bomb_of_blank_nodes_costs_no_more_than_its_triples() -> None:
    """No isomorphism is looked for: 6,000 nodes that all look alike take a moment."""
    parts = ", ".join("[ <urn:p> [ <urn:p> [] ] ]" for _ in range(6_000))
    document = read_rdf(f"<urn:a> <urn:p> {parts} .".encode(), "bomb.ttl").document
    assert len(document.value["urn:p"]) == 6_000  # type: ignore[arg-type]
