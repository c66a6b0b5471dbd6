"""Names in ``schemaDefinitions`` survive in the graph, though the context of TD 1.1 drops them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import Json, parse_document, read_document
from fitgraph.registry.thing_rdf import read_rdf
from fitgraph.registry.triples.thing import SCHEMA_NAME

TD = "https://www.w3.org/2022/wot/td/v1.1"
LAMP: dict[str, Json] = {
    "@context": [TD, {"@language": "de"}],
    "id": "urn:example:lamp",
    "title": "Lampe",
    "securityDefinitions": {"none": {"scheme": "nosec"}},
    "security": ["none"],
    "schemaDefinitions": {
        "too hot": {"type": "number"},
        "broken": {"type": "string", "enum": ["bulb", "wire"]},
        "fine": {"type": "object", "properties": {"level": {"type": "integer"}}},
    },
    "actions": {
        "fade": {
            "forms": [
                {
                    "href": "http://lamp.example/fade",
                    "additionalResponses": [
                        {"success": False, "schema": "too hot"},
                        {"success": False, "schema": "broken"},
                    ],
                }
            ]
        }
    },
}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        yield Registry(store, Blobs(tmp_path / "blobs"))


def by_official_context(document: dict[str, Json], official: object) -> Dataset:
    """What JSON-LD reads by the context that W3C publishes."""
    said = document["@context"]
    parts = said if isinstance(said, list) else [said]
    inline = [official if part == TD else part for part in parts]
    text = json.dumps({**document, "@context": inline})
    dataset = Dataset(parse(text.encode(), format=RdfFormat.JSON_LD, base_iri="urn:base:"))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def as_turtle(triples: frozenset[Triple]) -> bytes:
    text = serialize(sorted(triples, key=str), format=RdfFormat.TURTLE)
    assert text is not None
    return text


def test_a_description_is_written_with_the_names_that_it_came_with(registry: Registry) -> None:
    registry.add_thing(parse_document(json.dumps(LAMP).encode(), "lamp"))
    written = registry.written_thing("urn:example:lamp")
    assert written["schemaDefinitions"] == LAMP["schemaDefinitions"]
    assert thing_errors(parse_document(json.dumps(written).encode(), "written")) == ()


def test_it_says_the_same_by_the_official_context(registry: Registry, shared_data: Path) -> None:
    """And nothing of the names, of which that context knows nothing."""
    path = shared_data / "w3c" / "td-1.1" / "td-context-1.1.jsonld"
    official = json.loads(path.read_text(encoding="utf-8"))["@context"]
    registry.add_thing(parse_document(json.dumps(LAMP).encode(), "lamp"))
    written = registry.written_thing("urn:example:lamp")
    assert by_official_context(written, official) == by_official_context(LAMP, official)


def test_turtle_that_is_shown_makes_the_same_description(
    registry: Registry, tmp_path: Path
) -> None:
    registry.add_thing(parse_document(json.dumps(LAMP).encode(), "lamp"))
    shown = registry.thing_triples("urn:example:lamp")
    assert sum(triple.predicate == SCHEMA_NAME for triple in shown) == 3
    again = read_rdf(as_turtle(shown), "lamp.ttl").document
    assert again.value["schemaDefinitions"] == LAMP["schemaDefinitions"]
    with EmbeddedStore.open(tmp_path / "other") as store:
        other = Registry(store, Blobs(tmp_path / "other blobs"))
        other.add_thing(again)
        assert other.written_thing("urn:example:lamp") == registry.written_thing("urn:example:lamp")


def test_one_definition_needs_no_word_that_the_recommendation_lacks(
    registry: Registry, shared_data: Path
) -> None:
    file = shared_data / "w3c" / "td-examples" / "valid" / "additionalResponses.json"
    document = read_document(file)
    registry.add_thing(document)
    iri = str(document.value["id"])
    assert not any(t.predicate == SCHEMA_NAME for t in registry.thing_triples(iri))
    written = registry.written_thing(iri)
    assert written["schemaDefinitions"] == document.value["schemaDefinitions"]


def test_a_graph_tells_which_schema_is_called_what(registry: Registry) -> None:
    registry.add_thing(parse_document(json.dumps(LAMP).encode(), "lamp"))
    rows = registry.store.query(
        f"""PREFIX td: <https://www.w3.org/2019/wot/td#>
        SELECT ?choice WHERE {{ ?schema <{SCHEMA_NAME.value}> "broken" ; td:enum ?choice }}
        ORDER BY ?choice"""
    )
    assert [row["choice"].value for row in rows] == ["bulb", "wire"]  # type: ignore[union-attr]


def test_a_description_cannot_say_the_name_itself(registry: Registry) -> None:
    bad = json.loads(json.dumps(LAMP))
    bad["schemaDefinitions"]["broken"][SCHEMA_NAME.value] = "another"
    with pytest.raises(InvalidThingError, match="schemaName> itself"):
        registry.add_thing(parse_document(json.dumps(bad).encode(), "lamp"))
    assert registry.store.graphs() == ()


def test_two_schemas_of_one_name_are_numbered() -> None:
    """As Turtle may say: neither is lost."""
    text = """@prefix td: <https://www.w3.org/2019/wot/td#> .
        @prefix fg: <https://w3id.org/fitgraph/ontology#> .
        <urn:example:lamp> a td:Thing ; td:schemaDefinitions
            [ fg:schemaName "same" ; td:title "one" ] ,
            [ fg:schemaName "same" ; td:title "two" ] ."""
    made = read_rdf(text.encode(), "lamp.ttl").document.value["schemaDefinitions"]
    assert isinstance(made, dict)
    assert set(made) == {"schema-1", "schema-2"}
