"""``fitgraph build --runtime``: what back ends build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.wake_words import wake_words


def test_another_runtime_is_built_for_by_its_back_end_and_its_footprint_kept(
    fitgraph: Command, tmp_path: Path
) -> None:
    word = wake_words()[0]
    assert fitgraph("model", "add", word, "--name", "word").code == 0
    output = tmp_path / "tflm"
    done = fitgraph(
        "build", "word", "--board", "bbc-microbit-v2", "--runtime", "tflm", "--output", output,
        "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    (footprint,) = done.json["footprints"]
    assert (footprint["evidence"], footprint["arena_evidence"]) == ("estimate", "bound")
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["runtime"] == "tflm"
    assert set(manifest["files"]) | {"manifest.json"} == {p.name for p in output.iterdir()}
    (found,) = fitgraph(
        "match", "word", "--board", "bbc-microbit-v2", "--runtime", "tflm", "--json"
    ).json
    assert found["verdict"] == "likely"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--isa", "armv6-m", "--runtime", "nope"), "no back end is installed"),
        (("--isa", "host", "--runtime", "tflm"), "are for fitgraph-c only"),
        (("--isa", "armv6-m", "--runtime", "tflm", "--package", "cmake"), "for fitgraph-c only"),
        (("--isa", "armv6-m", "--runtime", "tflm", "--option", "a=1"), "takes no option 'a'"),
        (("--isa", "armv6-m", "--runtime", "tflm", "--option", "a"), "as KEY=VALUE"),
        (("--isa", "armv6-m", "--option", "a=1"), "for the back ends of other runtimes"),
    ],
)
def test_a_request_that_no_back_end_takes_leaves_nothing(
    digits: Command, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = digits.contents()
    done = digits("build", "digits", *arguments, "--output", tmp_path / "out")
    assert done.code == 2, done.err
    assert words in " ".join(done.err.split())
    assert not (tmp_path / "out").exists()
    assert digits.contents() == before


TOY_BACK_END = """
from fitgraph.compiler_bridge.back_ends.protocol import Delivered

class BackEnd:
    runtime = "toy"
    options = {"greeting": "What to say."}

    def build(self, request):
        said = request.options.get("greeting", "hello") + " " + request.isa_class
        return Delivered(files={"said.txt": said.encode()}, facts={"said": said})
"""


def test_a_package_of_somebody_else_adds_a_runtime_to_build_for(
    digits: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pip leaves one: a module, and metadata that names it."""
    site, output = tmp_path / "site", tmp_path / "out"
    (site / "toy-1.0.dist-info").mkdir(parents=True)
    (site / "toy_of_the_command_line.py").write_text(TOY_BACK_END)
    (site / "toy-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n"
    )
    (site / "toy-1.0.dist-info" / "entry_points.txt").write_text(
        "[fitgraph.back_ends]\ntoy = toy_of_the_command_line:BackEnd\n"
    )
    monkeypatch.syspath_prepend(str(site))
    done = digits(
        "build", "digits", "--isa", "armv6-m", "--runtime", "toy", "--option", "greeting=good day",
        "--output", output,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "good day armv6-m" in done.out
    assert (output / "said.txt").read_text() == "good day armv6-m"
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["options"] == {"greeting": "good day"}
