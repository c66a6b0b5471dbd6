"""``fitgraph ontology``: alignments are loaded and left one by one, and decide nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fitgraph.ontology.files import ALIGNMENTS
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.vocabulary_graphs import alignment_iri, alignment_triples
from tests.support.command import Command

NAMES = [path.stem for path in ALIGNMENTS]

#: Boards are Thing Models, which one alignment says and no module does.
THING_MODELS = """
PREFIX fg: <https://w3id.org/fitgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?board WHERE {
  ?board a ?class .
  ?class rdfs:subClassOf <https://www.w3.org/2019/wot/tm#ThingModel> .
}
"""


def loaded(fitgraph: Command) -> list[str]:
    return [one["name"] for one in fitgraph("ontology", "list", "--json").json if one["is_loaded"]]


def test_all_alignments_are_listed_and_none_is_loaded_at_first(fitgraph: Command) -> None:
    listed = fitgraph("ontology", "list", "--json").json
    assert [one["name"] for one in listed] == NAMES
    assert all(one["about"] and one["vocabularies"] and one["relations"] for one in listed)
    assert loaded(fitgraph) == []
    assert "sosa-ssn" in fitgraph("ontology", "list").out


def test_an_alignment_is_a_graph_of_its_own_that_queries_see(fitgraph: Command) -> None:
    before = fitgraph.contents()
    assert fitgraph("query", "--text", THING_MODELS, "--json").json == []
    done = fitgraph("ontology", "load", "tm", "prov")
    assert (done.code, loaded(fitgraph)) == (0, ["prov", "tm"])
    boards = len(fitgraph("board", "list", "--json").json)
    assert len(fitgraph("query", "--text", THING_MODELS, "--json").json) == boards
    added = set(fitgraph.contents()[0]) - set(before[0])
    assert added == {alignment_iri("tm"), alignment_iri("prov")}
    assert fitgraph("ontology", "unload", "tm").code == 0
    assert loaded(fitgraph) == ["prov"]
    assert fitgraph("ontology", "unload", "--all", "--json").json == [alignment_iri("prov")]
    assert fitgraph.contents() == before


def test_loading_or_unloading_twice_changes_nothing(fitgraph: Command) -> None:
    assert fitgraph("ontology", "load", "td", "td", "--json").json == [
        {"iri": alignment_iri("td"), "is_new": True}
    ]
    again = fitgraph("ontology", "load", "td")
    assert (again.code, "was loaded" in again.out) == (0, True)
    assert fitgraph("ontology", "unload", "td").code == 0
    assert "none of them was loaded" in fitgraph("ontology", "unload", "td").out


@pytest.mark.parametrize("command", ["load", "unload"])
def test_a_name_that_is_none_changes_nothing(fitgraph: Command, command: str) -> None:
    before = fitgraph.contents()
    done = fitgraph("ontology", command, "td", "sosa")
    assert done.code == 2
    assert "there is no alignment 'sosa'" in done.err
    assert "sosa-ssn" in done.err
    assert fitgraph.contents() == before


@pytest.mark.parametrize("arguments", [(), ("--all", "td")])
def test_one_names_alignments_or_takes_all(fitgraph: Command, arguments: tuple[str, ...]) -> None:
    done = fitgraph("ontology", "load", *arguments)
    assert done.code == 2
    assert "--all" in done.err


def test_an_update_of_fitgraph_brings_loaded_alignments_up_to_date(fitgraph: Command) -> None:
    """And leaves alone what is not loaded."""
    assert fitgraph("ontology", "load", "td").code == 0
    iri = alignment_iri("td")
    with EmbeddedStore.open(fitgraph.store / "graph") as store:
        store.write({iri: sorted(alignment_triples(iri), key=str)[:3]})
    with open_registry(fitgraph.store) as registry:
        assert registry.store.graph(iri) == alignment_triples(iri)
    assert loaded(fitgraph) == ["td"]


def test_no_verdict_changes_with_alignments(digits: Command) -> None:
    """All constraints of a model on every board, with what is measured and what is not."""

    def verdicts() -> Any:
        return [digits("match", model, "--json").json for model in ("digits", "digits-int8")]

    before = verdicts()
    assert {one["verdict"] for answers in before for one in answers} >= {"fits", "no", "unknown"}
    assert digits("ontology", "load", "--all").code == 0
    assert loaded(digits) == NAMES
    assert verdicts() == before


SHAPES = Path(__file__).parents[1] / "ontology" / "shapes"


def test_rdf_of_others_is_held_against_the_shapes(fitgraph: Command, tmp_path: Path) -> None:
    """Of each kind that it has; nothing is stored."""
    before = fitgraph.contents()
    good = SHAPES / "good" / "plan.ttl"
    assert "nothing is wrong: plan" in fitgraph("ontology", "check", good).out
    both = tmp_path / "both.ttl"
    both.write_text(
        "\n".join((SHAPES / "good" / f"{name}.ttl").read_text() for name in ("fleet", "match"))
    )
    done = fitgraph("ontology", "check", both, "--json")
    assert (done.code, done.json) == (0, {"match": [], "fleet": []})
    bad = fitgraph("ontology", "check", SHAPES / "bad" / "match-that-fits-by-an-estimate.ttl")
    assert bad.code == 1
    assert "measurement or a bound" in " ".join(bad.out.split())
    assert fitgraph.contents() == before


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("plan.ttl", "<a> <b> ", "is not Turtle"),
        ("plan.ttl", "<urn:a> <urn:b> 1 .", "has nothing that there are shapes for"),
        ("plan.csv", "a,b", "ends in none of .ttl"),
        ("", "", "cannot be read"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    fitgraph: Command, tmp_path: Path, name: str, content: str, reason: str
) -> None:
    file = tmp_path / (name or "absent.ttl")
    if name:
        file.write_text(content)
    done = fitgraph("ontology", "check", file)
    assert done.code == 2
    assert reason in done.err
    assert "hint:" in done.err
