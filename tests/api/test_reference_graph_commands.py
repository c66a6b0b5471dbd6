"""``fitgraph import reference-kg`` and ``fitgraph audit``, as a user meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fitgraph.registry.blobs import digest
from fitgraph.registry.iris import board_iri
from tests.support.board_text import board_text
from tests.support.command import Command
from tests.support.reference_folder import PREFIXES, device, network, write_folder

MODEL = "Hello_World"


@pytest.fixture
def folder(tmp_path: Path, shared_data: Path) -> Path:
    """A made-up description of a real model, which claims too little RAM and work."""
    made = write_folder(tmp_path / "kg")
    (made / "networks.ttl").write_text(PREFIXES + network(name=MODEL), encoding="utf-8")
    (made / "models").mkdir()
    real = shared_data / "reference_kg" / "models" / f"{MODEL}.tflite"
    shutil.copy(real, made / "models")
    (made / "notes.txt").write_text("not part of it")
    return made


def test_an_import_says_what_it_took_and_what_it_skipped(fitgraph: Command, folder: Path) -> None:
    done = fitgraph("import", "reference-kg", folder, "--json")
    assert done.code == 0, done.err
    assert done.json["taken"]["descriptions"] == 1
    assert done.json["taken"]["models"] == 1
    assert [one["about"] for one in done.json["skipped"]] == ["notes.txt"]
    assert any("operators" in one["what"] for one in done.json["odd"])
    assert MODEL in fitgraph("model", "list").out


def test_an_import_prints_tables(fitgraph: Command, folder: Path) -> None:
    done = fitgraph("import", "reference-kg", folder)
    assert "descriptions" in done.out
    assert "is not Turtle" in done.out


def test_a_second_import_changes_nothing(fitgraph: Command, folder: Path) -> None:
    fitgraph("import", "reference-kg", folder)
    before = fitgraph.contents()
    done = fitgraph("import", "reference-kg", folder, "--json")
    assert done.json["taken"]["new_or_changed"] == 0
    assert fitgraph.contents() == before


def test_a_file_that_is_no_model_is_refused_and_nothing_is_taken(
    fitgraph: Command, folder: Path
) -> None:
    (folder / "models" / f"{MODEL}.tflite").write_bytes(b"this is no model at all")
    before = fitgraph.contents()
    done = fitgraph("import", "reference-kg", folder)
    assert done.code == 2
    assert f"{MODEL}.tflite" in done.err
    assert "hint:" in done.err
    assert fitgraph.contents() == before


def test_an_edited_folder_takes_the_place_of_what_it_brought_before(
    fitgraph: Command, folder: Path
) -> None:
    """What changed is replaced, what is gone goes: with its measurement and its file."""
    empty = fitgraph.contents()
    assert fitgraph("import", "reference-kg", folder).code == 0
    assert fitgraph("audit").code == 0
    full = fitgraph.contents()
    (folder / "device.ttl").write_text(device("made_up-2", ram="32"))
    (folder / "networks.ttl").write_text(PREFIXES + network(1, name="another"))
    (folder / "models" / f"{MODEL}.tflite").unlink()
    done = fitgraph("import", "reference-kg", folder, "--json")
    assert done.code == 0, done.err
    left, blobs, _ = fitgraph.contents()
    assert set(done.json["removed"]) == set(full[0]) - set(left)
    kinds = {iri.split("/id/")[1].split("/")[0] for iri in done.json["removed"]}
    assert kinds == {"board", "description", "measurement", "model", "reference-kg"}
    assert blobs == empty[1]
    boards = {one["board_id"] for one in fitgraph("board", "list", "--json").json}
    assert {"made-up-1", "made-up-2"} & boards == {"made-up-2"}
    assert MODEL not in fitgraph("model", "list").out


def test_a_changed_figure_is_taken_without_being_asked_for(fitgraph: Command, folder: Path) -> None:
    fitgraph("import", "reference-kg", folder)
    (folder / "device.ttl").write_text(device(ram="32"))
    assert fitgraph("import", "reference-kg", folder).code == 0
    shown = fitgraph("board", "show", "made-up-1", "--json").json
    assert {region["name"]: region["size_bytes"] for region in shown["regions"]}["RAM"] == 32_000


def test_a_board_of_the_users_gives_way_only_if_he_says_so(
    fitgraph: Command, folder: Path, tmp_path: Path
) -> None:
    """Nor does it go when the folder has it no more."""
    assert fitgraph("import", "reference-kg", folder).code == 0
    mine = tmp_path / "mine.yaml"
    mine.write_text(board_text("made-up-1"))
    assert fitgraph("board", "add", mine, "--replace").code == 0
    before = fitgraph.contents()
    done = fitgraph("import", "reference-kg", folder)
    assert done.code == 2
    assert "another board 'made-up-1'" in done.err
    assert fitgraph.contents() == before
    (folder / "device.ttl").write_text(device("made_up-2"))
    assert fitgraph("import", "reference-kg", folder).code == 0
    assert fitgraph("board", "show", "made-up-1", "--json").json["vendor"] == "me"
    (folder / "device.ttl").write_text(device())
    assert fitgraph("import", "reference-kg", folder, "--replace").code == 0
    assert fitgraph("board", "show", "made-up-1", "--json").json["vendor"] == ""


def test_two_folders_share_what_both_bring(fitgraph: Command, folder: Path, tmp_path: Path) -> None:
    """What one has no more stays for the other."""
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    for one in (folder, other):
        assert fitgraph("import", "reference-kg", one).code == 0
    (folder / "device.ttl").write_text(device("made_up-2"))
    done = fitgraph("import", "reference-kg", folder, "--json")
    assert done.json["removed"] == []
    boards = {one["board_id"] for one in fitgraph("board", "list", "--json").json}
    assert {"made-up-1", "made-up-2"} <= boards
    (other / "device.ttl").write_text(device("made_up-2"))
    removed = fitgraph("import", "reference-kg", other, "--json").json["removed"]
    assert [iri for iri in removed if "/board/" in iri] == [board_iri("made-up-1")]


def test_a_board_that_a_device_is_of_stays(fitgraph: Command, folder: Path, tmp_path: Path) -> None:
    fitgraph("import", "reference-kg", folder)
    thing = tmp_path / "thing.td.jsonld"
    thing.write_text(
        json.dumps(
            {
                "@context": "https://www.w3.org/2022/wot/td/v1.1",
                "id": "urn:example:one",
                "title": "One",
                "securityDefinitions": {"none": {"scheme": "nosec"}},
                "security": "none",
                "links": [{"rel": "type", "href": board_iri("made-up-1")}],
            }
        )
    )
    assert fitgraph("thing", "add", thing).code == 0
    (folder / "device.ttl").write_text(device("made_up-2"))
    removed = fitgraph("import", "reference-kg", folder, "--json").json["removed"]
    assert board_iri("made-up-1") not in removed
    assert fitgraph("board", "show", "made-up-1").code == 0


def test_a_file_of_another_name_is_known_by_its_size_and_layers(
    fitgraph: Command, shared_data: Path, tmp_path: Path
) -> None:
    """All 23 files, none under its name: no description gets another one's.

    Two pairs have the same size and layers: those four are left without a file, and said to be.
    """
    real = shared_data / "reference_kg"
    folder = tmp_path / "renamed"
    shutil.copytree(real, folder, ignore=shutil.ignore_patterns("models", "seloc"))
    (folder / "models").mkdir()
    names = {}
    for number, path in enumerate(sorted((real / "models").glob("*.tflite"))):
        names[f"m{number}.tflite"] = digest(path)
        shutil.copy(path, folder / "models" / f"m{number}.tflite")
    done = fitgraph("import", "reference-kg", folder, "--json")
    assert done.code == 0, done.err
    truth = {one["name"]: one["sha256"] for one in json.loads((real / "truth.json").read_text())}
    matched = {one["description"]: one["file"] for one in done.json["matched_by_content"]}
    assert len(matched) == len(truth) - 4 == 19
    for name, files in matched.items():
        assert {names[file] for file in files.split(" and ")} == {truth[name]}, name
    told = {one["about"] for one in done.json["odd"] if "cannot be told" in one["what"]}
    assert told == set(truth) - set(matched)


def test_one_file_is_not_given_to_two_descriptions_that_it_suits(
    fitgraph: Command, shared_data: Path, tmp_path: Path
) -> None:
    real = shared_data / "reference_kg"
    folder = tmp_path / "renamed"
    shutil.copytree(real, folder, ignore=shutil.ignore_patterns("models", "seloc"))
    (folder / "models").mkdir()
    shutil.copy(
        real / "models" / "Motion_Trainer_Left_Right.tflite", folder / "models" / "m.tflite"
    )
    done = fitgraph("import", "reference-kg", folder, "--json")
    assert done.json["matched_by_content"] == []
    told = {one["about"] for one in done.json["odd"] if "cannot be told" in one["what"]}
    assert told == {"Motion_Trainer_Left_Right", "Motion_Trainer_Up_Forward"}


def test_a_described_board_never_fits_for_certain(fitgraph: Command, folder: Path) -> None:
    """Its figures are what somebody said; a verdict of ``fits`` needs more."""
    fitgraph("import", "reference-kg", folder)
    done = fitgraph("match", MODEL, "--board", "made-up-1", "--json")
    assert {row["verdict"] for row in done.json} <= {"likely", "unknown", "no"}


def test_an_audit_names_wrong_claims_and_keeps_what_it_measured(
    fitgraph: Command, folder: Path
) -> None:
    fitgraph("import", "reference-kg", folder)
    done = fitgraph("audit", "--json")
    assert done.code == 0, done.err
    verdicts = {row["property_name"]: row["verdict"] for row in done.json}
    assert verdicts == {"macs": "wrong", "sramBytes": "wrong"}
    (sram,) = (row for row in done.json if row["property_name"] == "sramBytes")
    assert sram["claimed"] == 1500
    assert "less than is needed" in sram["note"]
    needs = {(one["runtime"], one["machine"]): one["arena_bytes"] for one in sram["measurements"]}
    assert needs["tflm+cmsis-nn", "cortex-m4f"] == 1168
    assert needs["tflm", "cortex-m4f"] == 1072
    before = fitgraph.contents()
    again = fitgraph("audit", "--json")
    assert again.json == done.json
    assert fitgraph.contents() == before


def test_an_audit_lists_what_is_wrong_and_counts_the_rest(fitgraph: Command, folder: Path) -> None:
    text = (folder / "networks.ttl").read_text().replace("1.2e+03", "288")
    (folder / "networks.ttl").write_text(text)
    fitgraph("import", "reference-kg", folder)
    done = fitgraph("audit")
    assert "all claims" in done.out
    assert done.out.splitlines()[-1] == "2 claims: 1 wrong, 1 right"
    listed = [line.split()[:3] for line in done.out.splitlines() if MODEL in line]
    assert listed == [["wrong", MODEL, "sramBytes"]]
    everything = fitgraph("audit", "--all").out.splitlines()
    listed = [line.split()[:3] for line in everything if MODEL in line]
    assert listed == [["wrong", MODEL, "sramBytes"], ["right", MODEL, "macs"]]


def test_an_audit_that_checks_ends_with_1_where_a_claim_is_wrong(
    fitgraph: Command, folder: Path
) -> None:
    assert fitgraph("audit", "--check").code == 0  # nothing is claimed yet
    fitgraph("import", "reference-kg", folder)
    done = fitgraph("audit", "--check")
    assert done.code == 1
    assert "2 wrong" in done.out
