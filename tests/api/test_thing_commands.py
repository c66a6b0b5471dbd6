"""`fitgraph thing`, and boards as Thing Models, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import Command

BOARD = "https://w3id.org/fitgraph/id/board/bbc-microbit-v2"
DEVICE = {
    "@context": [
        "https://www.w3.org/2022/wot/td/v1.1",
        {"fg": "https://w3id.org/fitgraph/ontology#"},
    ],
    "id": "urn:dev:ops:32473-pump-7",
    "title": "Pump 7",
    "securityDefinitions": {"none": {"scheme": "nosec"}},
    "security": "none",
    "links": [{"rel": "type", "href": BOARD}],
    "fg:serialNumber": "A-0007",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pump.td.jsonld"
    path.write_text(json.dumps(DEVICE, indent=1), encoding="utf-8")
    return path


def test_a_device_goes_in_is_found_by_its_board_and_comes_out(
    fitgraph: Command, file: Path
) -> None:
    assert fitgraph("thing", "add", file).code == 0
    (row,) = fitgraph("thing", "list", "--board", "bbc-microbit-v2", "--json").json
    assert (row["iri"], row["board"]) == (DEVICE["id"], BOARD)
    assert fitgraph("thing", "show", "Pump 7").json == DEVICE
    assert "serialNumber" in fitgraph("thing", "show", "Pump 7", "--format", "turtle").out
    query = "SELECT ?d WHERE { ?d <https://w3id.org/fitgraph/ontology#serialNumber> 'A-0007' }"
    assert fitgraph("query", "--text", query, "--json").json == [{"d": DEVICE["id"]}]
    assert fitgraph("thing", "remove", "Pump 7").code == 0
    assert fitgraph("thing", "list", "--json").json == []


def test_an_unknown_board_is_bad_input_with_the_nearest_name(fitgraph: Command, file: Path) -> None:
    file.write_text(json.dumps(DEVICE).replace("microbit-v2", "microbit-v3"), encoding="utf-8")
    before = fitgraph.contents()
    done = fitgraph("thing", "add", file)
    assert done.code == 2
    assert "bbc-microbit-v2" in done.err
    assert fitgraph.contents() == before


def test_a_refusal_names_path_and_reason_and_writes_nothing(fitgraph: Command, file: Path) -> None:
    file.write_text(json.dumps({**DEVICE, "security": ["other"]}), encoding="utf-8")
    before = fitgraph.contents()
    for command in ("add", "validate"):
        done = fitgraph("thing", command, file)
        assert done.code == 2
        assert "/security/0: 'other' is not defined" in done.err
    assert fitgraph.contents() == before


def test_a_context_is_handed_in(fitgraph: Command, file: Path, tmp_path: Path) -> None:
    url = "https://example.org/pump"
    context = [*DEVICE["@context"], url]
    file.write_text(json.dumps({**DEVICE, "@context": context}), encoding="utf-8")
    assert "--context" in fitgraph("thing", "add", file).err
    own = tmp_path / "pump-context.jsonld"
    own.write_text(json.dumps({"@context": {"pump": f"{url}#"}}), encoding="utf-8")
    assert fitgraph("thing", "validate", file, "--context", f"{url}={own}").code == 0
    assert fitgraph("thing", "add", file, "--context", f"{url}={own}").code == 0
    assert fitgraph("thing", "add", file, "--context", "nonsense").code == 2


def test_a_context_is_handed_in_for_a_folder_of_things(fitgraph: Command, tmp_path: Path) -> None:
    """A device, and a board that others describe, too: neither goes in without their context."""
    url = "https://example.org/pump"
    folder = tmp_path / "things"
    folder.mkdir()
    own = tmp_path / "pump-context.jsonld"
    own.write_text(json.dumps({"@context": {"pump": f"{url}#"}}), encoding="utf-8")
    model = fitgraph("board", "show", "bbc-microbit-v2", "--td").json
    iri, name = "https://w3id.org/fitgraph/id/board/pump-board", "pump-board"
    board = json.loads(json.dumps(model).replace(BOARD, iri).replace("bbc-microbit-v2", name))
    board["@context"].append(url)
    links = [{"rel": "type", "href": iri}]
    device = {**DEVICE, "@context": [*DEVICE["@context"], url], "links": links}
    (folder / "board.tm.jsonld").write_text(json.dumps(board), encoding="utf-8")
    (folder / "device.td.jsonld").write_text(json.dumps(device), encoding="utf-8")
    before = fitgraph.contents()
    single = tmp_path / "single.td.jsonld"
    single.write_text(json.dumps({**device, "links": DEVICE["links"]}), encoding="utf-8")
    refused = fitgraph("import", "boards", single)
    assert refused.code == 2
    assert url in refused.err.splitlines()[0]
    assert "--context" in refused.err.splitlines()[1]
    assert fitgraph("import", "boards", folder).code == 2
    assert fitgraph.contents() == before
    done = fitgraph("import", "boards", folder, "--context", f"{url}={own}", "--json")
    assert done.code == 0, done.err
    assert {one["result"] for one in done.json["outcomes"]} == {"added"}
    assert len(fitgraph("thing", "list", "--board", name, "--json").json) == 1


def test_a_thing_in_turtle_comes_out_as_json_and_as_turtle(
    fitgraph: Command, file: Path, tmp_path: Path
) -> None:
    """Each form that a thing is shown in is one that it can be added from."""
    assert fitgraph("thing", "add", file).code == 0
    for form, suffix in (("turtle", "ttl"), ("ntriples", "nt"), ("jsonld", "jsonld")):
        shown = fitgraph("thing", "show", "Pump 7", "--format", form)
        assert shown.code == 0
        path = tmp_path / f"pump.{suffix}"
        path.write_text(shown.out, encoding="utf-8")
        assert fitgraph("thing", "validate", path, "--json").json["triples"] == 9
        assert fitgraph("thing", "add", path, "--replace").code == 0
        assert fitgraph("thing", "show", "Pump 7").json["fg:serialNumber"] == "A-0007"


def test_what_a_description_probably_does_not_mean_is_said(
    fitgraph: Command, tmp_path: Path
) -> None:
    """It is kept all the same."""
    schema = {"type": "array", "forms": [{"href": "https://example.org/x"}]}
    value = {
        **DEVICE,
        "properties": {"x": schema, "y": {**schema, "type": "number", "unit": "ell"}},
    }
    path = tmp_path / "pump.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    warned = fitgraph("thing", "add", path)
    assert warned.code == 0
    assert warned.err.splitlines() == [
        "warning: /properties/x: is of type array and has no items",
        "warning: /properties/y/unit: 'ell' is a text, not the IRI of a unit (of QUDT or OM)",
    ]
    found = fitgraph("thing", "validate", path, "--json").json["warnings"]
    assert [one["path"] for one in found] == ["/properties/x", "/properties/y/unit"]


def test_a_board_comes_out_as_a_thing_model_and_goes_in_again(
    fitgraph: Command, tmp_path: Path
) -> None:
    model = fitgraph("board", "show", "bbc-microbit-v2", "--td")
    assert "tm:ThingModel" in model.json["@type"]
    path = tmp_path / "board.tm.jsonld"
    path.write_text(model.out, encoding="utf-8")
    for command in ("board", "thing"):
        done = fitgraph(command, "add", path)
        assert (done.code, done.out.split()[0]) == (0, "known")
    facts = fitgraph("board", "show", "bbc-microbit-v2", "--json").json
    assert fitgraph("board", "remove", "bbc-microbit-v2").code == 0
    assert fitgraph("thing", "add", path).out.split()[0] == "added"
    assert fitgraph("board", "show", "bbc-microbit-v2", "--json").json == facts
