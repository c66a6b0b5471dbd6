"""What a build leaves behind: whole or not at all, true to its manifest, and enough to rebuild."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fitgraph.compiler_bridge.artifacts import proof_document, write_artifacts
from fitgraph.compiler_bridge.deliver import MANIFEST
from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.firmware.sources import firmware_sources
from fitgraph.compiler_bridge.prove import ProvenBuild, prove
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.ontology.namespaces import FG
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.errors import ConflictError, StorageError
from tests.support.exactness import subject
from tests.support.example_models import real_inputs
from tests.support.full_disk import fill_up, make_read_only, small_disk
from tests.support.made_up_boards import board

MICROBIT = builtin_board("bbc-microbit-v2")
MANY_BYTES = 8 << 20
TOO_FEW_BYTES = 64 << 10


@pytest.fixture(scope="module")
def proven(int8_example: Callable[[str], Path]) -> ProvenBuild:
    """The digits example in int8 on a micro:bit."""
    model = subject(int8_example("digits"))
    return prove(
        model.graph, model.content, MICROBIT, real_inputs("digits", 2), toolchain=ZigToolchain()
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Relative name to bytes of every file, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def manifest_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return document


def test_the_folder_holds_model_firmware_proof_and_manifest(
    proven: ProvenBuild, tmp_path: Path
) -> None:
    folder = write_artifacts(proven, MICROBIT, tmp_path / "new" / "build")
    found = files_of(folder)
    prefix = proven.generated.prefix
    assert {f"model/{prefix}.c", f"model/{prefix}.h", "firmware.elf", "proof.json"} <= set(found)
    assert {"firmware/board.ld", "firmware/start_cortex_m.c", MANIFEST} <= set(found)
    assert found["firmware.elf"] == proven.firmware.elf
    assert found[f"model/{prefix}.c"].decode() == proven.generated.files[f"{prefix}.c"]
    assert [path.name for path in folder.parent.iterdir()] == ["build"]


def test_every_file_is_in_the_manifest_with_its_true_digest(
    proven: ProvenBuild, tmp_path: Path
) -> None:
    folder = write_artifacts(proven, MICROBIT, tmp_path / "build")
    found = files_of(folder)
    del found[MANIFEST]
    manifest = manifest_of(folder)
    assert manifest["files"] == {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(found.items())
    }
    assert manifest["board"] == MICROBIT.board_id
    assert manifest["model_sha256"] == proven.proof.model_sha256
    assert manifest["toolchain"] == proven.proof.toolchain
    assert manifest["files"]["firmware.elf"]["sha256"] == proven.proof.firmware_sha256


def test_the_proof_is_written_with_footprint_and_where_the_time_goes(
    proven: ProvenBuild, tmp_path: Path
) -> None:
    folder = write_artifacts(proven, MICROBIT, tmp_path / "build")
    document = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(proof_document(proven, MICROBIT)))
    proof, footprint, board = document["@graph"]
    assert proof["fg:worstDifference"] == {"@value": "0", "@type": "xsd:double"}
    assert footprint["fg:evidence"] == {"@id": f"{FG}measured"}
    assert board["rdfs:label"] == MICROBIT.name
    counted = {symbol.name: symbol.instructions or 0 for symbol in proven.proof.symbols}
    assert sum(counted.values()) == proven.proof.instructions_per_inference
    assert max(counted, key=lambda name: counted[name]).startswith("fg_")


def test_the_written_files_alone_rebuild_the_firmware(proven: ProvenBuild, tmp_path: Path) -> None:
    found = files_of(write_artifacts(proven, MICROBIT, tmp_path / "build"))
    texts = {
        Path(name).name: content.decode()
        for name, content in found.items()
        if name.endswith((".c", ".h"))
    }
    order = firmware_sources(proven.generated, MICROBIT.needed_isa_class())
    assert set(texts) == set(order)
    zig = ZigToolchain()
    objects = zig.compile({name: texts[name] for name in order}, MICROBIT.needed_isa_class())
    elf = zig.link(objects, found["firmware/board.ld"].decode())
    assert read_firmware(elf).segments == read_firmware(found["firmware.elf"]).segments
    assert read_firmware(elf).sections == read_firmware(found["firmware.elf"]).sections


def test_the_same_build_writes_the_same_bytes(proven: ProvenBuild, tmp_path: Path) -> None:
    first = files_of(write_artifacts(proven, MICROBIT, tmp_path / "first"))
    assert files_of(write_artifacts(proven, MICROBIT, tmp_path / "second")) == first


def test_an_earlier_build_is_replaced_whole(proven: ProvenBuild, tmp_path: Path) -> None:
    folder = tmp_path / "build"
    other_code = replace(
        proven.generated, prefix="other", files={"other.c": "int other;\n", "other.h": ""}
    )
    write_artifacts(replace(proven, generated=other_code), MICROBIT, folder)
    assert "model/other.c" in files_of(folder)
    write_artifacts(proven, MICROBIT, folder)
    fresh = write_artifacts(proven, MICROBIT, tmp_path / "fresh")
    assert files_of(folder) == files_of(fresh)
    assert {path.name for path in tmp_path.iterdir()} == {"build", "fresh"}


def test_an_empty_folder_is_taken(proven: ProvenBuild, tmp_path: Path) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    assert write_artifacts(proven, MICROBIT, folder) == folder
    assert (folder / MANIFEST).is_file()


def test_a_folder_of_somebody_else_is_refused_and_left_alone(
    proven: ProvenBuild, tmp_path: Path
) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.tex").write_text("years of work")
    with pytest.raises(ConflictError, match="thesis is not empty and not an earlier build"):
        write_artifacts(proven, MICROBIT, folder)
    assert files_of(tmp_path) == {"thesis/chapter1.tex": b"years of work"}


def test_a_file_where_the_folder_should_be_is_refused_and_left_alone(
    proven: ProvenBuild, tmp_path: Path
) -> None:
    path = tmp_path / "notes"
    path.write_text("mine")
    with pytest.raises(ConflictError, match="notes is not a folder"):
        write_artifacts(proven, MICROBIT, path)
    assert files_of(tmp_path) == {"notes": b"mine"}


def test_a_full_disk_leaves_nothing(proven: ProvenBuild, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", TOO_FEW_BYTES) as disk:
        with pytest.raises(StorageError, match="No space left on device") as caught:
            write_artifacts(proven, MICROBIT, disk / "build")
        assert "--output" in caught.value.hint
        assert list(disk.iterdir()) == []


def test_a_full_disk_leaves_the_earlier_build_as_it_was(
    proven: ProvenBuild, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", MANY_BYTES) as disk:
        folder = write_artifacts(proven, MICROBIT, disk / "build")
        before = files_of(folder)
        filler = fill_up(disk, TOO_FEW_BYTES)
        with pytest.raises(StorageError, match="No space left on device"):
            write_artifacts(proven, MICROBIT, folder)
        assert files_of(folder) == before
        assert {path.name for path in disk.iterdir()} == {"build", filler.name}


def test_a_read_only_disk_is_told(proven: ProvenBuild, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MANY_BYTES) as disk:
        make_read_only(disk)
        with pytest.raises(StorageError, match="Read-only file system"):
            write_artifacts(proven, MICROBIT, disk / "build")


def test_another_boards_name_may_hold_anything(proven: ProvenBuild, tmp_path: Path) -> None:
    odd: Board = replace(board(MICROBIT.needed_isa_class()), name='Бoard "1" */', board_id="odd")
    folder = write_artifacts(proven, odd, tmp_path / "build")
    assert json.loads((folder / "proof.json").read_text())["@graph"][2]["rdfs:label"] == odd.name
