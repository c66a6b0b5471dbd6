"""The paper's case studies, asked of the graph that `fitgraph import reference-kg` makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fitgraph.ontology.files import CASE_STUDIES_FOLDER
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.model_description import ModelDescription
from tests.support.command import Command
from tests.support.competency_graph import claims_of, described_board

NANO, KIT = "Arduino Nano BLE 33", "Arduino Nano BLE 33 TinyML Kit"
#: The paper asks for a network and a board that its graph does not have.
NETWORK = ModelDescription(
    "motion",
    "Motion",
    None,
    ("accelerometer", "gyroscope"),
    claims=claims_of(sramBytes=116_480, flashBytes=531_624),
    sources=("case study 1",),
)
BOARD = described_board("camera-board", 127_000, 576_000, "camera")

#: Columns of a case study in our vocabulary and in the paper's, its rows as published, and what
#: makes our figures of them.
STUDIES: dict[str, tuple[tuple[str, ...], tuple[str, ...], list[tuple[float, ...]], float]] = {
    "boards-for-a-network": (
        ("free_sram_bytes", "free_flash_bytes"),
        ("ram_kb", "flash_kb"),
        [(172, 628), (187, 785)],
        1000,
    ),
    "networks-for-a-board": (
        ("sram_bytes", "flash_bytes"),
        ("ram_kb", "flash_kb"),
        [(94.128, 236.072), (116.48, 531.624)],
        1000,
    ),
    "networks-by-accuracy": (
        ("accuracy",),
        ("accuracy_percent",),
        [(93.2,), (92.1,), (83.0,), (82.3,)],
        0.01,
    ),
}


@pytest.fixture(scope="module")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """All of the paper's graph, and the network and the board of its first two questions."""
    command = Command(tmp_path_factory.mktemp("case-studies") / "store")
    done = command("import", "reference-kg", shared_data / "reference_kg")
    assert done.code == 0, done.err
    with open_registry(command.store) as registry:
        registry.add_description(NETWORK)
        registry.add_boards([BOARD])
    return command


@pytest.mark.parametrize("name", STUDIES)
def test_both_vocabularies_give_the_figures_of_the_paper(imported: Command, name: str) -> None:
    ours, theirs, expected, factor = STUDIES[name]
    for file, columns, by in ((name, ours, factor), (f"{name}-as-published", theirs, 1)):
        done = imported("query", CASE_STUDIES_FOLDER / f"{file}.rq", "--json")
        assert done.code == 0, done.err
        found = [tuple(float(row[column]) for column in columns) for row in done.json]
        wanted = [tuple(figure * by for figure in row) for row in expected]
        assert found == [pytest.approx(row) for row in wanted], file


def test_boards_for_the_network_of_the_first_study(imported: Command) -> None:
    rows = ask(imported, "boards-for-a-described-network", "description=Motion")
    boards = {one["board_id"]: one["name"] for one in imported("board", "list", "--json").json}
    found = [
        (boards[row["board"].rpartition("/")[2]], row["free_sram_bytes"], row["free_flash_bytes"])
        for row in rows
    ]
    assert found == [(NANO, 172_000, 628_000), (KIT, 187_000, 785_000)]


def test_networks_for_the_board_of_the_second_study(imported: Command) -> None:
    """Besides those for a camera, a network of which no sensor is said."""
    rows = ask(imported, "described-networks-for-a-board", "board=camera-board")
    found = [(row["name"], row["sram_bytes"], row["flash_bytes"]) for row in rows]
    assert found == [
        ("Hello_World", 1936, 2472),
        ("Person_Detection", 94_128, 236_072),
        ("Visual_Alarm_Clock", 116_480, 531_624),
    ]


def test_networks_of_the_third_study_by_accuracy(imported: Command) -> None:
    """Trained on the same data, four tell yes from no, and two tell more words apart."""
    rows = ask(
        imported,
        "described-networks-by-accuracy",
        "sensor=microphone",
        "training_data=speech_commands",
    )
    assert [(row["name"], row["accuracy"]) for row in rows] == [
        ("ARM_DS_CNN_Small_", 0.935),
        ("Micro_Speech_Yes_No_3", 0.932),
        ("Micro_Speech_Yes_No_1", 0.921),
        ("ARM_CNN_Small_keyword_spotting", 0.914),
        ("Micro_Speech_Yes_No_4", 0.83),
        ("Micro_Speech_Yes_No_2", 0.823),
    ]


def ask(command: Command, question: str, *values: str) -> list[dict[str, Any]]:
    """Rows of a competency question."""
    bound = [part for value in values for part in ("--bind", value)]
    done = command("question", "ask", question, *bound, "--json")
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = done.json
    return rows
