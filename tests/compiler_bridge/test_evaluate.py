"""Metrics of a model on test data, whatever runs it."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from onnx import TensorProto

from fitgraph.compiler_bridge.recipes.errors import EvaluationError
from fitgraph.compiler_bridge.recipes.evaluate import Metric, MetricName, evaluate, roc_auc
from fitgraph.registry.errors import InvalidModelError
from tests.support.float_models import Array, samples, save_model

LABELS = np.array([0, 1, 1, 0])
SCORES = np.array([[3, 1], [0, 2], [5, 4], [9, -9]], np.float32)


def identity(sample: Array) -> Array:
    return sample


def test_accuracy_is_the_share_of_samples_whose_largest_output_is_the_label() -> None:
    assert evaluate(identity, SCORES, LABELS, "accuracy") == Metric(MetricName.ACCURACY, 0.75, 4)


def test_a_runner_gets_one_sample_with_a_batch_dimension_and_may_return_integers() -> None:
    shapes = []

    def runner(sample: Array) -> Array:
        shapes.append(sample.shape)
        return sample.astype(np.int8)

    assert evaluate(runner, SCORES, LABELS, MetricName.ACCURACY).value == 0.75
    assert shapes == [(1, 2)] * 4


def test_an_onnx_file_and_a_runner_that_computes_the_same_agree(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=(1, 2))
    found = evaluate(model, SCORES, LABELS, "accuracy")
    assert found == evaluate(lambda x: x.clip(0), SCORES, LABELS, "accuracy")


def test_a_model_without_a_batch_dimension_can_be_evaluated(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=(2,))
    assert evaluate(model, SCORES, LABELS, "accuracy").value == 0.75


def test_roc_auc_ranks_anomalies_by_the_error_of_their_reconstruction() -> None:
    x = np.array([[1.0, 1], [2, 2], [3, 3], [9, 9]], np.float32)
    y = np.array([0, 0, 1, 1])
    constant = np.ones((1, 2), np.float32)
    assert evaluate(lambda _: constant, x, y, "roc-auc").value == 1.0
    assert evaluate(lambda _: constant, x, 1 - y, "roc-auc").value == 0.0
    assert evaluate(identity, x, y, "roc-auc").value == 0.5


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_roc_auc_is_the_share_of_pairs_in_which_the_anomaly_scores_higher(
    rows: list[tuple[int, bool]],
) -> None:
    pairs = [
        1.0 if anomaly > normal else 0.5 if anomaly == normal else 0.0
        for anomaly, is_anomaly in rows
        for normal, other_is_anomaly in rows
        if is_anomaly and not other_is_anomaly
    ]
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    assert roc_auc(scores, labels) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)


def test_progress_counts_the_samples() -> None:
    seen: list[tuple[str, int, int]] = []
    evaluate(identity, SCORES, LABELS, "accuracy", progress=lambda *step: seen.append(step))
    assert seen == [("evaluate", done, 4) for done in (1, 2, 3, 4)]


def test_an_unknown_metric_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EvaluationError, match="no metric 'f1'") as raised:
        evaluate(identity, SCORES, LABELS, "f1")
    assert "accuracy, roc-auc" in raised.value.hint


@pytest.mark.parametrize(
    ("x", "y", "metric", "message"),
    [
        (SCORES, LABELS[:3], "accuracy", r"4 samples and labels of shape \(3,\)"),
        (SCORES[:0], LABELS[:0], "accuracy", "0 samples"),
        (SCORES, LABELS[:, np.newaxis], "accuracy", r"labels of shape \(4, 1\)"),
        (SCORES * np.float32(np.nan), LABELS, "accuracy", "NaN or infinite"),
        (SCORES[:, :1], LABELS, "accuracy", "single output value"),
        (SCORES, LABELS + 1, "roc-auc", "labels 0 and 1, both present"),
        (SCORES, LABELS * 0, "roc-auc", "labels 0 and 1, both present"),
    ],
)
def test_test_data_that_does_not_go_with_the_metric_is_refused(
    x: Array, y: Array, metric: str, message: str
) -> None:
    with pytest.raises(EvaluationError, match=message) as raised:
        evaluate(identity, x, y, metric)
    assert raised.value.hint


def test_outputs_that_are_no_numbers_or_of_another_size_are_refused() -> None:
    with pytest.raises(EvaluationError, match="sample 0 is empty, NaN or infinite"):
        evaluate(lambda x: x * np.float32(np.inf), SCORES, LABELS, "accuracy")
    with pytest.raises(EvaluationError, match="reconstruction has 1 values and the sample 2"):
        evaluate(lambda x: x[:, :1], SCORES, LABELS, "roc-auc")


def test_samples_of_another_shape_than_the_models_input_are_refused(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx", [("Relu", ["x"], "y", {})], input_shape=(1, 3))
    with pytest.raises(EvaluationError, match=r"shape \(2,\); the model's input is \(1, 3\)"):
        evaluate(model, SCORES, LABELS, "accuracy")


def test_a_file_that_onnxruntime_cannot_load_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"nothing")
    for path in (broken, tmp_path / "absent.onnx"):
        with pytest.raises(InvalidModelError, match="cannot be loaded by onnxruntime"):
            evaluate(path, SCORES, LABELS, "accuracy")


def test_a_model_with_an_input_that_is_no_number_is_refused(tmp_path: Path) -> None:
    model = save_model(
        tmp_path / "m.onnx",
        [("Identity", ["x"], "y", {})],
        input_shape=(1, 2),
        dtype=TensorProto.STRING,
    )
    with pytest.raises(EvaluationError, match=r"x tensor\(string\)"):
        evaluate(model, samples(2), np.zeros(12, np.int64), "accuracy")
