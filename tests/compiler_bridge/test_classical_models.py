"""Trees, linear models and scalers of ai.onnx.ml compute what onnxruntime computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from tests.support.exactness import Subject, assert_near, assert_same_bits, with_batch_of_one
from tests.support.host_runs import sanitized_outputs
from tests.support.onnx_classical_operators import (
    DOMAIN,
    LABELS,
    MODES,
    N_FEATURES,
    classifiers,
    forest,
    machines,
    regressors,
)
from tests.support.qdq_graphs import Array, f32, read

N_INPUTS = 64
CLASSIFIER, REGRESSOR = "TreeEnsembleClassifier", "TreeEnsembleRegressor"


def _model(op_type: str, attributes: dict[str, Any], version: int = 3) -> Subject:
    names = ["label", "scores"] if "Classifier" in op_type else ["y"]
    node = helper.make_node(op_type, ["x"], names, domain=DOMAIN, **attributes)
    return _of([node], names, version)


def _of(nodes: list[onnx.NodeProto], names: list[str], version: int = 3) -> Subject:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", N_FEATURES])
    ends = [onnx.ValueInfoProto(name=name) for name in names]
    graph = helper.make_graph(nodes, "classical", [given], ends)
    used = {node.domain for node in nodes}
    opsets = [helper.make_opsetid(d, v) for d, v in (("", 17), (DOMAIN, version)) if d in used]
    content = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return Subject(with_batch_of_one(read(content)), content)


def _sets() -> list[list[Array]]:
    """Halves, as thresholds are, and others."""
    random = np.random.default_rng(8)
    drawn = random.normal(size=(N_INPUTS, 1, N_FEATURES)) * 2
    drawn[::2] = np.round(drawn[::2] * 2) / 2
    return [[f32(row)] for row in drawn]


@pytest.mark.parametrize("name", regressors())
def test_trees_add_up_to_the_bit(name: str) -> None:
    model = _model(REGRESSOR, regressors()[name])
    got = sanitized_outputs(model.generated, _sets())
    assert_same_bits(got, model.expected(_sets()))
    assert len({outputs[0].tobytes() for outputs in got}) > 3


@pytest.mark.parametrize("name", classifiers())
def test_trees_choose_the_same_class_with_the_same_score(name: str) -> None:
    model = _model(CLASSIFIER, classifiers()[name])
    got, want = sanitized_outputs(model.generated, _sets()), model.expected(_sets())
    assert_same_bits([outputs[:1] for outputs in got], [outputs[:1] for outputs in want])
    assert_near(got, want, 1e-6)
    assert len({int(label[0]) for label, _ in got}) > 1


def test_what_is_no_number_goes_where_the_file_says() -> None:
    model = _model(REGRESSOR, forest("target", [[0]] * 5, modes=MODES) | {"n_targets": 1})
    rows = np.where(np.random.default_rng(1).random((N_INPUTS, 1, N_FEATURES)) < 0.5, np.nan, 0.5)
    sets = [[f32(row)] for row in rows]
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))


def test_a_map_of_labels_is_a_row_of_scores() -> None:
    attributes = classifiers()["three classes"]
    names = ["label", "scores"]
    nodes = [
        helper.make_node(CLASSIFIER, ["x"], names, domain=DOMAIN, **attributes),
        helper.make_node("Cast", ["label"], ["same"], to=TensorProto.INT64),
        helper.make_node("ZipMap", ["scores"], ["zip"], domain=DOMAIN, classlabels_int64s=LABELS),
    ]
    model = _of(nodes, ["same", "zip"], version=1)
    got = sanitized_outputs(model.generated, _sets())
    want = run_onnxruntime_many(model.content, model.graph, _sets())
    assert_same_bits(got, want)


def _changed(name: str, position: int, value: Any) -> dict[str, Any]:
    attributes = dict(regressors()["the SUM of trees"])
    attributes[name] = [*attributes[name]]
    attributes[name][position] = value
    return attributes


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "a circle": (REGRESSOR, _changed("nodes_truenodeids", 0, 0), "in a circle"),
    "a node that is not there": (REGRESSOR, _changed("nodes_truenodeids", 0, 99), "first node"),
    "a value that is not there": (REGRESSOR, _changed("nodes_featureids", 0, 5), "value 5 of 5"),
    "another condition": (REGRESSOR, _changed("nodes_modes", 0, "BRANCH_EQ"), "BRANCH_EQ"),
    "an endless threshold": (REGRESSOR, _changed("nodes_values", 0, float("inf")), "is inf"),
    "a weight of no target": (REGRESSOR, _changed("target_ids", 0, 1), "has no place"),
    "a list too short": (REGRESSOR, {"nodes_treeids": [0], "n_targets": 1}, "entries for 1"),
    "no trees": (REGRESSOR, {"n_targets": 1}, "has 0 nodes"),
    "half of two classes": (
        CLASSIFIER,
        forest("class", [[0, 1]]) | {"classlabels_int64s": [0, 1]},
        "not the first alone",
    ),
    "a class without score": (
        CLASSIFIER,
        forest("class", [[0], [1]]) | {"classlabels_int64s": LABELS},
        "not all get a score",
    ),
    "another transform": (
        CLASSIFIER,
        classifiers()["three classes"] | {"post_transform": "PROBIT"},
        "PROBIT",
    ),
    "weights for no input": (
        "LinearRegressor",
        {"coefficients": [1.0, 2.0], "targets": 1},
        "2 coefficients",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_model_is_refused(name: str) -> None:
    op_type, attributes, reason = BAD[name]
    with pytest.raises(UnsupportedOperatorError, match=reason):
        generate(_model(op_type, attributes).graph)


def test_newer_trees_are_refused_by_operator() -> None:
    with pytest.raises(UnsupportedOperatorError, match="newer than 3"):
        generate(_model(CLASSIFIER, classifiers()["three classes"], version=5).graph)


NAMES = ("setosa", 'virgi"nica', "versicolor")


def _named(op_type: str, attributes: dict[str, Any]) -> Subject:
    given = {name: value for name, value in attributes.items() if not name.startswith("classlabel")}
    return _model(op_type, given | {"classlabels_strings": NAMES})


@pytest.mark.parametrize(
    ("op_type", "attributes"),
    [
        (CLASSIFIER, classifiers()["three classes"]),
        ("SVMClassifier", machines()["RBF of three"]),
    ],
)
def test_a_label_of_text_is_its_place_in_a_table(op_type: str, attributes: dict[str, Any]) -> None:
    """The numbers are those of onnxruntime's texts, and the header says what they mean."""
    model = _named(op_type, attributes)
    got = sanitized_outputs(model.generated, _sets())
    texts = run_onnxruntime_many(model.content, model.graph, _sets())
    assert [NAMES[int(label[0])] for label, _ in got] == [str(label[0]) for label, _ in texts]
    assert len({int(label[0]) for label, _ in got}) > 1
    assert_near(got, model.expected(_sets()), 1e-6)
    assert [tensor.labels for tensor in model.generated.outputs] == [NAMES, ()]
    header = model.generated.files[f"{model.generated.prefix}.h"]
    assert "_OUTPUT_0_N_LABELS 3" in header
    assert '"virgi\\"nica"' in header or '"virgi\\042nica"' in header


