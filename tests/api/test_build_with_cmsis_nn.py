"""``fitgraph build --cmsis-nn`` and what the options around it do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cmsis_nn import STAND_IN
from tests.support.command import Command
from tests.support.low_bit_models import every_layer

BOARD = "bbc-microbit-v2"


@pytest.fixture
def network(fitgraph: Command, tmp_path: Path) -> Command:
    """The command with a model that has layers of int8."""
    file = tmp_path / "net.tflite"
    file.write_bytes(every_layer(3, "int8", (8, 8, 8, 8)).content)
    assert fitgraph("model", "add", file).code == 0
    return fitgraph


def test_the_build_names_the_library_and_is_verified_with_it(
    network: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FITGRAPH_CMSIS_NN", raising=False)
    output = tmp_path / "out"
    built = network("build", "net", "--board", BOARD, "--cmsis-nn", STAND_IN, "--output", output)
    assert built.code == 0, built.err
    assert "CMSIS-NN, arm_nnfunctions.h stand-in, 3 of its sources" in built.out
    assert not list(output.rglob("arm_*"))
    assert network("verify", output, "--cmsis-nn", STAND_IN).code == 0
    without = network("verify", output)
    assert without.code == 1
    assert "give the folder of the same version with --cmsis-nn" in without.err
    monkeypatch.setenv("FITGRAPH_CMSIS_NN", str(STAND_IN))
    assert network("verify", output).code == 0


def test_the_graph_keeps_no_footprint_of_such_a_build(network: Command, tmp_path: Path) -> None:
    """Those of the model are what it needs without."""
    built = network(
        "build", "net", "--board", BOARD, "--cmsis-nn", STAND_IN, "--output", tmp_path / "out"
    )
    assert built.code == 0, built.err
    assert network("model", "show", "net", "--json").json["footprints"] == []


@pytest.mark.parametrize(
    "options",
    [
        ("--isa", "host"),
        ("--board", BOARD, "--pack-weights"),
        ("--board", BOARD, "--runtime", "tflm"),
    ],
)
def test_options_that_do_not_go_with_it_are_refused(
    options: tuple[str, ...], network: Command
) -> None:
    ended = network("build", "net", *options, "--cmsis-nn", STAND_IN)
    assert ended.code == 2
    assert "--cmsis-nn" in ended.err


def test_a_folder_without_it_is_refused_before_anything_is_done(
    network: Command, tmp_path: Path
) -> None:
    ended = network("build", "net", "--board", BOARD, "--cmsis-nn", tmp_path, "--output",
                    tmp_path / "out")  # fmt: skip
    assert ended.code
    assert "is no CMSIS-NN: it lacks Include/arm_nnfunctions.h" in ended.err
    assert not (tmp_path / "out").exists()


def test_cores_that_are_not_of_arm_are_refused(network: Command, tmp_path: Path) -> None:
    ended = network("build", "net", "--isa", "rv32imc", "--cmsis-nn", STAND_IN, "--output",
                    tmp_path / "out")  # fmt: skip
    assert ended.code
    assert "CMSIS-NN is for Cortex-M cores, not for rv32imc" in ended.err
