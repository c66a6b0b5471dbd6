"""Pairs that rules cannot tell apart are held against them once, and nothing changes by that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitgraph.matcher import columns
from fitgraph.matcher.policies import broken, forbidden, load_policies
from fitgraph.matcher.policy_graph import Pair, described
from fitgraph.matcher.policy_reach import reach_of
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.iris import board_iri, model_iri, runtime_iri
from fitgraph.registry.store import EmbeddedStore
from tests.support.small_registry import INT8_SHA256, fill

PREFIXES = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix fg: <https://w3id.org/fitgraph/ontology#> .
@prefix rule: <https://example.com/rules#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
#: It forbids nothing, but a closed shape may read anything, so every pair is held with all facts.
READS_ALL = "rule:Inert a sh:NodeShape ; sh:targetNode rule:nothing ; sh:closed true .\n"
MICROBIT = board_iri("bbc-microbit-v2")
RULES = {
    "a vendor": """sh:targetClass fg:Match ; sh:message "not of Nordic" ;
        sh:not [ sh:path ( fg:board fg:vendor ) ; sh:hasValue "Nordic Semiconductor" ]""",
    "without words": """sh:targetClass fg:Match ;
        sh:property [ sh:path ( fg:board fg:clockHz ) ; sh:minInclusive 64000000 ]""",
    "boards": """sh:targetClass fg:Board ;
        sh:property [ sh:path fg:clockHz ; sh:minInclusive 64000000 ; sh:message "slow" ]""",
    "one board": f"""sh:targetClass fg:Match ;
        sh:property [ sh:path fg:board ; sh:message "kept" ; sh:not [ sh:hasValue <{MICROBIT}> ] ]
        """,
    "a fact beside": f"""sh:targetClass fg:Match ; sh:message "taken" ;
        sh:not [ sh:path ( fg:board rule:taken ) ; sh:hasValue true ] .
        <{MICROBIT}> rule:taken true""",
    "the text of a name": """sh:targetClass fg:Match ; sh:message "none of st" ;
        sh:not [ sh:property [ sh:path fg:board ; sh:minCount 1 ; sh:pattern "/board/nucleo" ] ]""",
    "how many regions": """sh:targetClass fg:Match ; sh:message "many" ;
        sh:property [ sh:path ( fg:board fg:hasMemoryRegion ) ; sh:maxCount 2 ; sh:message "many" ]
        """,
    "regions": """sh:targetClass fg:Match ; sh:message "small" ;
        sh:property [ sh:path ( fg:board fg:hasMemoryRegion ) ; sh:qualifiedMinCount 2 ;
            sh:message "small" ; sh:qualifiedValueShape [
                sh:property [ sh:path fg:sizeBytes ; sh:minInclusive 65536 ] ] ]""",
    "wholes": """sh:targetNode fg:armv7e-m ; sh:targetSubjectsOf fg:vendor ; sh:message "alone" ;
        sh:property [ sh:path [ sh:inversePath fg:board ] ; sh:maxCount 1 ; sh:message "two" ]""",
    "SPARQL": """sh:targetClass fg:Match ; sh:sparql [ sh:message "by name" ; sh:select '''
        SELECT $this WHERE { $this <https://w3id.org/fitgraph/ontology#board> ?board
          FILTER(STRENDS(STR(?board), "dk")) }''' ]""",
}
NUMBER = re.compile(r"urn:fitgraph:match:\d+")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with open_registry(tmp_path_factory.mktemp("classes")) as registry:
        fill(registry)
        registry.add_boards(builtin_boards())
        assert isinstance(registry.store, EmbeddedStore)
        yield registry.store


@pytest.fixture(scope="module")
def pairs(store: EmbeddedStore) -> list[Pair]:
    return [
        Pair(model_iri(model.sha256), board_iri(board.board_id), runtime_iri("fitgraph-c"))
        for model in columns.models(store)
        for board in columns.boards(store)
    ]


def found_by(
    text: str, folder: Path, store: EmbeddedStore, pairs: list[Pair]
) -> dict[Pair, set[str]]:
    folder.mkdir()
    (folder / "rule.ttl").write_text(PREFIXES + text, encoding="utf-8")
    found = broken(load_policies(folder), store, pairs)
    return {pair: {NUMBER.sub("", one) for one in said} for pair, said in found.items()}


@pytest.mark.parametrize("name", RULES)
def test_what_breaks_a_rule_is_what_does_when_each_pair_is_held_with_all_that_is_said(
    store: EmbeddedStore, pairs: list[Pair], tmp_path: Path, name: str
) -> None:
    rule = f"rule:R a sh:NodeShape ; {RULES[name]} .\n"
    few = found_by(rule, tmp_path / "few", store, pairs)
    every = found_by(rule + READS_ALL, tmp_path / "every", store, pairs)
    assert few == every
    assert few


@pytest.mark.parametrize("name", RULES)
def test_a_table_of_what_is_forbidden_is_that_of_the_pairs(
    store: EmbeddedStore, pairs: list[Pair], tmp_path: Path, name: str
) -> None:
    (tmp_path / "rule.ttl").write_text(f"{PREFIXES}rule:R a sh:NodeShape ; {RULES[name]} .\n")
    policies = load_policies(tmp_path)
    models = list(dict.fromkeys(pair.model for pair in pairs))
    boards = list(dict.fromkeys(pair.board for pair in pairs))
    table = forbidden(policies, store, models, boards, runtime_iri("fitgraph-c"))
    assert table is not None
    found = broken(policies, store, pairs)
    rows = {pair for pair in pairs if table[models.index(pair.model), boards.index(pair.board)]}
    assert rows == set(found)


def test_boards_of_a_vendor_are_one_to_a_rule_about_vendors(
    store: EmbeddedStore, pairs: list[Pair], tmp_path: Path
) -> None:
    (tmp_path / "rule.ttl").write_text(f"{PREFIXES}rule:R a sh:NodeShape ; {RULES['a vendor']} .\n")
    boards = {pair.board for pair in pairs}
    policies = load_policies(tmp_path)
    known = described(store, boards, reach_of(policies.rules))
    vendors = {board.vendor for board in columns.boards(store)}
    assert len({known.key(board) for board in boards}) == len(vendors) < len(boards) / 2
    runtime, models = runtime_iri("fitgraph-c"), [model_iri(INT8_SHA256)]
    assert forbidden(policies, store, models, sorted(boards), runtime, most=1) is None
