"""The samples that a build runs its firmware on, and how good the outputs are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fitgraph.api.data_files import InvalidDataError

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgraph.compiler_bridge.recipes.evaluate import Metric
    from fitgraph.registry.model_graph import ModelGraph

    Array = npt.NDArray[Any]

DEFAULT_SAMPLES = 32


@dataclass(frozen=True, slots=True)
class BuildData:
    """What the firmware is run on: sets of inputs, and their labels where it is to be judged."""

    sets: list[tuple[Array, ...]]
    labels: Array | None = None

    def quality(self, outputs: Sequence[tuple[Array, ...]], metric: str) -> Metric | None:
        """How good the outputs are that the code gave; None without labels."""
        return None if self.labels is None else _quality(outputs, self.sets, self.labels, metric)


def build_data(
    graph: ModelGraph, inputs: Path | None, test: Path | None, metric: str, samples: int | None
) -> BuildData:
    """The samples of one of the files; none where neither is given.

    Raises:
        InvalidDataError: they do not suit the model; see ``load_input_sets`` and ``_labels``.
    """
    from fitgraph.api.input_sets import load_input_sets

    if test is None:
        most = samples or DEFAULT_SAMPLES
        return BuildData([] if inputs is None else load_input_sets(inputs, graph, most))
    labels = _labels(graph, test, metric)
    sets = load_input_sets(test, graph, samples)
    if len(labels) < len(sets):
        raise InvalidDataError(
            f"{test} has {len(labels)} labels for {len(sets)} samples",
            hint="give one label a sample",
        )
    return BuildData(sets, labels)


def _labels(graph: ModelGraph, test: Path, metric: str) -> Array:
    """Labels of a test set, before anything is built that they might not suit.

    Raises:
        InvalidDataError: the model has several inputs or outputs; see also ``load_test_set``.
        EvaluationError: there is no such metric.
    """
    from fitgraph.api.data_files import load_test_set
    from fitgraph.compiler_bridge.recipes.evaluate import metric_name

    metric_name(metric)
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise InvalidDataError(
            f"--test judges models with one input and one output, but {graph.name} has "
            f"{len(graph.inputs)} and {len(graph.outputs)}",
            hint="use --inputs, which only compares with the reference",
        )
    return load_test_set(test)[1]


def _quality(
    outputs: Sequence[tuple[Array, ...]],
    sets: list[tuple[Array, ...]],
    labels: Array,
    metric: str,
) -> Metric:
    import numpy as np

    from fitgraph.compiler_bridge.recipes.evaluate import evaluate

    given = iter(outputs)
    samples = np.stack([one for (one,) in sets])
    return evaluate(lambda _: next(given)[0], samples, labels[: len(sets)], metric)
