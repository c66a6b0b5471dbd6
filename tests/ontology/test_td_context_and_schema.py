"""Our TD 1.1 context and schemas say what the official ones do."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic

from fitgraph.ontology.td_context import td_context
from fitgraph.ontology.td_schema import td_schema, tm_schema

SCHEMAS = {"td": td_schema, "tm": tm_schema}
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", "x", "{{X}}", "{{X:Y}}", "a:b", [], ["x"], ["x", "y"], [5], {},
    {"x": 1}, {"scheme": "auto", "name": "x"}, {"rel": "icon", "href": "x", "sizes": "1x1"},
    {"sizes": "1", "href": "y"}, {"href": "x", "rel": "tm:extends"}, "readproperty",
    {"href": "x", "hreflang": ["de", "en-US", "x_y"]}, "tm:ThingModel", ["a", "tm:ThingModel"],
    {"model": "1"}, {"instance": "1"}, {"instance": 5},
)  # fmt: skip
MEMBERS = re.findall(
    r"\S+",
    "in scheme name op href security forms type enum minimum multipleOf items properties required "
    "readOnly observable sizes rel hreflang scopes response additionalResponses schema unit const "
    "uriVariables titles descriptions @type tm:ref tm:optional version profile base support links "
    "{{X}} qop flow oneOf contentMediaType exclusiveMinimum minItems safe input data @context",
)


@pytest.fixture(scope="module")
def w3c(shared_data: Path) -> Path:
    return shared_data / "w3c"


def official(w3c: Path, kind: str) -> Any:
    text = (w3c / "td-1.1" / f"{kind}-json-schema-validation.json").read_text(encoding="utf-8")
    return jsonschema.Draft7Validator(json.loads(text))


def examples(w3c: Path) -> list[tuple[Path, Any]]:
    files = sorted(w3c.glob("t?-examples/*/*.json"))
    return [(file, json.loads(file.read_text(encoding="utf-8"))) for file in files]


def normal(context: Mapping[str, Any], outer: Mapping[str, str]) -> dict[str, Any]:
    """A context with prefixes written out, and without the prefixes themselves."""
    own = {k: v for k, v in context.items() if isinstance(v, str) and v.startswith("http")}
    prefixes = {**outer, **{k: v for k, v in own.items() if not k.startswith("@")}}

    def full(iri: str) -> str:
        prefix, _, local = iri.partition(":")
        return prefixes[prefix] + local if local and prefix in prefixes else iri

    said: dict[str, Any] = {}
    for term, meaning in context.items():
        if term == "@vocab":
            said[term] = meaning
        elif isinstance(meaning, dict):
            said[term] = {k: full(v) if k in {"@id", "@type"} else v for k, v in meaning.items()}
            if "@context" in meaning:
                said[term]["@context"] = normal(meaning["@context"], prefixes)
        elif term not in own and isinstance(meaning, str):
            said[term] = {"@id": full(meaning)}
    return said


def test_every_term_in_every_scope_means_what_the_official_context_says(w3c: Path) -> None:
    """Terms, their types, containers, languages and scopes are the same; only the text differs."""
    path = w3c / "td-1.1" / "td-context-1.1.jsonld"
    theirs = json.loads(path.read_text(encoding="utf-8"))["@context"]
    assert len(normal(theirs, {})) > 40
    assert normal(td_context(), {}) == normal(theirs, {})


def test_every_example_gives_the_same_triples_under_either_context(w3c: Path) -> None:
    """rdflib, which is not what the registry reads with, is the judge."""
    path = w3c / "td-1.1" / "td-context-1.1.jsonld"
    theirs = json.loads(path.read_text(encoding="utf-8"))["@context"]
    for file, document in examples(w3c):
        said = document.get("@context")
        if said is None:
            continue
        rest = said[1:] if isinstance(said, list) else []
        ours, official = (
            sound({**document, "@context": [context, *rest]}) for context in (td_context(), theirs)
        )
        assert len(ours) > 0
        assert isomorphic(ours, official), file.name


def sound(document: Any) -> Graph:
    """What rdflib reads, without the IRIs that are none and that it cannot compare."""
    graph = Graph().parse(data=json.dumps(document), format="json-ld", publicID="https://x.org/")
    for triple in list(graph):
        if any(isinstance(term, URIRef) and re.search(r"[{} ]|%", term) for term in triple):
            graph.remove(triple)
    return graph


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_example_has_the_official_verdict(w3c: Path, kind: str) -> None:
    ours, theirs = jsonschema.Draft7Validator(SCHEMAS[kind]()), official(w3c, kind)
    for file, document in examples(w3c):
        assert ours.is_valid(document) == theirs.is_valid(document), file.name


@pytest.mark.parametrize("kind", SCHEMAS)
def test_damaged_examples_have_the_official_verdict(w3c: Path, kind: str) -> None:
    """Members are removed, replaced and added at random; a fixed seed keeps a red run red."""
    ours, theirs = jsonschema.Draft7Validator(SCHEMAS[kind]()), official(w3c, kind)
    compiled = jsonschema_rs.Draft7Validator(SCHEMAS[kind]())
    good = [document for _, document in examples(w3c) if theirs.is_valid(document)]
    rng, verdicts = random.Random(20261121), []
    for _ in range(2000):
        document = rng.choice(good)
        for _ in range(rng.choice((1, 1, 2, 3))):
            document = damaged(rng, document)
        verdicts.append(theirs.is_valid(document))
        assert ours.is_valid(document) == verdicts[-1], json.dumps(document)
        assert compiled.is_valid(document) == verdicts[-1], json.dumps(document)
    assert 200 < sum(verdicts) < 1800


def test_a_model_may_have_combined_security(w3c: Path) -> None:
    """The official schema of models lets no combination pass, though section 5.3.3.4 has them."""
    combination = {"scheme": "combo", "oneOf": ["a", "b"]}
    document = {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "securityDefinitions": {"both": combination},
    }
    assert jsonschema.Draft7Validator(tm_schema()).is_valid(document)
    assert not official(w3c, "tm").is_valid(document)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, inner in (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    ):  # fmt: skip
        yield from paths(inner, (*path, key))


def damaged(rng: random.Random, document: Any) -> Any:
    document = copy.deepcopy(document)
    where = [path for path in paths(document) if path]
    if not where:
        return document
    *way, last = rng.choice(where)
    node = document
    for key in way:
        node = node[key]
    match rng.choice(("remove", "replace", "replace", "add")):
        case "remove":
            del node[last]
        case "replace":
            node[last] = rng.choice(VALUES)
        case _ if isinstance(node, dict):
            node[rng.choice(MEMBERS)] = rng.choice(VALUES)
        case _:
            node.append(rng.choice(VALUES))
    return document
