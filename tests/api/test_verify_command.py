"""``fitgraph verify``: 0 only when every line holds, and which line does not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fitgraph.api.proof_files import read_package
from fitgraph.api.verifying import package_lines
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.io_bytes import input_sets
from fitgraph.compiler_bridge.prove import ProvenBuild, prove
from fitgraph.compiler_bridge.verify import held
from fitgraph.ontology.errors import FitgraphError
from fitgraph.ontology.namespaces import FG
from fitgraph.registry.blobs import Blobs
from fitgraph.registry.iris import BASE
from fitgraph.registry.onnx_reader import read_onnx
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


def test_a_board_with_other_memory_than_the_one_we_know_is_told(
    digits: Command, built: Path
) -> None:
    """Even where the proof agrees with the board that lies beside it."""
    document = json.loads((built / "proof.json").read_text())
    for one in every(document["@graph"]):
        if one.get("fg:regionName") == "RAM" and "fg:sizeBytes" in one:
            one["fg:sizeBytes"] += 4096
        if one.get("fg:regionName") == "RAM" and "fg:freeBytes" in one:
            one["fg:freeBytes"] += 4096
    (built / "proof.json").write_text(json.dumps(document))
    (built / "manifest.json").unlink()
    found = digits("verify", built, "--json")
    assert found.code == 1, found.err
    differing = {line["name"] for line in found.json["lines"] if not line["holds"]}
    assert differing == {"proof", "sources", "memory of the board"}


def every(node: Any) -> Iterator[dict[str, Any]]:
    """All objects in a JSON document."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from every(one)


# What cannot be done again: when it was.
UNCHECKED = {"prov:generatedAtTime"}


def test_no_value_of_a_proof_can_be_changed_unnoticed(digits: Command, built: Path) -> None:
    """Each number, text and IRI by itself: a line tells, or the proof cannot be read."""
    before = (built / "proof.json").read_text()
    package = read_package(built)
    content = Blobs(str(digits.store / "blobs")).get(package.proof.model_sha256)
    graph = read_onnx(content, "digits-int8", None)
    sets = input_sets(generate(graph), package.inputs or b"", 2)
    again = prove(graph, content, package.board, sets)
    assert held(package.proof, again, footprint=package.footprint).holds
    (built / "manifest.json").unlink()
    document = json.loads(before)
    n_changes = 0
    for holder in every([one for one in document["@graph"] if one["@type"] != "fg:Board"]):
        for key, value in list(holder.items()):
            is_name = key == "@id" and "/footprint/" in str(value)  # which says nothing
            if key in UNCHECKED or is_name or isinstance(value, dict | list):
                continue
            holder[key] = value + 1 if isinstance(value, int | float) else f"{value}x"
            (built / "proof.json").write_text(json.dumps(document))
            assert not unnoticed(built, again), (key, value)
            holder[key] = value
            n_changes += 1
    assert n_changes > 100


def unnoticed(folder: Path, again: ProvenBuild) -> bool:
    try:
        package = read_package(folder)
    except FitgraphError:
        return False
    firmware, taken = package.firmware, package.footprint
    lines = [*package_lines(package), *held(package.proof, again, firmware=firmware,
                                            footprint=taken).lines]  # fmt: skip
    return all(line.holds for line in lines)


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