def test_texts_may_go_through_other_operators() -> None:
    """As scikit-learn's exports have it: a place chooses one of some texts, which is reshaped."""
    encoded: list[Any] = [name.encode() for name in NAMES]
    texts = helper.make_tensor("texts", TensorProto.STRING, [3], encoded)
    nodes = [
        helper.make_node("Constant", [], ["texts"], value=texts),
        helper.make_node("ArgMax", ["x"], ["large"], axis=1),
        helper.make_node("Constant", [], ["three"], value_int=3),
        helper.make_node("Mod", ["large", "three"], ["place"]),
        helper.make_node("ArrayFeatureExtractor", ["texts", "place"], ["row"], domain=DOMAIN),
        helper.make_node("Constant", [], ["flat"], value_ints=[-1]),
        helper.make_node("Reshape", ["row", "flat"], ["label"]),
    ]
    model = _of(nodes, ["label"])
    got = sanitized_outputs(model.generated, _sets())
    texts_of_others = run_onnxruntime_many(model.content, model.graph, _sets())
    assert [NAMES[int(row[0])] for (row,) in got] == [str(row[0]) for (row,) in texts_of_others]
    assert_same_bits(got, model.expected(_sets()))


def test_numbers_are_encoded_as_texts() -> None:
    """As converters of gradient boosting have it: a label's number becomes a text."""
    attributes = classifiers()["three classes"]
    encoded: dict[str, Any] = {
        "keys_int64s": LABELS[:2],
        "values_strings": NAMES[:2],
        "default_string": "else",
    }
    nodes = [
        helper.make_node(CLASSIFIER, ["x"], ["number", "scores"], domain=DOMAIN, **attributes),
        helper.make_node("LabelEncoder", ["number"], ["label"], domain=DOMAIN, **encoded),
    ]
    model = _of(nodes, ["label"])
    got = sanitized_outputs(model.generated, _sets())
    assert_same_bits(got, model.expected(_sets()))
    (output,) = model.generated.outputs
    assert output.labels == (*NAMES[:2], "else")
    assert len({int(label[0]) for (label,) in got}) > 1


