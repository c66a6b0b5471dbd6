"""``fitgraph import reference-kg`` and ``fitgraph audit``, as a user meets them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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


def test_a_board_of_the_users_gives_way_only_if_he_says_so(fitgraph: Command, folder: Path) -> None:
    assert fitgraph("import", "reference-kg", folder).code == 0
    (folder / "device.ttl").write_text(device(ram="32"))
    before = fitgraph.contents()
    done = fitgraph("import", "reference-kg", folder)
    assert done.code == 2
    assert "another board 'made-up-1'" in done.err
    assert fitgraph.contents() == before
    assert fitgraph("import", "reference-kg", folder, "--replace").code == 0


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
    before = fitgraph.contents()
    again = fitgraph("audit", "--json")
    assert again.json == done.json
    assert fitgraph.contents() == before


def test_an_audit_that_checks_ends_with_1_where_a_claim_is_wrong(
    fitgraph: Command, folder: Path
) -> None:
    assert fitgraph("audit", "--check").code == 0  # nothing is claimed yet
    fitgraph("import", "reference-kg", folder)
    done = fitgraph("audit", "--check")
    assert done.code == 1
    assert "2 wrong" in done.out
