"""Bad input gets one sentence with a hint and its exit code, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from fitgraph.registry.store import EmbeddedStore
from tests.support.board_text import board_text
from tests.support.command import Command, Ended
from tests.support.float_models import Node, save_model, weights
from tests.support.full_disk import fill_up, small_disk
from tests.support.tflite_writer import (
    flatbuffer,
    model,
    operator,
    operator_code,
    subgraph,
    tensor,
)

RELU = flatbuffer(
    model(
        [subgraph([tensor("x", [1, 4]), tensor("y", [1, 4])], [operator([0], [1])], [0], [1])],
        [operator_code("RELU")],
    )
)


def is_refused(done: Ended, code: int = 2) -> None:
    """One sentence and a hint on stderr, nothing on stdout, no traceback."""
    assert done.code == code, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    lines = done.err.splitlines()
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")
    assert sum(line.startswith("error: ") for line in lines) == 1


def truncated(folder: Path) -> Path:
    return written(folder / "truncated.tflite", RELU[: len(RELU) // 2])


def corrupt(folder: Path) -> Path:
    return written(folder / "corrupt.onnx", os.urandom(2000))


def empty(folder: Path) -> Path:
    return written(folder / "empty.tflite", b"")


def two_gigabytes(folder: Path) -> Path:
    path = folder / "large.tflite"
    with path.open("wb") as file:
        file.write(RELU)
        file.truncate(2 * 1024**3)
    return path


def tflite_named_onnx(folder: Path) -> Path:
    return written(folder / "wrong.onnx", RELU)


def onnx_named_tflite(folder: Path) -> Path:
    path = save_model(folder / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=[1, 4])
    return path.rename(folder / "wrong.tflite")


def offset_past_the_end(folder: Path) -> Path:
    data = bytearray(RELU)
    data[0:4] = (len(RELU) + 1000).to_bytes(4, "little")  # the root table's offset
    return written(folder / "offset.tflite", bytes(data))


def vector_past_the_end(folder: Path) -> Path:
    shape = RELU.index(np.array([2, 1, 4], np.int32).tobytes())  # length and items of a shape
    data = bytearray(RELU)
    data[shape : shape + 4] = (2**31 - 1).to_bytes(4, "little")
    return written(folder / "vector.tflite", bytes(data))


def data_outside_its_folder(folder: Path) -> Path:
    (folder / "inner").mkdir()
    written(folder / "secret.bin", b"\0" * 64)
    path = save_model(
        folder / "inner" / "outside.onnx",
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, 4],
        constants={"w": weights(4, 4)},
    )
    proto = onnx.load(path)
    (constant,) = proto.graph.initializer
    constant.ClearField("raw_data")
    constant.data_location = TensorProto.EXTERNAL
    entry = constant.external_data.add()
    entry.key, entry.value = "location", "../secret.bin"
    path.write_bytes(proto.SerializeToString())
    return path


def cyclic(folder: Path) -> Path:
    nodes = [helper.make_node("Relu", ["b"], ["a"]), helper.make_node("Relu", ["a"], ["b"])]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    y = helper.make_tensor_value_info("b", TensorProto.FLOAT, [1])
    proto = helper.make_model(helper.make_graph(nodes, "cycle", [x], [y]))
    return written(folder / "cycle.onnx", proto.SerializeToString())


def absent(folder: Path) -> Path:
    return folder / "absent.onnx"


def a_folder(folder: Path) -> Path:
    return folder


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


BAD_FILES: list[Callable[[Path], Path]] = [
    truncated, corrupt, empty, two_gigabytes, tflite_named_onnx, onnx_named_tflite,
    offset_past_the_end, vector_past_the_end, data_outside_its_folder, cyclic, absent, a_folder,
]  # fmt: skip


@pytest.mark.parametrize("make", BAD_FILES, ids=lambda make: make.__name__)
def test_a_bad_model_file_is_refused(
    fitgraph: Command, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    before = fitgraph.contents()
    is_refused(fitgraph("model", "add", make(folder)))
    assert fitgraph.contents() == before


def symbolic(folder: Path) -> Path:
    return save_model(folder / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=["batch", 4])


def unknown_operator(folder: Path) -> Path:
    nodes: list[Node] = [("Frobnicate", ["x"], "y", {})]
    return save_model(folder / "m.onnx", nodes, input_shape=[1, 4], check=False)


def unknown_domain(folder: Path) -> Path:
    proto = onnx.load(unknown_operator(folder))
    proto.graph.node[0].domain = "com.example"
    proto.opset_import.append(helper.make_opsetid("com.example", 1))
    return written(folder / "m.onnx", proto.SerializeToString())


@pytest.mark.parametrize("make", [symbolic, unknown_operator, unknown_domain])
def test_a_model_that_cannot_be_compiled_is_kept_but_not_built(
    fitgraph: Command, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    assert fitgraph("model", "add", make(tmp_path)).code == 0
    assert fitgraph("model", "show", "m").code == 0
    before = fitgraph.contents()
    is_refused(fitgraph("footprint", "m", "--isa", "armv6-m"))
    done = fitgraph("match", "m", "--board", "bbc-microbit-v2")
    assert done.code == 1
    assert "no" in done.out
    assert fitgraph.contents() == before


@pytest.mark.parametrize("name", ["no_sram", "overlapping_regions", "not_utf8", "alias_bomb"])
def test_a_bad_board_file_is_refused(fitgraph: Command, repository: Path, name: str) -> None:
    before = fitgraph.contents()
    path = repository / "tests" / "registry" / "bad_boards" / f"{name}.yaml"
    is_refused(fitgraph("board", "add", path))
    assert fitgraph.contents() == before


@pytest.mark.parametrize(
    ("isa_class", "core"),
    [("armv7e-m+fp", "Cortex-M4F"), ("armv6-m", "Cortex-M0"), ("rv32imc", "RV32IMC")],
)
@pytest.mark.parametrize(("flash", "ram"), [(16, 16), (1, 1), (64, 4096), (4096, 4)])
def test_a_board_whose_memory_is_smaller_than_the_vector_table_holds_nothing(
    fitgraph: Command, tmp_path: Path, isa_class: str, core: str, flash: int, ram: int
) -> None:
    """The build leaves no artifact, and what it measured makes the match a no."""
    text = board_text("tiny", core=core, isa_class=isa_class, flash=str(flash), ram=str(ram))
    assert fitgraph("board", "add", written(tmp_path / "tiny.yaml", text.encode())).code == 0
    path = save_model(tmp_path / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=[1, 4])
    assert fitgraph("model", "add", path).code == 0
    output = tmp_path / "out"
    is_refused(fitgraph("build", "m", "--board", "tiny", "--output", output), code=1)
    assert not output.exists()
    assert fitgraph("match", "m", "--board", "tiny").code == 1


def test_a_model_name_that_is_taken_is_refused(fitgraph: Command, tmp_path: Path) -> None:
    assert fitgraph("model", "add", written(tmp_path / "m.tflite", RELU)).code == 0
    other = save_model(tmp_path / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=[1, 4])
    before = fitgraph.contents()
    is_refused(fitgraph("model", "add", other))
    assert fitgraph.contents() == before


def test_a_board_id_that_is_taken_is_refused(fitgraph: Command, tmp_path: Path) -> None:
    path = written(tmp_path / "mine.yaml", board_text("bbc-microbit-v2").encode())
    before = fitgraph.contents()
    is_refused(fitgraph("board", "add", path))
    assert fitgraph.contents() == before
    assert fitgraph("board", "add", path, "--replace").code == 0
    assert fitgraph("board", "show", "bbc-microbit-v2", "--json").json["vendor"] == "me"


@pytest.mark.parametrize(
    "arguments",
    [
        ("match", "nope"),
        ("match", "--board", "nope"),
        ("match", "--runtime", "nope"),
        ("explain", "nope", "nope"),
        ("model", "show", "nope"),
        ("model", "remove", "nope"),
        ("board", "show", "nope"),
        ("board", "remove", "nope"),
        ("proof", "show", "nope"),
        ("footprint", "nope"),
        ("query", "--text", "SELECT nonsense"),
        ("query", "--text", "INSERT DATA { <a:b> <a:b> <a:b> }"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_said(fitgraph: Command, arguments: tuple[str, ...]) -> None:
    is_refused(fitgraph(*arguments))


def test_a_store_that_another_process_has_open_is_said(fitgraph: Command, tmp_path: Path) -> None:
    path = written(tmp_path / "m.tflite", RELU)
    before = fitgraph.contents()
    with EmbeddedStore.open(fitgraph.store / "graph"):
        is_refused(fitgraph.in_a_process("model", "add", path), code=3)
        is_refused(fitgraph.in_a_process("model", "list"), code=3)
    assert fitgraph.contents() == before


def test_a_store_that_is_a_file_is_said(tmp_path: Path) -> None:
    is_refused(Command(written(tmp_path / "file", b""))("model", "list"), code=3)


def test_a_full_disk_is_said_and_leaves_nothing(first_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    save_model(
        path,
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, 512],
        constants={"w": weights(512, 512)},
    )
    with small_disk(tmp_path / "disk", 64 << 20) as disk:
        subprocess.run(["cp", "-r", first_store, disk / "store"], check=True)
        fitgraph = Command(disk / "store")
        before = fitgraph.contents()
        filler = fill_up(disk)
        is_refused(fitgraph.in_a_process("model", "add", path), code=3)
        filler.unlink()
        assert fitgraph.contents() == before
        assert fitgraph("model", "add", path).code == 0


def test_a_first_command_on_a_full_disk_is_said_and_can_be_repeated(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64 << 20) as disk:
        fitgraph = Command(disk / "store")
        filler = fill_up(disk)
        is_refused(fitgraph.in_a_process("board", "list"), code=3)
        filler.unlink()
        done = fitgraph.in_a_process("board", "list", "--json")
        assert len(done.json) > 40


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x03\x04 torn"], ids=["empty", "text", "torn"]
)
def test_calibration_that_cannot_be_read_is_refused(
    fitgraph: Command, tmp_path: Path, content: bytes
) -> None:
    path = save_model(
        tmp_path / "m.onnx",
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, 4],
        constants={"w": weights(4, 4)},
    )
    assert fitgraph("model", "add", path).code == 0
    data = written(tmp_path / "c.npz", content)
    before = fitgraph.contents()
    is_refused(fitgraph("quantize", "m", "--calibration", data))
    is_refused(fitgraph("quantize", "m", "--calibration", tmp_path / "absent.npz"))
    np.savez(tmp_path / "other.npz", wrong=np.zeros((3, 4), np.float32))
    is_refused(fitgraph("quantize", "m", "--calibration", tmp_path / "other.npz"))
    assert fitgraph.contents() == before


def test_an_interrupt_ends_with_130_and_without_a_traceback(fitgraph: Command) -> None:
    # A named pipe that nobody writes keeps the command waiting where it opens the query.
    pipe = fitgraph.store / "pipe"
    os.mkfifo(pipe)
    command = [
        sys.executable,
        "-m",
        "fitgraph.api",
        f"--store={fitgraph.store}",
        "query",
        str(pipe),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_debug_shows_where_it_went_wrong(fitgraph: Command) -> None:
    done = fitgraph("model", "show", "nope", "--debug")
    assert done.code == 2
    assert "Traceback" in done.err
    assert "error: there is no model 'nope'" in done.err


def test_an_unexpected_error_is_one_line_and_ends_with_3(
    fitgraph: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("fitgraph.api.first_use.fill", fail)
    done = fitgraph("model", "list")
    assert done.code == 3
    assert done.err == "internal error: ZeroDivisionError: a bug; run with --debug to see where\n"