def test_texts_that_are_computed_with_are_refused() -> None:
    nodes = [
        helper.make_node("ArgMax", ["x"], ["large"], axis=1, keepdims=0),
        helper.make_node("Cast", ["large"], ["label"], to=TensorProto.STRING),
    ]
    with pytest.raises(UnsupportedOperatorError, match="Cast is not supported on string"):
        generate(_of(nodes, ["label"]).graph)


@pytest.mark.parametrize("name", machines())
def test_support_vectors_choose_the_same_class_with_the_same_scores(name: str) -> None:
    model = _model("SVMClassifier", machines()[name])
    got, want = sanitized_outputs(model.generated, _sets()), model.expected(_sets())
    assert_same_bits([outputs[:1] for outputs in got], [outputs[:1] for outputs in want])
    assert_near(got, want, 1e-6)


BAD_MACHINES: dict[str, tuple[dict[str, Any], str]] = {
    "too few coefficients": ({"coefficients": [1.0]}, "1 coefficients"),
    "half a vector": ({"support_vectors": [1.0, 2.0]}, "2 numbers"),
    "no vectors": ({"vectors_per_class": [0, 0, 0]}, "of 3 classes"),
    "one sigmoid": ({"prob_a": [1.0], "prob_b": [1.0]}, "1 sigmoids"),
    "another kernel": ({"kernel_type": "LAPLACE"}, "LAPLACE"),
    "a power that is no whole number": (
        {"kernel_type": "POLY", "kernel_params": [1.0, 0.0, 2.5]},
        "POLY of degree 2.5",
    ),
    "no number": ({"rho": [float("nan")] * 3}, "what is no number"),
}


@pytest.mark.parametrize("name", BAD_MACHINES)
def test_a_bad_machine_is_refused(name: str) -> None:
    changes, reason = BAD_MACHINES[name]
    with pytest.raises(UnsupportedOperatorError, match=reason):
        generate(_model("SVMClassifier", machines()["RBF of three"] | changes).graph)


def test_what_is_missing_is_imputed() -> None:
    attributes: dict[str, Any] = {"imputed_value_floats": [1.0, 2.0, 3.0, 4.0, 5.0]}
    attributes["replaced_value_float"] = np.nan
    nodes = [helper.make_node("Imputer", ["x"], ["y"], domain=DOMAIN, **attributes)]
    model = _of(nodes, ["y"])
    rows = np.where(np.random.default_rng(1).random((N_INPUTS, 1, N_FEATURES)) < 0.5, np.nan, 0.5)
    sets = [[f32(row)] for row in rows]
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))
