"""What is wrong with a reference graph is said in one sentence, and the store stays as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.errors import InvalidImportError, InvalidModelError
from fitgraph.registry.importers import reference_graph_files
from fitgraph.registry.importers.reference_graph import read_reference_graph
from fitgraph.registry.iris import BASE
from fitgraph.registry.store import EmbeddedStore
from tests.support.reference_folder import PREFIXES, device, network, write_folder

IMPORT = """
import sys
from pathlib import Path
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.importers.reference_graph import read_reference_graph
found = read_reference_graph(Path(sys.argv[2]))
with open_registry(Path(sys.argv[1])) as registry:
    print("ready", flush=True)
    registry.add_reference_graph(found, [])
    print("done", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "kg")


def refused(folder: Path) -> InvalidImportError:
    with pytest.raises(InvalidImportError) as caught:
        read_reference_graph(folder)
    return caught.value


def test_the_made_up_folder_is_taken(folder: Path) -> None:
    found = read_reference_graph(folder)
    assert [board.board_id for board in found.boards] == ["made-up-1"]
    assert found.boards[0].claims[0].value == 512_000
    assert found.descriptions[0].claimed("sramBytes") == (1500,)
    assert found.descriptions[0].model_sha256 is None


def test_malformed_turtle_is_refused_with_file_and_line(folder: Path) -> None:
    (folder / "networks.ttl").write_text(f"{PREFIXES}\n<a> <b> .\n")
    error = refused(folder)
    assert "networks.ttl, line 11: this is not Turtle" in error.message
    assert error.hint


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"<a> <b", b"\x00" * 100, b"@prefix"])
def test_what_is_no_turtle_at_all_is_refused(folder: Path, content: bytes) -> None:
    (folder / "networks.ttl").write_bytes(content)
    assert "networks.ttl" in refused(folder).message


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path / "nothing").message


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is not a folder" in refused(tmp_path / "file").message


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "no Turtle file" in refused(tmp_path).message


def test_another_folder_of_turtle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://a> <http://b> <http://c> .")
    assert "describes a device" in refused(tmp_path).message


def test_half_a_graph_is_refused(folder: Path) -> None:
    (folder / "networks.ttl").unlink()
    error = refused(folder)
    assert "describes a network" in error.message
    assert "missing" in error.hint


def test_a_huge_file_is_refused_unread(folder: Path) -> None:
    with (folder / "big.ttl").open("wb") as file:
        file.truncate(reference_graph_files.MAX_FILE_BYTES + 1)
    assert "big.ttl has 16,777,217 bytes" in refused(folder).message


def test_a_folder_named_like_a_file_is_refused(folder: Path) -> None:
    (folder / "sub.ttl").mkdir()
    assert "sub.ttl is not a regular file" in refused(folder).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.ttl")
    assert "pipe.ttl is not a regular file" in refused(folder).message


def test_too_many_triples_are_refused(folder: Path) -> None:
    many = " , ".join(map(str, range(reference_graph_files.MAX_TRIPLES + 1)))
    (folder / "many.ttl").write_text(f"<http://a> <http://b> {many} .")
    assert "more than 500,000 triples" in refused(folder).message


def test_deeply_nested_blank_nodes_get_iris_in_time(folder: Path) -> None:
    """A bomb of blank nodes costs what any other triples cost: nothing is compared or searched."""
    depth = 50_000
    bomb = "<http://a> <http://b> " + "[ <http://b> " * depth + "1" + "]" * depth + " ."
    (folder / "bomb.ttl").write_text(bomb)
    found = read_reference_graph(folder)
    assert len(found.graphs[f"{BASE}reference-kg/file/bomb"]) == depth + 1  # type: ignore[index]


def test_blank_nodes_that_look_alike_stay_apart(folder: Path) -> None:
    """Two sensors of one kind are two sensors."""
    (folder / "twins.ttl").write_text("<http://a> <http://b> [ <http://c> 1 ] , [ <http://c> 1 ] .")
    found = read_reference_graph(folder)
    assert len(found.graphs[f"{BASE}reference-kg/file/twins"]) == 4  # type: ignore[index]


