"""``fitgraph build``, ``footprint`` and ``proof``: real compiler, linker and emulator."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.board_text import board_text
from tests.support.command import Command
from tests.support.float_models import save_model, weights


def without_time(proof: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in proof.items() if name != "created_at"}


def test_a_build_is_proven_kept_and_then_fits(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    board = "bbc-microbit-v2"
    output = tmp_path / "out"
    done = digits(
        "build", "digits-int8", "--board", board, "--output", output, "--json",
        "--inputs", repository / "examples" / "digits" / "test.npz", "--samples", "5",
    )  # fmt: skip
    assert done.code == 0, done.err
    proof = done.json["proof"]
    assert (proof["n_inputs"], proof["n_outputs_compared"]) == (5, 50)
    assert proof["worst_difference"] == 0
    assert proof["instructions_per_inference"] > 100_000
    assert done.json["inputs"] == "given"
    elf = (output / "firmware.elf").read_bytes()
    assert hashlib.sha256(elf).hexdigest() == proof["firmware_sha256"]
    resources = json.loads((output / "proof.json").read_text())["@graph"]
    (document,) = (one for one in resources if one["@type"] == "fg:Proof")
    assert document["fg:instructionsPerInference"] == proof["instructions_per_inference"]
    assert sorted(path.suffix for path in (output / "model").iterdir()) == [".c", ".h"]

    (found,) = digits("match", "digits-int8", "--board", board, "--json").json
    assert found["verdict"] == "fits"
    (listed,) = digits("proof", "list", "--board", board, "--json").json
    assert without_time(listed) == without_time(proof)
    assert proof["firmware_sha256"] in digits.contents()[1]
    shown = digits("proof", "list").out
    key = next(word for line in shown.splitlines() if board in line for word in line.split())
    assert digits("proof", "show", key, "--json").json == listed
    assert "worst difference" in digits("proof", "show", key).out


def test_the_firmware_s_own_outputs_are_judged(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    done = digits(
        "build", "digits-int8", "--board", "bbc-microbit-v2", "--output", tmp_path / "out",
        "--test", repository / "examples" / "digits" / "test.npz", "--samples", "20", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json["quality"]["n_samples"] == 20
    assert done.json["quality"]["value"] > 0.9


def test_too_few_labels_are_said_before_the_work(digits: Command, tmp_path: Path) -> None:
    samples = np.zeros((3, 1, 8, 8), np.float32)
    np.savez(tmp_path / "t.npz", x=samples, y=np.zeros(2, np.int64))
    done = digits(
        "build", "digits-int8", "--board", "bbc-microbit-v2", "--test", tmp_path / "t.npz"
    )
    assert done.code == 2
    assert "2 labels for 3 samples" in done.err


def test_a_board_that_is_too_small_ends_with_1_and_leaves_its_footprint_and_nothing_else(
    fitgraph: Command, tmp_path: Path
) -> None:
    path = save_model(
        tmp_path / "m.onnx",
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, 16],
        constants={"w": weights(16, 16)},
    )
    (tmp_path / "tiny.yaml").write_text(board_text("tiny", flash="1 KiB", ram="4 KiB"))
    assert fitgraph("model", "add", path).code == 0
    assert fitgraph("board", "add", tmp_path / "tiny.yaml").code == 0
    _, blobs, _ = fitgraph.contents()
    output = tmp_path / "out"
    done = fitgraph("build", "m", "--board", "tiny", "--output", output)
    assert done.code == 1
    assert done.err.startswith("error: ")
    assert not output.exists()
    assert fitgraph("proof", "list", "--json").json == []
    assert fitgraph.contents()[1:] == (blobs, ())
    (found,) = fitgraph("match", "m", "--board", "tiny", "--json").json
    assert found["verdict"] == "no"
    (flash,) = [c for c in found["constraints"] if c["name"] == "flash"]
    assert flash["evidence"] == "measured"
    assert f"{-flash['margin']:,}" in done.err


def test_a_class_is_built_and_measured_without_a_board(digits: Command, tmp_path: Path) -> None:
    done = digits(
        "build", "digits-int8", "--isa", "rv32imc", "--output", tmp_path / "out", "--json"
    )
    assert done.code == 0, done.err
    assert done.json["inputs"] == "random"
    assert digits("proof", "list", "--json").json == []
    (found,) = digits("match", "digits-int8", "--board", "esp32-c3-devkitm-1", "--json").json
    assert found["verdict"] == "fits"


def test_a_folder_of_somebody_else_is_not_overwritten(digits: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    before = digits.contents()
    for output in (tmp_path / "mine", tmp_path / "mine" / "thesis.tex"):
        done = digits("build", "digits-int8", "--board", "bbc-microbit-v2", "--output", output)
        assert done.code == 2
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]
    assert digits.contents() == before


def test_a_build_replaces_an_older_build(fitgraph: Command, tmp_path: Path) -> None:
    path = save_model(
        tmp_path / "m.onnx",
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, 4],
        constants={"w": weights(4, 3)},
    )
    assert fitgraph("model", "add", path).code == 0
    output = tmp_path / "out"
    for isa in ("armv7e-m+fp", "rv32imafc"):
        assert fitgraph("build", "m", "--isa", isa, "--output", output).code == 0
        assert json.loads((output / "manifest.json").read_text())["isa_class"] == isa
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"wrong": np.zeros((2, 1, 8, 8), np.float32), "b": np.zeros(1)}, "no array named 'image'"),
        ({"x": np.zeros((2, 1, 9, 9), np.float32)}, "the model wants samples of float32"),
        ({"x": np.zeros((2, 1, 8, 8), np.float64)}, "is float64"),
        ({"x": np.zeros((0, 1, 8, 8), np.float32)}, "0 samples"),
        ({"x": np.float32(3)}, "of shape []"),
    ],
)
def test_inputs_that_do_not_suit_the_model_are_refused(
    digits: Command, tmp_path: Path, arrays: dict[str, np.ndarray], words: str
) -> None:
    np.savez(tmp_path / "inputs.npz", **arrays)  # type: ignore[arg-type]
    done = digits(
        "build", "digits-int8", "--board", "bbc-microbit-v2", "--inputs", tmp_path / "inputs.npz"
    )
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize(
    "target", [(), ("--board", "bbc-microbit-v2", "--isa", "armv6-m"), ("--isa", "nope"),
               ("--board", "nope"), ("--board", "arduino-uno-r3")],
    ids=" ".join,
)  # fmt: skip
def test_a_target_that_makes_no_sense_is_refused(
    digits: Command, tmp_path: Path, target: tuple[str, ...]
) -> None:
    before = digits.contents()
    done = digits("build", "digits-int8", *target, "--output", tmp_path / "out")
    assert done.code in (2, 3)
    assert "Traceback" not in done.err
    assert digits.contents() == before
    assert not (tmp_path / "out").exists()


def test_a_class_without_a_compiler_fails_alone(digits: Command) -> None:
    done = digits("footprint", "digits-int8", "--isa", "avr", "--isa", "armv7-m", "--json")
    assert done.code == 3
    assert [one["isa_class"] for one in done.json] == ["armv7-m"]
    assert "avr" in done.err


def test_a_build_within_a_budget_is_verified_and_leaves_no_footprint(
    digits: Command, tmp_path: Path
) -> None:
    """The proof tells that there are patches; a match goes by builds without."""
    board, output = "bbc-microbit-v2", tmp_path / "out"
    plain = digits("build", "digits-int8", "--board", board, "--output", output, "--json")
    whole_bytes = plain.json["footprint"]["arena_bytes"]
    assert plain.json["in_patches"] == []
    budget = ("--arena-budget", str(whole_bytes - 16), "--output", output, "--json")
    done = digits("build", "digits-int8", "--board", board, *budget)
    assert done.code == 0, done.err
    assert done.json["footprint"]["arena_bytes"] < whole_bytes
    assert done.json["proof"]["worst_difference"] == 0
    assert len(done.json["in_patches"]) >= 2
    found = digits("verify", output, "--json")
    assert (found.code, found.json["holds"]) == (0, True), found.out
    kept = digits("model", "show", "digits-int8", "--json").json["footprints"]
    assert {one["arena_bytes"] for one in kept if one["isa_class"] == "armv7e-m+fp"} == {
        whole_bytes
    }


def test_a_budget_out_of_reach_names_the_smallest_arena(digits: Command, tmp_path: Path) -> None:
    done = digits(
        "build", "digits-int8", "--isa", "armv6-m", "--arena-budget", "64",
        "--output", tmp_path / "out",
    )  # fmt: skip
    assert done.code == 1
    assert "cannot keep within 64 bytes; the smallest that was found is" in done.err
    assert not (tmp_path / "out").exists()
