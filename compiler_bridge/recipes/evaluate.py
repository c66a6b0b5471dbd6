"""How good a model is on test data, whatever runs it: onnxruntime or compiled code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.recipes.errors import EvaluationError
from fitgraph.compiler_bridge.recipes.onnx_runner import onnx_runner
from fitgraph.compiler_bridge.recipes.progress import Progress, no_progress

Array = npt.NDArray[Any]
# Takes one sample of shape (1, *sample shape) and returns the model's one output.
Runner = Callable[[Array], Array]


class MetricName(StrEnum):
    """How outputs are judged.

    ``accuracy``: the share of samples whose largest output is the labelled class.
    ``roc-auc``: how well the mean squared difference between output and input tells anomalies
    (label 1) from normal samples (label 0): the probability that an anomaly's is larger.
    """

    ACCURACY = "accuracy"
    ROC_AUC = "roc-auc"


@dataclass(frozen=True, slots=True)
class Metric:
    """A measured quality; both metrics lie in 0..1 and higher is better."""

    name: MetricName
    value: float
    n_samples: int


def evaluate(
    model: Path | Runner,
    x: Array,
    y: Array,
    metric: MetricName | str,
    *,
    progress: Progress = no_progress,
) -> Metric:
    """Run a model on every sample and judge its outputs.

    Args:
        model: an ONNX file, or anything that maps one sample to one output.
        x: samples, shape (n, *sample shape), as the model file wants them.
        y: labels, shape (n,): class indices, or 0 and 1 for ``roc-auc``.

    Raises:
        InvalidModelError: the file cannot be loaded.
        EvaluationError: data, outputs and metric do not go together.
    """
    name = metric_name(metric)
    _check_data(x, y, name)
    runner = model if callable(model) else onnx_runner(Path(model))
    judge = _predicted_class if name is MetricName.ACCURACY else _reconstruction_error
    judged = np.empty(len(x))
    for index, sample in enumerate(x):
        output = np.asarray(runner(sample[np.newaxis]))
        _check_output(output, index)
        judged[index] = judge(sample, output)
        progress("evaluate", index + 1, len(x))
    value = float(np.mean(judged == y)) if name is MetricName.ACCURACY else roc_auc(judged, y)
    return Metric(name, value, len(x))


def roc_auc(scores: Array, labels: Array) -> float:
    """Area under the ROC curve, shape (n,) each; equal scores count half.

    Source: Hanley and McNeil 1982: the area equals the Mann-Whitney statistic.
    """
    positive = np.asarray(labels) == 1
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(mean_ranks[group][positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def _predicted_class(_sample: Array, output: Array) -> float:
    if output.size == 1:
        raise EvaluationError(
            "Accuracy needs one output a class; the model has a single output value.",
            hint="Use another metric, or a model with one output a class.",
        )
    return float(np.argmax(output))


def _reconstruction_error(sample: Array, output: Array) -> float:
    if output.size != sample.size:
        raise EvaluationError(
            f"The reconstruction has {output.size} values and the sample {sample.size}.",
            hint="ROC AUC of the reconstruction error needs an autoencoder.",
        )
    difference = sample.ravel().astype(np.float64) - output.ravel().astype(np.float64)
    return float(np.mean(difference**2))


def metric_name(metric: MetricName | str) -> MetricName:
    """The metric of that name.

    Raises:
        EvaluationError: there is none.
    """
    try:
        return MetricName(metric)
    except ValueError as error:
        raise EvaluationError(
            f"There is no metric {metric!r}.", hint=f"Use one of: {', '.join(MetricName)}."
        ) from error


def _check_data(x: Array, y: Array, name: MetricName) -> None:
    if len(x) == 0 or y.shape != (len(x),):
        raise EvaluationError(
            f"{len(x)} samples and labels of shape {y.shape} do not make a test set.",
            hint="Give one label a sample, and at least one sample.",
        )
    if np.issubdtype(x.dtype, np.floating) and not np.isfinite(x).all():
        raise EvaluationError(
            "The test samples have values that are NaN or infinite.",
            hint="Drop or repair these samples.",
        )
    if name is MetricName.ROC_AUC and set(np.unique(y).tolist()) != {0, 1}:
        raise EvaluationError(
            f"ROC AUC needs labels 0 and 1, both present; there are {np.unique(y).tolist()[:10]}.",
            hint="Label normal samples 0 and anomalies 1.",
        )


def _check_output(output: Array, index: int) -> None:
    if output.size == 0 or not np.isfinite(output).all():
        raise EvaluationError(
            f"The model's output for sample {index} is empty, NaN or infinite.",
            hint="Run the float model on this sample to see whether it does so too.",
        )
