"""``fitgraph model`` and ``fitgraph quantize``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.support.command import Command
from tests.support.float_models import Node, save_model, weights
from tests.support.onnx_classical_operators import classifiers


@pytest.fixture
def dense(tmp_path: Path) -> Path:
    return save_model(
        tmp_path / "dense.onnx",
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, 4],
        constants={"w": weights(4, 3)},
    )


def test_a_model_is_added_listed_shown_and_removed(fitgraph: Command, dense: Path) -> None:
    empty = fitgraph.contents()
    added = fitgraph("model", "add", dense, "--json").json
    assert (added["name"], added["is_new"]) == ("dense", True)
    (listed,) = fitgraph("model", "list", "--json").json
    assert (listed["name"], listed["parameters"], listed["macs"]) == ("dense", 12, 12)
    shown = fitgraph("model", "show", "dense", "--json").json
    assert shown["sha256"] == added["sha256"] == listed["sha256"]
    assert shown["facts"]["op_counts"] == {"MatMul": 1}
    assert "onnx:MatMul" in fitgraph("model", "show", "dense").out
    assert fitgraph("model", "remove", "dense").code == 0
    assert fitgraph("model", "list", "--json").json == []
    graphs, blobs, half = fitgraph.contents()
    assert set(graphs) - set(empty[0]) <= {"https://w3id.org/fitgraph/id/operator/onnx/MatMul"}
    assert (blobs, half) == empty[1:]


def test_dimensions_that_a_model_leaves_open_are_told(fitgraph: Command, tmp_path: Path) -> None:
    """Also of a classifier that ends in a map of labels, as exporters write it."""
    (tmp_path / "iris.onnx").write_bytes(_mapped())
    added = fitgraph("model", "add", tmp_path / "iris.onnx")
    assert "leave dimensions open (?)" in added.out
    assert "--dimension '?=1'" in added.out
    path, name = tmp_path / "iris.onnx", ("--name", "one")
    fixed = fitgraph("model", "add", path, *name, "--dimension", "?=1", "--json").json
    assert fixed["open_dimensions"] == []
    shown = fitgraph("model", "show", "one", "--json").json
    assert [one["shape"] for one in shown["facts"]["outputs"]] == [[1], [1, 3]]


def _mapped() -> bytes:
    """Trees with scores by the names of classes, for any number of rows."""
    labels: dict[str, Any] = {"classlabels_strings": ["a", "b", "c"]}
    attributes = classifiers()["three classes"] | labels
    del attributes["classlabels_int64s"]
    kind, domain = "TreeEnsembleClassifier", "ai.onnx.ml"
    nodes = [
        helper.make_node(kind, ["x"], ["label", "scores"], domain=domain, **attributes),
        helper.make_node("ZipMap", ["scores"], ["zip"], domain=domain, **labels),
    ]
    numbers = helper.make_tensor_type_proto(TensorProto.FLOAT, ())
    rows = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.STRING, numbers))
    graph = helper.make_graph(
        nodes,
        "iris",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 5])],
        [
            helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
            helper.make_value_info("zip", rows),
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 1)]
    return bytes(helper.make_model(graph, opset_imports=opsets).SerializeToString())


def test_task_and_licence_are_kept_added_to_and_told(fitgraph: Command, dense: Path) -> None:
    told = ("--task", "keyword spotting", "--licence", "GPL-3.0-only")
    assert fitgraph("model", "add", dense, *told).code == 0
    assert fitgraph("model", "add", dense, "--name", "again", "--task", "gestures").code == 0
    shown = fitgraph("model", "show", "again", "--json").json
    assert shown["tasks"] == ["gestures", "keyword spotting"]
    assert shown["licences"] == ["GPL-3.0-only"]
    assert "GPL-3.0-only" in fitgraph("model", "show", "dense").out
    assert fitgraph("model", "add", dense, "--task", "").code == 2


def test_what_is_made_from_a_model_keeps_its_task_and_licence(
    fitgraph: Command, tmp_path: Path
) -> None:
    layers: list[Node] = [
        ("MatMul", ["x", "w"], "a", {}),
        ("Relu", ["a"], "b", {}),
        ("MatMul", ["b", "v"], "y", {}),
    ]
    constants = {"w": weights(4, 8), "v": weights(8, 3)}
    path = save_model(tmp_path / "two.onnx", layers, input_shape=[1, 4], constants=constants)
    fitgraph("model", "add", path, "--task", "keyword spotting", "--licence", "GPL-3.0-only")
    assert fitgraph("prune", "two", "--rate", "0.5", "--name", "half").code == 0
    shown = fitgraph("model", "show", "half", "--json").json
    assert (shown["tasks"], shown["licences"]) == (["keyword spotting"], ["GPL-3.0-only"])


def test_adding_the_same_file_again_changes_nothing(fitgraph: Command, dense: Path) -> None:
    assert fitgraph("model", "add", dense, "--json").json["is_new"] is True
    before = fitgraph.contents()
    assert fitgraph("model", "add", dense, "--json").json["is_new"] is False
    assert fitgraph.contents() == before


def test_a_second_name_is_one_more_and_goes_alone(fitgraph: Command, dense: Path) -> None:
    fitgraph("model", "add", dense)
    assert fitgraph("model", "add", dense, "--name", "other").code == 0
    assert [one["name"] for one in fitgraph("model", "list", "--json").json] == ["dense", "other"]
    assert "has others" in fitgraph("model", "remove", "other").out
    assert [one["name"] for one in fitgraph("model", "list", "--json").json] == ["dense"]


def test_data_in_other_files_is_kept_inside(fitgraph: Command, dense: Path) -> None:
    outside = dense.with_name("outside.onnx")
    onnx.save(onnx.load(dense), outside, save_as_external_data=True, size_threshold=0)
    assert fitgraph("model", "add", outside).code == 0
    for path in dense.parent.glob("outside*"):
        path.unlink()
    assert fitgraph("footprint", "outside", "--isa", "armv6-m").code == 0


def test_a_symbolic_dimension_is_fixed_on_demand(fitgraph: Command, tmp_path: Path) -> None:
    path = save_model(
        tmp_path / "m.onnx",
        [("MatMul", ["x", "w"], "h", {}), ("Relu", ["h"], "y", {})],
        input_shape=["batch", 4],
        constants={"w": weights(4, 3)},
    )
    fitgraph("model", "add", path, "--name", "symbolic")
    done = fitgraph("footprint", "symbolic", "--isa", "armv6-m")
    assert done.code == 2
    assert "--dimension" in done.err
    assert fitgraph("model", "add", path, "--dimension", "batch=1").code == 0
    facts = fitgraph("model", "show", "m", "--json").json["facts"]
    assert facts["inputs"][0]["shape"] == [1, 4]
    assert facts["outputs"][0]["shape"] == [1, 3]
    assert fitgraph("footprint", "m", "--isa", "armv6-m").code == 0


@pytest.mark.parametrize("text", ["batch", "batch=0", "=1", "nope=1", "batch=x"])
def test_a_dimension_that_makes_no_sense_is_refused(
    fitgraph: Command, tmp_path: Path, text: str
) -> None:
    nodes: list[Node] = [("Relu", ["x"], "y", {})]
    path = save_model(tmp_path / "m.onnx", nodes, input_shape=["batch", 4])
    before = fitgraph.contents()
    done = fitgraph("model", "add", path, "--dimension", text)
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "hint: " in done.err
    assert fitgraph.contents() == before


def test_dimensions_that_contradict_the_model_are_refused(
    fitgraph: Command, tmp_path: Path
) -> None:
    path = save_model(
        tmp_path / "m.onnx",
        [("MatMul", ["x", "w"], "y", {})],
        input_shape=[1, "n"],
        constants={"w": weights(4, 3)},
    )
    assert fitgraph("model", "add", path, "--dimension", "n=5").code == 2
    assert fitgraph("model", "list", "--json").json == []


def test_the_variant_knows_where_it_came_from_and_what_it_cost(digits: Command) -> None:
    shown = digits("model", "show", "digits-int8", "--json").json
    assert shown["lineage"]["derived from"] == "digits"
    assert shown["lineage"]["before"] > 0.95
    assert shown["lineage"]["after"] > 0.95
    assert [one["isa_class"] for one in shown["footprints"]] == ["armv6-m"]
    done = digits("model", "remove", "digits")
    assert done.code == 2
    assert "was derived from it" in done.err


def test_quantizing_again_gives_the_same_variant(digits: Command, repository: Path) -> None:
    before = digits.contents()
    calibration = repository / "examples" / "digits" / "calibration.npz"
    test = repository / "examples" / "digits" / "test.npz"
    done = digits("quantize", "digits", "--calibration", calibration, "--test", test, "--json")
    assert done.json["is_new"] is False
    assert digits.contents() == before


def test_a_variant_with_weights_of_4_bits_is_named_so_and_measured(
    digits: Command, repository: Path
) -> None:
    data = repository / "examples" / "digits"
    words = ("--calibration", data / "calibration.npz", "--test", data / "test.npz")
    done = digits("quantize", "digits", *words, "--weight-bits", "4", "--json")
    assert done.json["name"] == "digits-int4"
    assert done.json["variant"]["accuracy_after"] > 0.95
    digits("model", "remove", "digits-int4")


def test_a_quantized_model_is_not_quantized_again(digits: Command, repository: Path) -> None:
    calibration = repository / "examples" / "digits" / "calibration.npz"
    before = digits.contents()
    done = digits("quantize", "digits-int8", "--calibration", calibration)
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert digits.contents() == before


def test_test_data_without_labels_is_refused_before_the_work(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "t.npz", x=np.zeros((3, 1, 8, 8), np.float32))
    calibration = repository / "examples" / "digits" / "calibration.npz"
    done = digits("quantize", "digits", "--calibration", calibration, "--test", tmp_path / "t.npz")
    assert done.code == 2
    assert "no array named y" in done.err


def test_float64_inputs_are_told_as_they_are(fitgraph: Command, tmp_path: Path) -> None:
    path = save_model(
        tmp_path / "m.onnx",
        [("Relu", ["x"], "y", {})],
        input_shape=[1, 4],
        dtype=TensorProto.DOUBLE,
    )
    assert fitgraph("model", "add", path).code == 0
    assert "float64" in fitgraph("model", "show", "m").out


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 81, "bell\a"])
def test_a_name_that_cannot_be_shown_is_refused(fitgraph: Command, dense: Path, name: str) -> None:
    before = fitgraph.contents()
    done = fitgraph("model", "add", dense, "--name", name)
    assert done.code == 2
    assert "--name takes 1 to 80 characters" in done.err
    assert fitgraph.contents() == before


def test_a_name_with_brackets_and_slashes_is_shown_as_it_is(fitgraph: Command, dense: Path) -> None:
    assert fitgraph("model", "add", dense, "--name", "a/[bold]b").code == 0
    assert "a/[bold]b" in fitgraph("model", "list").out
    assert "a/[bold]b on bbc-microbit-v1" in fitgraph("explain", "a/[bold]b", "bbc-microbit-v1").out
