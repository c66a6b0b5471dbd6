"""Thing Descriptions go in and come out unharmed, or are refused with path and reason."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from fitgraph.ontology.td_context import td_context
from fitgraph.ontology.td_contexts import known_contexts
from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import (
    ConflictError,
    InvalidThingError,
    NotFoundError,
    RegistryError,
)
from fitgraph.registry.iris import BASE, board_iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import MAX_BYTES, parse_document, read_document
from fitgraph.registry.triples.rdf import to_rdflib
from fitgraph.registry.triples.thing import RELATIVE, anonymous_iri, document_to_triples
from fitgraph.registry.triples.thing_contexts import with_contexts
from tests.support.small_registry import LARGE

TD = "https://www.w3.org/2022/wot/td/v1.1"
THING: dict[str, Any] = {
    "@context": TD,
    "id": "urn:example:lamp",
    "title": "Lamp",
    "securityDefinitions": {"none": {"scheme": "nosec"}},
    "security": "none",
}
MODEL: dict[str, Any] = {"@context": TD, "@type": "tm:ThingModel", "id": "urn:example:model"}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        yield Registry(store, Blobs(tmp_path / "blobs"))


def document(value: object) -> Any:
    return parse_document(json.dumps(value).encode(), "lamp.json")


def good_files(shared: Path) -> list[Path]:
    folders = ("td-examples/valid", "td-examples/warning", "td-examples/notValidYet",
               "tm-examples/valid")  # fmt: skip
    return [file for one in folders for file in sorted((shared / "w3c" / one).glob("*.json"))]


def test_every_valid_example_comes_out_as_it_went_in(shared_data: Path, registry: Registry) -> None:
    """Numbers, order and unknown members included: the JSON is the same, member by member."""
    files = good_files(shared_data)
    assert len(files) >= 60
    for file in files:
        added = registry.add_thing(read_document(file), replace=True)
        out = registry.get_thing(added.iri).document
        before = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)
        assert json.loads(out, object_pairs_hook=list) == before, file.name


def test_every_valid_example_gives_the_triples_that_rdflib_reads(shared_data: Path) -> None:
    """rdflib also makes IRIs of what is none; those triples are left out."""
    for file in good_files(shared_data):
        read = read_document(file)
        said = read.value["@context"]
        rest = said[1:] if isinstance(said, list) else []
        filled = {"@id": anonymous_iri(read.text), **read.value, "@context": [td_context(), *rest]}
        if "id" in read.value:
            del filled["@id"]
        theirs = Graph().parse(data=json.dumps(filled), format="json-ld", publicID=RELATIVE)
        triples = document_to_triples(read, anonymous_iri(read.text))
        ours = Graph()
        for triple in to_rdflib(triples):
            ours.add(tuple(unskolemised(term) for term in triple))  # type: ignore[arg-type]
        sound = Graph()
        for triple in theirs:
            if not any(isinstance(term, URIRef) and NO_IRI.search(term) for term in triple):
                sound.add(tuple(as_stored(term) for term in triple))  # type: ignore[arg-type]
        assert isomorphic(ours, sound), file.name


#: Placeholders, and a percent sign that begins no escape.
NO_IRI = re.compile(r"[{}]|%(?![0-9A-Fa-f]{2})")


def unskolemised(term: Node) -> Node:
    """A blank node where there was one."""
    part = isinstance(term, URIRef) and term.startswith(f"{BASE}part/")
    return BNode(hashlib.sha256(str(term).encode()).hexdigest()) if part else term


def as_stored(term: Node) -> Node:
    """RDF 1.1 does not tell plain texts from strings; language tags are kept in lower case."""
    if isinstance(term, Literal) and term.datatype == XSD.string:
        return Literal(str(term))
    if isinstance(term, Literal) and term.language:
        return Literal(str(term), lang=term.language.lower())
    return term


def test_every_invalid_example_is_refused_with_a_path(
    shared_data: Path, registry: Registry
) -> None:
    """The sentence begins with the file and a JSON pointer, and nothing is written."""
    files = sorted((shared_data / "w3c").glob("t?-examples/invalid/*.json"))
    assert len(files) >= 28
    before = registry.store.graphs()
    for file in files:
        with pytest.raises(RegistryError, match=rf"^{file.name}: /[^:]*"):
            registry.add_thing(read_document(file))
    assert registry.store.graphs() == before


def test_what_a_document_uses_of_its_contexts_gives_all_of_its_triples(shared_data: Path) -> None:
    """Contexts are cut down to what is used before they are read; the whole ones say the same."""
    for file in good_files(shared_data):
        read = read_document(file)
        cut = with_contexts(read, known_contexts())
        whole = whole_contexts(read.value)
        assert len(json.dumps(cut)) < len(json.dumps(whole))
        assert same_triples(cut, whole), file.name


def test_terms_that_need_each_other_are_kept_together() -> None:
    """A term may stand on one of another context, and that on a third within a scope."""
    mine = {"shade": {"@id": "tone:shade", "@type": "@vocab"}, "tone": "colour:tone#"}
    prefixes = {"colour": "https://example.org/", "warm": "colour:Warm", "unused": "colour:no"}
    value = {**THING, "@context": [TD, "urn:prefixes", "urn:mine"], "shade": "warm"}
    known = {**known_contexts(), "urn:mine": mine, "urn:prefixes": prefixes}
    cut = with_contexts(document(value), known)
    assert "unused" not in json.dumps(cut)
    assert same_triples(cut, {**value, "@context": [td_context(), prefixes, mine]})
    assert "https://example.org/tone#shade" in "".join(map(str, triples_of(cut)))


def whole_contexts(value: Any) -> Any:
    """A document with the contexts that it names, uncut."""
    said = value["@context"] if isinstance(value["@context"], list) else [value["@context"]]
    known = known_contexts()
    return {**value, "@context": [known[c] if isinstance(c, str) else c for c in said]}


def triples_of(value: object) -> set[Any]:
    parsed = parse(json.dumps(value), format=RdfFormat.JSON_LD, base_iri=RELATIVE)
    return {quad.triple for quad in parsed}


def same_triples(one: object, other: object) -> bool:
    graphs = [Dataset(Quad(*t) for t in triples_of(value)) for value in (one, other)]
    for graph in graphs:
        graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return len(graphs[0]) > 0 and graphs[0] == graphs[1]


def test_nothing_is_kept_as_a_blank_node(registry: Registry) -> None:
    added = registry.add_thing(document(THING))
    assert "_:" not in "".join(map(str, registry.store.graph(added.iri)))


def test_adding_the_same_document_again_changes_nothing(registry: Registry) -> None:
    """White space between tokens makes no other document."""
    first = registry.add_thing(parse_document(json.dumps(THING).encode(), "a"))
    again = registry.add_thing(parse_document(json.dumps(THING, indent=2).encode(), "a"))
    assert first.is_new
    assert not again.is_new


def test_another_description_of_the_same_thing_is_a_conflict(registry: Registry) -> None:
    registry.add_thing(document(THING))
    with pytest.raises(ConflictError):
        registry.add_thing(document({**THING, "title": "Other"}))
    assert registry.add_thing(document({**THING, "title": "Other"}), replace=True).is_new
    assert registry.get_thing("urn:example:lamp").title == "Other"


def test_a_thing_is_found_by_its_title_and_removed(registry: Registry) -> None:
    registry.add_thing(document(THING))
    assert registry.get_thing("Lamp").iri == "urn:example:lamp"
    registry.remove_thing("Lamp")
    with pytest.raises(NotFoundError):
        registry.get_thing("Lamp")


def device(board: str) -> dict[str, Any]:
    return {**THING, "links": [{"rel": "type", "href": board_iri(board)}]}


def test_a_device_is_linked_to_its_board(registry: Registry) -> None:
    registry.add_board(LARGE)
    registry.add_thing(document(device("large")))
    (found,) = registry.list_things(board="large")
    assert (found.iri, found.board) == ("urn:example:lamp", board_iri("large"))


def test_a_device_of_an_unknown_board_is_refused_with_the_nearest_name(
    registry: Registry,
) -> None:
    registry.add_board(LARGE)
    with pytest.raises(NotFoundError) as refused:
        registry.add_thing(document(device("lagre")))
    assert "large" in refused.value.hint


def test_a_thing_cannot_take_the_id_of_a_board(registry: Registry) -> None:
    registry.add_board(LARGE)
    with pytest.raises(ConflictError, match="another resource"):
        registry.add_thing(document({**THING, "id": board_iri("large")}))


@pytest.mark.parametrize(
    "addition",
    [
        {"fg:about": {"@id": board_iri("large"), "fg:clockHz": 1}},
        {"fg:about": {"@id": "https://w3id.org/fitgraph/ontology#sram", "fg:name": "x"}},
    ],
)
def test_a_thing_says_nothing_of_other_resources(
    registry: Registry, addition: dict[str, Any]
) -> None:
    """A query sees all graphs, so what a device says of a board would be believed."""
    registry.add_board(LARGE)
    context = [TD, {"fg": "https://w3id.org/fitgraph/ontology#"}]
    with pytest.raises(ConflictError, match="speaks of"):
        registry.add_thing(document({**THING, "@context": context, **addition}))


def test_a_thing_is_no_board_because_it_says_so(registry: Registry) -> None:
    context = [TD, {"fg": "https://w3id.org/fitgraph/ontology#"}]
    with pytest.raises(InvalidThingError, match="Board"):
        registry.add_thing(document({**THING, "@context": context, "@type": "fg:Board"}))


def extending(name: str, parent: str, relation: str = "tm:extends") -> dict[str, Any]:
    link = {"rel": relation, "href": f"urn:example:{parent}"}
    return {**MODEL, "id": f"urn:example:{name}", "links": [link]}


@pytest.mark.parametrize("relation", ["tm:extends", "tm:submodel"])
def test_models_in_a_circle_are_refused(registry: Registry, relation: str) -> None:
    registry.add_thing(document(extending("a", "b", relation)))
    registry.add_thing(document(extending("b", "c", relation)))
    with pytest.raises(InvalidThingError, match=r"/links/0/href.*circle"):
        registry.add_thing(document(extending("c", "a", relation)))
    with pytest.raises(InvalidThingError, match="circle"):
        registry.add_thing(document(extending("d", "d", relation)))


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not JSON"),
    "half": (b'{"a": ', "not JSON.*line 1"),
    "array": (b"[]", "an array, not an object"),
    "nan": (b'{"a": NaN}', "NaN is no JSON number"),
    "infinity": (b'{"a": 1e999}', "beyond what a double holds"),
    "digits": (b'{"a": ' + b"9" * 5000 + b"}", "5,000 digits"),
    "twice": (b'{"a": {"b": 1, "b": 2}}', "/a/b stands there twice"),
    "latin": ("{'ä'}".encode("latin-1"), "not UTF-8"),
    "deep": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "20,000 levels deep"),
    "many": (b'{"a":[' + b"1," * 60_000 + b"1]}", "more than 50,000 values"),
    "large": (b'{"a":"' + b"x" * MAX_BYTES + b'"}', "more than the 4,194,304 bytes"),
    "words": (b'{"a": tr ue}', "not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_json_is_refused_in_one_sentence(name: str) -> None:
    content, reason = BAD[name]
    with pytest.raises(InvalidThingError, match=reason) as refused:
        parse_document(content, "bad.json")
    assert "\n" not in refused.value.message
    assert refused.value.hint


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    """A sparse file: only its size is looked at."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(InvalidThingError, match="more than the"):
        read_document(path)


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "id": ({"id": "not an IRI"}, "/id: 'not an IRI' is not an IRI"),
    "time": ({"created": "yesterday"}, "/created: .* is not an ISO 8601 time"),
    "language": ({"titles": {"e_n": "x"}}, "/titles/e_n: .* no language tag"),
    "security": ({"security": ["other"]}, "/security/0: 'other' is not defined in"),
    "enumeration": (
        {"uriVariables": {"n": {"type": "integer", "enum": ["one"]}}},
        "/uriVariables/n/enum: no value is of type integer",
    ),
    "variable": ({"uriVariables": {"n": {"type": "object"}}}, "/uriVariables/n/type"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_beyond_the_schema_names_path_and_reason(name: str) -> None:
    addition, reason = RULES[name]
    (found,) = thing_errors(document({**THING, **addition}))
    assert re.match(reason, str(found)), str(found)


@pytest.mark.parametrize("reference", ["#/properties/b", "#/properties/none", "other.json"])
def test_a_reference_of_a_model_leads_somewhere_and_in_no_circle(reference: str) -> None:
    model = {
        **MODEL,
        "properties": {"a": {"tm:ref": reference}, "b": {"tm:ref": "#/properties/a"}},
    }
    assert thing_errors(document(model))


def test_a_remote_context_is_never_fetched(registry: Registry) -> None:
    url = "https://example.org/lamp"
    value = {**THING, "@context": [TD, url]}
    with pytest.raises(InvalidThingError, match="not known and never fetched") as refused:
        registry.add_thing(document(value))
    assert f"--context {url}=FILE" in refused.value.hint
    given_context = {url: {"lamp": "https://example.org/lamp#"}}
    assert registry.add_thing(document(value), contexts=given_context).is_new


@pytest.mark.parametrize("place", ["nested", "listed", "large"])
def test_contexts_that_would_take_minutes_are_refused(registry: Registry, place: str) -> None:
    """A context is taken in again at every node that names it."""
    value = {
        "nested": {**THING, "x:n": [{"@context": TD, "x:a": 1} for _ in range(9000)]},
        "listed": {**THING, "@context": [TD] * 9000},
        "large": {**THING, "@context": [TD, {f"p{n}": "https://x.org/" for n in range(9000)}]},
    }[place]
    with pytest.raises(InvalidThingError, match="in its contexts, more than 200"):
        registry.add_thing(document(value))


def test_a_bomb_of_nodes_is_bounded_before_any_becomes_a_triple() -> None:
    value = {**THING, "x:n": [{} for _ in range(60_000)]}
    with pytest.raises(InvalidThingError, match="more than 50,000 values"):
        document(value)


NAMES = st.text("abcXYZ_-0", min_size=1, max_size=8)
SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["integer", "number", "string", "boolean"]),
            "title": st.text(st.characters(codec="utf-8"), max_size=8),
            "minimum": st.floats(-1e9, 1e9) | st.integers(-(10**12), 10**12),
            "default": st.none() | st.booleans() | st.text('äb"\\/', max_size=4),
            "x:note": st.lists(st.integers(), max_size=2),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)}
    ),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, SCHEMAS, max_size=3), st.none() | st.sampled_from([None, 1]))
def test_any_description_is_kept_to_the_last_token(schemas: Any, indent: int | None) -> None:
    """What was written is what is kept, and reading what was kept gives the same triples."""
    affordances = {
        name: {**schema, "forms": [{"href": f"https://example.org/{name}"}]}
        for name, schema in schemas.items()
    }
    text = json.dumps({**THING, "properties": affordances}, indent=indent)
    read = parse_document(text.encode(), "made up")
    assert thing_errors(read) == ()
    kept = parse_document(read.text.encode(), "kept")
    assert kept.text == read.text
    pairs = [json.loads(t, object_pairs_hook=list, parse_float=str) for t in (text, kept.text)]
    assert pairs[0] == pairs[1]
    thing = anonymous_iri("x")
    first = set(document_to_triples(read, thing))
    assert set(document_to_triples(kept, thing)) == first
