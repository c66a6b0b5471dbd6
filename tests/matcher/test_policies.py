"""Rules in a folder forbid what fits; a rule that would not be checked is refused with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.match import Question, match
from fitgraph.matcher.policies import load_policies
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.facts import model_facts
from fitgraph.registry.iris import model_iri
from fitgraph.registry.store import EmbeddedStore
from tests.support.small_registry import INT8_BYTES, INT8_SHA256, fill, int8_graph

PREFIXES = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix fg: <https://w3id.org/fitgraph/ontology#> .
@prefix rule: <https://example.com/rules#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
NO_GPL_ON_LARGE = """
rule:NoGpl a sh:NodeShape ;
    sh:targetClass fg:Match ;
    sh:message "no model under GPL-3.0 on the large board" ;
    sh:not [
        sh:property [ sh:path ( fg:model dcterms:license ) ; sh:hasValue "GPL-3.0-only" ] ;
        sh:property [ sh:path ( fg:board fg:name ) ; sh:hasValue "large" ]
    ] .
"""
LICENCE = f'<{model_iri(INT8_SHA256)}> dcterms:license "GPL-3.0-only" .\n'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    folder = tmp_path_factory.mktemp("policies")
    with open_registry(folder) as registry:
        fill(registry)
        assert isinstance(registry.store, EmbeddedStore)
        yield registry.store


def folder_of(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.ttl").write_text(PREFIXES + text, encoding="utf-8")
    return tmp_path


def verdicts(store: EmbeddedStore, folder: Path) -> dict[tuple[str, str], Verdict]:
    found = match(store, question=Question(policies=load_policies(folder)))
    return {(one.model, one.board): one.verdict for one in found}


def test_the_licence_of_a_model_is_a_fact_of_the_graph(tmp_path: Path) -> None:
    with open_registry(tmp_path / "registry") as registry:
        fill(registry)
        model = int8_graph()
        registry.add_model(
            model, model_facts(model), INT8_BYTES, "dense-int8", licences=["GPL-3.0-only"]
        )
        assert isinstance(registry.store, EmbeddedStore)
        (tmp_path / "rules").mkdir()
        folder = folder_of(tmp_path / "rules", rule=NO_GPL_ON_LARGE)
        assert verdicts(registry.store, folder)["dense-int8", "large"] is Verdict.NO


def test_a_licence_may_be_kept_off_a_line_of_boards(store: EmbeddedStore, tmp_path: Path) -> None:
    """The licence stands in a file beside the rule; nothing else changes."""
    before = {(one.model, one.board): one for one in match(store)}
    assert before["dense-int8", "large"].verdict is Verdict.FITS
    folder = folder_of(tmp_path, rule=NO_GPL_ON_LARGE, licences=LICENCE)
    after = verdicts(store, folder)
    changed = {pair for pair in before if before[pair].verdict is not after[pair]}
    assert changed == {("dense-int8", "large")}
    (found,) = match(
        store, "dense-int8", "large", question=Question(policies=load_policies(folder))
    )
    broken = found.constraint("policy")
    assert (found.verdict, broken.satisfied, broken.margin) == (Verdict.NO, False, -1)
    assert broken.message == "no model under GPL-3.0 on the large board"


def test_a_rule_about_boards_holds_for_all_their_matches(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    rule = """rule:Fast a sh:NodeShape ; sh:targetClass fg:Board ;
    sh:property [ sh:path fg:clockHz ; sh:minInclusive 60000000 ; sh:message "too slow" ] .
"""
    found = match(store, question=Question(policies=load_policies(folder_of(tmp_path, r=rule))))
    slow = {one.board for one in found if one.constraint("policy").satisfied is False}
    assert slow == {"old"}


def test_a_rule_that_only_warns_forbids_nothing(store: EmbeddedStore, tmp_path: Path) -> None:
    rule = NO_GPL_ON_LARGE.replace("sh:message", "sh:severity sh:Warning ; sh:message")
    folder = folder_of(tmp_path, rule=rule, licences=LICENCE)
    assert verdicts(store, folder)["dense-int8", "large"] is Verdict.FITS


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("rule:A a sh:NodeShape ;\n  sh:targetClass fg:Match\n  sh:closed true .\n", 7, ""),
        ("rule:A a sh:NodeShape ;\n  nope:b 1 .\n", 6, "nope"),
        ("rule:A a sh:NodeShape ; sh:targetClass fg:Match ;\n sh:minCout 1 .", 6, "sh:minCout"),
        (
            (
                "rule:A a sh:NodeShape ; sh:targetClass fg:Match ;\n sh:sparql [ sh:select "
                '"SELECT $this WHERE { SERVICE <http://x/> { ?a ?b ?c } }" ] .'
            ),
            6,
            "another server",
        ),
        (
            (
                "rule:A a sh:NodeShape ; sh:targetClass fg:Match ;\n sh:sparql [ sh:select "
                r'"SELECT $this { \\u0053\\U00000045RVICE <http://x/> { ?a ?b ?c } }" ] .'
            ),
            6,
            "another server",
        ),
        (
            (
                "rule:A a sh:ConstraintComponent ; sh:parameter [ sh:path fg:a ] ;\n "
                'sh:validator [ sh:ask "ASK { SERVICE <http://x/> { ?a ?b ?c } }" ] .'
            ),
            6,
            "another server",
        ),
    ],
)
def test_a_rule_that_does_not_parse_is_refused_with_path_line_and_hint(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    folder = folder_of(tmp_path, bad=text)
    with pytest.raises(InvalidDemandError) as caught:
        load_policies(folder)
    assert f"{folder / 'bad.ttl'}, line {line}: " in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "rule:A a sh:NodeShape ; sh:targetClass fg:Match ; sh:property [ sh:minCount 1 ] .",
        (
            "rule:A a sh:NodeShape ; sh:targetClass fg:Match ; sh:property [ sh:path fg:model ; "
            'sh:minCount "two" ] .'
        ),
    ],
)
def test_a_shape_that_cannot_be_checked_is_refused_in_one_sentence(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidDemandError, match=r"bad\.ttl: a shape cannot be checked"):
        load_policies(folder_of(tmp_path, bad=text))
    assert not caplog.records


@pytest.mark.parametrize(
    "text",
    [
        f"rule:A fg:a {'(' * 50_000}{')' * 50_000} .",
        f"rule:A fg:a {'[ fg:a ' * 50_000}1{']' * 50_000} .",
        f"rule:A a sh:NodeShape ; sh:property {'[ sh:property ' * 800}1{']' * 800} .",
    ],
)
def test_a_rule_that_is_nested_too_deeply_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidDemandError, match=r"bad\.ttl.*nested too deeply"):
        load_policies(folder_of(tmp_path, bad=text))


def test_rules_without_target_and_folders_without_rules_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDemandError, match="0 policies"):
        load_policies(tmp_path)
    with pytest.raises(InvalidDemandError, match="no folder"):
        load_policies(tmp_path / "absent")
    with pytest.raises(InvalidDemandError, match="has a target"):
        load_policies(folder_of(tmp_path, a="rule:A a sh:NodeShape .\n"))
