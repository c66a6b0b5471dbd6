"""Released terms stay what they were, or are deprecated with a replacement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import OWL, URIRef
from rdflib.namespace import DCTERMS, SKOS

from fitgraph.ontology import term_changes as module
from fitgraph.ontology.files import RELEASES_FOLDER
from fitgraph.ontology.namespaces import FG, ONTOLOGY
from fitgraph.ontology.term_changes import (
    Changed,
    TermChanges,
    last_release,
    main,
    report,
    summary,
    term_changes,
)
from fitgraph.ontology.terms import Kind, Term, read_graph, terms_of

CLOCK = Term(
    name="clockHz",
    kind=Kind.DATATYPE_PROPERTY,
    label="clock",
    definition="Highest clock of the core.",
    module="hardware",
    sources=("https://example.org/",),
    domains=(f"{FG}Board",),
    ranges=("http://www.w3.org/2001/XMLSchema#integer",),
    parents=(),
    member_of=(),
    scheme="",
    unit="http://qudt.org/vocab/unit/HZ",
    examples=(),
    deprecated=False,
    replaced_by="",
    change_note="",
)
BEFORE = {"clockHz": summary(CLOCK)}


def changes(*terms: Term) -> TermChanges:
    return term_changes("1.0.0", BEFORE, terms)


def test_the_same_term_is_no_change() -> None:
    assert changes(CLOCK) == TermChanges("1.0.0", (), (), (), ())


def test_a_new_term_is_added() -> None:
    found = changes(CLOCK, replace(CLOCK, name="voltage"))
    assert found.added == ("voltage",)
    assert found.broken == ()


def test_a_term_that_is_gone_breaks_the_promise() -> None:
    assert changes().removed == ("clockHz",)
    assert changes().broken == ("clockHz",)


def test_a_property_that_became_a_class_breaks_the_promise() -> None:
    assert changes(replace(CLOCK, kind=Kind.CLASS)).broken == ("clockHz",)


def test_another_definition_and_more_domains_are_told_and_break_nothing() -> None:
    after = replace(CLOCK, definition="Clock.", domains=(f"{FG}Board", f"{FG}Mcu"))
    found = changes(after)
    assert found.changed == (
        Changed("clockHz", "definition", "Highest clock of the core.", "Clock."),
        Changed("clockHz", "of", "fg:Board", "fg:Board fg:Mcu"),
    )
    assert found.broken == ()


def test_a_deprecated_term_is_told() -> None:
    assert changes(replace(CLOCK, deprecated=True)).deprecated == ("clockHz",)
    again = term_changes(
        "1.1.0",
        {"clockHz": summary(replace(CLOCK, deprecated=True))},
        [replace(CLOCK, deprecated=True)],
    )
    assert again.deprecated == ()


def test_the_report_names_every_change() -> None:
    text = report(changes(replace(CLOCK, definition="Clock."), replace(CLOCK, name="voltage")))
    assert text.splitlines() == [
        "since 1.0.0:",
        "added: 1",
        "  fg:voltage",
        "deprecated: 0",
        "removed: 0",
        "changed: 1",
        "  fg:clockHz definition",
        "    - Highest clock of the core.",
        "    + Clock.",
    ]


def test_the_vocabulary_keeps_every_released_term() -> None:
    found = term_changes(*last_release(), terms_of(read_graph()))
    assert found.broken == ()


def test_the_first_release_is_known_whole() -> None:
    version, terms = last_release()
    assert version == "0.1.0"
    assert len(terms) == 143
    assert terms["Board"]["kind"] == "class"


def test_the_vocabulary_has_a_newer_version_than_the_last_release_when_it_changed() -> None:
    graph = read_graph()
    version, _ = last_release()
    found = term_changes(*last_release(), terms_of(graph))
    if found.added or found.changed or found.deprecated:
        now = str(graph.value(URIRef(ONTOLOGY), OWL.versionInfo))
        assert module._numbers(now) > module._numbers(version)
    prior = graph.value(URIRef(ONTOLOGY), OWL.priorVersion)
    assert str(prior) == f"{ONTOLOGY}/{version}"


def test_all_modules_have_one_version() -> None:
    assert len(set(read_graph().objects(None, OWL.versionInfo))) == 1


def test_a_deprecated_term_names_its_replacement_and_the_version() -> None:
    graph = read_graph()
    for term in graph.subjects(OWL.deprecated):
        replacement, note = (
            graph.value(term, DCTERMS.isReplacedBy),
            graph.value(term, SKOS.changeNote),
        )
        assert (replacement, None, None) in graph, term
        assert str(note)[:1].isdigit(), f"{term}: the note begins with the version"


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Writes releases into a folder that stands for ours."""
    monkeypatch.setattr(module, "RELEASES_FOLDER", tmp_path)

    def write(version: str, text: str) -> None:
        (tmp_path / f"{version}.json").write_text(text, encoding="utf-8")

    return write


def test_the_newest_release_counts_by_number(releases: Callable[[str, str], None]) -> None:
    for version in ("0.9.0", "0.10.0", "0.2.0"):
        releases(version, "{}")
    assert last_release()[0] == "0.10.0"


def test_the_command_fails_when_a_released_term_is_gone(
    releases: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    releases("0.1.0", '{"oldTerm": {"kind": "class", "definition": "Old."}}')
    assert main([]) == 1
    assert "fg:oldTerm" in capsys.readouterr().err


def test_the_command_passes_and_prints_the_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "fg:Verdict" in capsys.readouterr().out


def test_a_release_lists_every_term(
    releases: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    releases("0.1.0", "{}")
    assert main(["--release"]) == 0
    assert main([]) == 0
    assert "added: 0" in capsys.readouterr().out
    assert RELEASES_FOLDER.is_dir()
