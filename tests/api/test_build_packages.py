"""``fitgraph build --package``: libraries for build systems."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.command import Command


def test_packages_are_the_same_bytes_from_another_folder_at_another_time(
    digits: Command, tmp_path: Path
) -> None:
    """The proof in them, too, and the zip file around them; the proof can be done again."""
    kinds = ("arduino", "zephyr")
    for place in ("here", "there/far"):
        for kind in kinds:
            done = digits(
                "build", "digits-int8", "--isa", "armv7e-m+fp", "--package", kind, "--zip",
                "--output", tmp_path / place / f"{kind}.zip",
            )  # fmt: skip
            assert done.code == 0, done.err
    for kind in kinds:
        first = (tmp_path / "here" / f"{kind}.zip").read_bytes()
        assert (tmp_path / "there/far" / f"{kind}.zip").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "here" / "arduino.zip") as archive:
        archive.extractall(tmp_path)
    verified = digits("verify", tmp_path / "digits_int8", "--json")
    assert verified.code == 0, verified.out
    (tmp_path / "digits_int8" / "src" / "model.h").write_text("")
    assert digits("verify", tmp_path / "digits_int8").code == 1


def test_a_package_for_a_board_holds_its_proof_and_the_inputs(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    output = tmp_path / "lib"
    done = digits(
        "build", "digits-int8", "--board", "bbc-microbit-v2", "--package", "cmake",
        "--test", repository / "examples" / "digits" / "test.npz", "--samples", "3",
        "--output", output, "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert json.loads((output / "manifest.json").read_text())["board"] == "bbc-microbit-v2"
    assert {"CMakeLists.txt", "proof.json", "inputs.bin"} <= {p.name for p in output.iterdir()}
    readme = " ".join((output / "README.md").read_text().split())
    assert "on 3 sets of given inputs: worst difference 0" in readme
    assert digits("verify", output).code == 0
    assert len(digits("proof", "list", "--json").json) == 1


def test_the_host_is_built_for_and_compared_on(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    test = repository / "examples" / "digits" / "test.npz"
    for extra in ((), ("--package", "platformio")):
        done = digits(
            "build", "digits-int8", "--isa", "host", "--test", test, "--samples", "20", *extra,
            "--output", tmp_path / "out", "--json",
        )  # fmt: skip
        assert done.code == 0, done.err
        assert (done.json["outputs_compared"], done.json["worst_difference"]) == (200, 0)
        assert done.json["quality"]["value"] > 0.9
    assert (tmp_path / "out" / "library.json").is_file()
    assert not (tmp_path / "out" / "Makefile").exists()
    assert digits("proof", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--isa", "host", "--package", "deb"), "no package 'deb'"),
        (("--isa", "armv6-m", "--zip"), "give --package, too"),
        (("--isa", "host", "--zip"), "is there already and no earlier build"),
        (("--isa", "armv6-m", "--streaming", "1"), "give --package, too"),
    ],
)
def test_a_package_that_makes_no_sense_is_refused_and_leaves_nothing(
    digits: Command, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    output = tmp_path / "out"
    output.write_text("mine")
    done = digits("build", "digits-int8", *arguments, "--output", output)
    assert done.code == 2
    assert words in done.err
    assert output.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_package_takes_a_signal_row_by_row_if_asked_to(digits: Command, tmp_path: Path) -> None:
    """A hop that does not suit the model is refused before anything is built."""
    arguments = ("build", "digits-int8", "--isa", "host", "--output", tmp_path / "out")
    refused = digits(*arguments, "--streaming", "9")
    assert refused.code == 2
    assert "a hop of 9 rows does not suit a window of 8" in refused.err
    assert not (tmp_path / "out").exists()
    done = digits(*arguments, "--streaming", "2")
    assert done.code == 0, done.err
    names = {path.name for path in (tmp_path / "out").rglob("*_stream.*")}
    assert names == {"digits_int8_stream.c", "digits_int8_stream.h"}
    assert "model_stream_push" in (tmp_path / "out" / "README.md").read_text()
