"""``fitgraph model lineage`` and ``fitgraph proof lineage``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fitgraph.api.lineage import lineage_of_model, lineage_svg
from fitgraph.registry.catalogue import open_registry
from tests.support.command import Command


@pytest.fixture
def digits(digits_store: Path, tmp_path: Path) -> Command:
    """The command over a store with a network and its quantized variant."""
    shutil.copytree(digits_store, tmp_path / "digits")
    return Command(tmp_path / "digits")


def test_a_model_is_told_with_what_it_was_made_from(digits: Command) -> None:
    told = digits("model", "lineage", "digits-int8")
    assert told.code == 0
    assert "Lineage of digits-int8" in told.out
    steps = digits("model", "lineage", "digits-int8", "--json").json["steps"]
    assert [step["kind"] for step in steps][:3] == ["model", "recipe", "model"]
    assert [step["title"] for step in steps if step["kind"] == "model"] == ["digits", "digits-int8"]
    assert steps[1]["sources"] == [steps[0]["key"]]


def test_the_picture_is_that_of_the_page(digits: Command, tmp_path: Path) -> None:
    picture = tmp_path / "lineage.svg"
    assert digits("model", "lineage", "digits-int8", "--svg", picture).code == 0
    with open_registry(tmp_path / "digits", read_only=True) as registry:
        assert picture.read_text() == lineage_svg(lineage_of_model(registry, "digits-int8"))


def test_what_is_not_there_has_no_lineage(digits: Command, tmp_path: Path) -> None:
    assert digits("model", "lineage", "digist").code == 2
    assert digits("proof", "lineage", "0123").code == 2
    nowhere = tmp_path / "no-folder" / "lineage.svg"
    assert digits("model", "lineage", "digits", "--svg", nowhere).code != 0