@pytest.mark.parametrize(
    "triple",
    [
        "<https://w3id.org/fitgraph/id/board/x> <http://b> 1 .",
        "<http://x> a <https://w3id.org/fitgraph/ontology#Board> .",
        "<http://x> <https://w3id.org/fitgraph/ontology#sramBytes> 1 .",
        "<http://x> <http://b> <https://w3id.org/fitgraph/id/model/y> .",
    ],
)
def test_whatever_speaks_of_our_own_resources_is_refused(folder: Path, triple: str) -> None:
    """A query sees all graphs at once: a stranger's triple would count as ours."""
    (folder / "strange.ttl").write_text(triple)
    assert "which is fitgraph's own" in refused(folder).message


def test_an_unknown_unit_is_refused_by_name(folder: Path) -> None:
    (folder / "device.ttl").write_text(device(unit="om:furlong"))
    error = refused(folder)
    assert "RAM of device made_up-1 is in om:furlong" in error.message
    assert "om:kilobyte" in error.hint


@pytest.mark.parametrize("ram", ["-1", '"NaN"', '"much"', "1e99", "0.0001", '"1e9999999999"'])
def test_an_impossible_amount_is_refused(folder: Path, ram: str) -> None:
    (folder / "device.ttl").write_text(device(ram=ram))
    assert "the RAM of device made_up-1 is" in refused(folder).message


def test_kibibytes_are_no_kilobytes(folder: Path) -> None:
    (folder / "device.ttl").write_text(device(unit="om:kibibyte"))
    (board,) = read_reference_graph(folder).boards
    assert [r.size_bytes for r in board.regions if r.kind == "sram"] == [64 * 1024]


def test_editions_that_disagree_are_both_kept_and_the_smaller_figure_is_matched(
    folder: Path,
) -> None:
    other = device(ram="48").replace(
        "http://tinyml-schema.org/made-up", "https://w3id.org/tinyml-schema/x"
    )
    (folder / "seloc").mkdir()
    (folder / "seloc" / "device.ttl").write_text(other)
    (board,) = read_reference_graph(folder).boards
    claimed = [c.value for c in board.claims if c.property_name == "freeSramBytes"]
    assert claimed == [48_000, 64_000]
    assert [r.size_bytes for r in board.regions if r.kind == "sram"] == [48_000]


def test_a_network_without_a_name_is_refused(folder: Path) -> None:
    text = (folder / "networks.ttl").read_text().replace("schema:name", "schema:alternateName")
    (folder / "networks.ttl").write_text(text)
    assert "schema:name" in refused(folder).message


def test_an_empty_model_file_is_refused(folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "made-up-0.tflite").write_bytes(b"")
    with pytest.raises(InvalidModelError, match="is empty"):
        read_reference_graph(folder)


def test_a_killed_import_leaves_the_store_before_or_after(tmp_path: Path) -> None:
    """SIGKILL at moments all over the import: never a part of it."""
    folder = write_folder(tmp_path / "kg", n_networks=150)
    # Their graphs, a board, the descriptions, and the record of the import.
    whole = len(read_reference_graph(folder).graphs) + 1 + 150 + 1
    seen = set()
    for attempt, delay in enumerate((0.0, 0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.3, 30.0)):
        store = tmp_path / f"store-{attempt}"
        with subprocess.Popen(
            [sys.executable, "-c", IMPORT, str(store), str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            if delay < 1:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
            process.wait()
        seen.add(_imported(store))
    assert seen <= {0, whole}
    assert whole in seen


def test_an_import_that_fails_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        before = registry.store.graphs()
        (folder / "networks.ttl").write_text(PREFIXES + network() + "<a> <b> .")
        with pytest.raises(InvalidImportError):
            registry.add_reference_graph(read_reference_graph(folder), [])
        assert registry.store.graphs() == before


def _imported(store: Path) -> int:
    """Number of graphs that an import writes."""
    kinds = ("reference-kg/", "board/", "description/")
    with EmbeddedStore.open(store / "graph") as opened:
        return sum(
            graph.startswith(tuple(BASE + kind for kind in kinds)) for graph in opened.graphs()
        )
