"""Makes variants of a model file, and measures what that does to their accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from fitgraph.compiler_bridge.recipes.evaluate import Metric
    from fitgraph.compiler_bridge.recipes.progress import Progress
    from fitgraph.compiler_bridge.recipes.prune_channels import PrunedModel
    from fitgraph.compiler_bridge.recipes.recipe import QuantizedModel
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.model_graph import ModelGraph
    from fitgraph.registry.variant import Variant

    Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Quantized:
    """A quantized model on disk, and its accuracy where test data was given."""

    made: QuantizedModel
    before: Metric | None
    after: Metric | None

    @property
    def variant(self) -> Variant:
        """Its lineage."""
        recipe = self.made.recipe
        return lineage(
            self.made.sha256,
            recipe.source_sha256,
            recipe.text,
            self.before,
            self.after,
            recipe.calibration_sha256,
        )


def quantized(
    source: Path,
    target: Path,
    samples: Mapping[str, Array],
    test_set: tuple[Array, Array] | None,
    metric: str,
    *,
    per_channel: bool,
    weight_bits: int,
    tell: Progress,
) -> Quantized:
    """Quantizes a float ONNX file.

    Raises:
        RecipeError: it cannot be quantized, or the samples or the metric do not suit.
    """
    from fitgraph.compiler_bridge.recipes.quantize import quantize_int8

    made = quantize_int8(
        source, samples, target, per_channel=per_channel, weight_bits=weight_bits, progress=tell
    )
    before, after = (judged(path, test_set, metric, tell) for path in (source, made.path))
    return Quantized(made, before, after)


def judged(
    path: Path, test_set: tuple[Array, Array] | None, metric: str, tell: Progress
) -> Metric | None:
    """How good the outputs of a model file are; None without test data."""
    from fitgraph.compiler_bridge.recipes.evaluate import evaluate

    return None if test_set is None else evaluate(path, *test_set, metric, progress=tell)


def lineage(
    model_sha256: str,
    source_sha256: str,
    recipe: str,
    before: Metric | None,
    after: Metric | None,
    calibration_sha256: str | None = None,
) -> Variant:
    """How a model was derived, with its accuracy where that was measured."""
    from fitgraph.registry.variant import Variant

    return Variant(
        model_sha256=model_sha256,
        source_sha256=source_sha256,
        recipe=recipe,
        calibration_sha256=calibration_sha256,
        metric="" if after is None else f"{after.name}, {after.n_samples} samples",
        accuracy_before=None if before is None else before.value,
        accuracy_after=None if after is None else after.value,
    )


def lineage_of_pruned(made: PrunedModel) -> Variant:
    """How a pruned model was derived; its accuracy means nothing before it is trained again."""
    return lineage(made.sha256, made.recipe.source_sha256, made.recipe.text, None, None)


def keep_variant(
    registry: Registry, graph: ModelGraph, content: bytes, name: str, variant: Variant
) -> bool:
    """Adds a variant with its lineage, both or neither. Returns whether the model is new.

    It does what its source does, under the same licence.

    Raises:
        RegistryError: one of them cannot be added.
    """
    from fitgraph.registry.facts import model_facts

    source = registry.get_model(variant.source_sha256)
    added = registry.add_model(
        graph, model_facts(graph), content, name, tasks=source.tasks, licences=source.licences
    )
    try:
        registry.add_variant(variant, replace=True)
    except BaseException:
        if added.is_new:
            registry.remove_model(name)
        raise
    return added.is_new
