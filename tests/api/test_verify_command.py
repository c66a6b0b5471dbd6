"""``fitgraph verify``: 0 only when every line holds, and which line does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fitgraph.ontology.namespaces import FG
from fitgraph.registry.iris import BASE
from tests.support.command import Command

BOARD = "bbc-microbit-v2"


@pytest.fixture
def built(digits: Command, repository: Path, tmp_path: Path) -> Path:
    """A build of the digits on two of their test inputs."""
    folder = tmp_path / "out"
    samples = repository / "examples" / "digits" / "test.npz"
    done = digits(
        "build", "digits-int8", "--board", BOARD, "--output", folder,
        "--inputs", samples, "--samples", "2",
    )  # fmt: skip
    assert done.code == 0, done.err
    return folder


def test_a_build_holds_whether_it_is_told_by_folder_file_or_digest(
    digits: Command, built: Path
) -> None:
    key = digits("verify", built, "--json").json["proof"]
    for reference in (built / "proof.json", key[:12]):
        found = digits("verify", reference, "--json")
        assert (found.code, found.json["holds"]) == (0, True), found.err
        assert all(line["holds"] for line in found.json["lines"])


def test_what_was_changed_is_named(digits: Command, built: Path, tmp_path: Path) -> None:
    """Firmware, a generated source and a figure; each is caught by itself and by the manifest."""
    changed = shutil.copytree(built, tmp_path / "changed")
    elf = changed / "firmware.elf"
    elf.write_bytes(elf.read_bytes()[:-1] + b"\x55")
    source = next((changed / "model").glob("*.c"))
    source.write_text(source.read_text() + "/* more */\n")
    document = json.loads((changed / "proof.json").read_text())
    (proof,) = (one for one in document["@graph"] if one["@type"] == "fg:Proof")
    proof["fg:stackHighWaterBytes"] -= 4
    (changed / "proof.json").write_text(json.dumps(document))
    found = digits("verify", changed)
    assert found.code == 1
    for word in (
        "file firmware.elf", f"file model/{source.name}", "file proof.json", "firmware as kept",
        "stack high-water mark", "lines of the proof do not hold",
    ):  # fmt: skip
        assert word in found.out
    names = {one["name"] for one in digits("verify", changed, "--json").json["lines"]}
    assert "instructions" in names


def test_another_model_file_does_not_hold(digits: Command, built: Path, repository: Path) -> None:
    other = repository / "examples" / "digits" / "digits.onnx"
    found = digits("verify", built, "--model", other)
    assert found.code == 1
    assert "model" in found.out


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not JSON-LD"),
        ("{}", "0 resources of the kind proof"),
        ('{"@context": "https://example.org/c"}', "not JSON-LD"),
        (f'{{"@id": "{BASE}proof/x", "@type": "{FG}Proof"}}', "proof"),
        ("\x00", "not JSON-LD"),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused_in_one_sentence(
    fitgraph: Command, tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "proof.json").write_text(content)
    found = fitgraph("verify", tmp_path / "proof.json")
    assert found.code == 2
    assert complaint in found.err
    assert "Traceback" not in found.err
