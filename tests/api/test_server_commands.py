"""With the graph on a SPARQL server every command says what it says with a folder."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from fitgraph.api.command_line import run
from tests.support.command import Ended
from tests.support.oxigraph_server import OxigraphServer, oxigraph_server

Run = Callable[..., Ended]

BOARD = """
board_id: my-board
name: My Board
vendor: Me
mcu: nRF52840
cpu_core: Cortex-M4F
isa_class: armv7e-m+fp
clock_hz: 64000000
regions:
  - {name: FLASH, kind: flash, base_address: 0x0, size_bytes: 1 MiB}
  - {name: RAM, kind: sram, base_address: 0x20000000, size_bytes: 256 KiB}
sensors: [microphone]
sources: ["https://example.org/datasheet"]
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OxigraphServer]:
    with oxigraph_server(tmp_path / "server") as server:
        yield server


def with_store(store: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with a store that the environment names."""

    def command(*arguments: str | Path) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setenv("FITGRAPH_STORE", store)
            code = run(list(map(str, arguments)))
        return Ended(code, out.getvalue(), err.getvalue())

    return command


def test_a_server_gives_the_answers_that_a_folder_gives(
    server: OxigraphServer, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FITGRAPH_BLOBS", str(tmp_path / "blobs"))
    here = with_store(str(tmp_path / "folder"), monkeypatch)
    there = with_store(server.url, monkeypatch)
    files = repository / "examples" / "digits"
    imported = repository / "tests" / "registry" / "importers" / "good"
    (tmp_path / "my-board.yaml").write_text(BOARD, encoding="utf-8")
    query = "SELECT ?name WHERE { ?b a <https://w3id.org/fitgraph/ontology#Board> ; "
    query += "<https://w3id.org/fitgraph/ontology#name> ?name } ORDER BY ?name"
    for arguments in (
        ("board", "list", "--json"),
        ("model", "add", files / "digits.onnx"),
        ("model", "add", files / "digits.onnx"),
        ("board", "add", tmp_path / "my-board.yaml"),
        ("board", "show", "my-board", "--json"),
        ("match", "digits", "my-board", "--json"),
        ("quantize", "digits", "--calibration", files / "calibration.npz"),
        ("footprint", "digits-int8", "--isa", "armv6-m", "--json"),
        ("match", "digits-int8", "--json"),
        ("explain", "digits", "stm32-blue-pill", "--json"),
        ("model", "show", "digits-int8", "--json"),
        ("query", "--text", query, "--json"),
        ("query", "--text", "ASK { ?s a <https://example.org/Nothing> }"),
        ("query", "--text", "DESCRIBE <https://w3id.org/fitgraph/id/isa/armv6-m>"),
        ("query", "--text", query, "--max-results", "3"),
        ("query", "--text", "DROP ALL"),
        ("import", "boards", imported, "--json"),
        ("import", "boards", imported, "--json"),
        ("runtime", "show", "tflm", "--json"),
        ("store", "check", "--json"),
        ("model", "show", "digitz"),
        ("model", "remove", "digits"),
        ("model", "list", "--json"),
        ("board", "remove", "my-board"),
        ("board", "list", "--json"),
    ):
        expected, found = here(*arguments), there(*arguments)
        assert found == expected, arguments
    stored = {path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()}
    assert stored == {p.name for p in (tmp_path / "folder" / "blobs").rglob("*") if p.is_file()}


def test_a_build_is_proven_and_matched_by_way_of_a_server(
    server: OxigraphServer, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FITGRAPH_BLOBS", str(tmp_path / "blobs"))
    there = with_store(server.url, monkeypatch)
    files = repository / "examples" / "anomaly"
    board = ("--board", "stm32-blue-pill")
    assert there("model", "add", files / "anomaly.onnx").code == 0
    assert there("quantize", "anomaly", "--calibration", files / "calibration.npz").code == 0
    built = there("build", "anomaly-int8", *board, "--output", tmp_path / "build", "--json")
    assert built.code == 0, built.err
    (match,) = there("match", "anomaly-int8", *board, "--json").json
    assert match["verdict"] == "fits"
    (proof,) = there("proof", "list", "--json").json
    assert there("store", "check", "--json").json["n_blobs"] == 3
    assert there("model", "remove", "anomaly-int8").code == 0
    assert there("proof", "list", "--json").json == []
    assert there("store", "check", "--json").json["n_blobs"] == 1
    assert proof["board_id"] == "stm32-blue-pill"


def test_an_import_killed_with_its_server_is_told_in_one_sentence(
    server: OxigraphServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server.kill()
    ended = with_store(server.url, monkeypatch)("board", "list")
    assert ended.code == 3
    assert "cannot be reached" in ended.err
    assert "hint:" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("store", ["https://me:secret@host/sparql", "ftp://host/sparql", "http://"])
def test_an_address_that_is_no_server_is_refused(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = with_store(store, monkeypatch)("board", "list")
    assert ended.code == 3
    assert "secret" not in ended.err
    assert list(tmp_path.iterdir()) == []
