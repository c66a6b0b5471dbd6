"""Recipes as tasks: a variant of a model is made, or one that is there is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from fitgraph.api.jobs.task import Artifact, Tell

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.model_graph import ModelGraph
    from fitgraph.registry.variant import Variant

    Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class QuantizeTask:
    """A float ONNX model, and how to quantize it.

    Attributes:
        name: of the variant.
        calibration: bytes of an .npz file; None for random samples.
        test: likewise, with samples ``x`` and labels ``y``, or None.
    """

    source: bytes
    name: str
    weight_bits: int
    per_channel: bool
    calibration: bytes | None
    test: bytes | None
    metric: str

    def run(self, folder: Path, tell: Tell) -> NewVariant:
        """See ``Task``."""
        from fitgraph.api.quantizing import quantized

        source = _written(folder / "source.onnx", self.source)
        done = quantized(
            source,
            folder / "variant.onnx",
            self._samples(folder),
            _test_set(folder, self.test),
            self.metric,
            per_channel=self.per_channel,
            weight_bits=self.weight_bits,
            tell=tell,
        )
        return _made(done.made.path, self.name, done.variant)

    def _samples(self, folder: Path) -> Mapping[str, Array]:
        from fitgraph.api.data_files import load_arrays
        from fitgraph.api.model_files import kept_graph
        from fitgraph.api.variants import random_samples

        if self.calibration is not None:
            return load_arrays(_written(folder / "calibration.npz", self.calibration))
        return random_samples(kept_graph(self.source, "onnx", self.name))


@dataclass(frozen=True, slots=True)
class PruneTask:
    """A float ONNX model, and what share of its channels is to go."""

    source: bytes
    name: str
    rate: float

    def run(self, folder: Path, tell: Tell) -> NewVariant:
        """See ``Task``."""
        from fitgraph.api.quantizing import lineage_of_pruned
        from fitgraph.compiler_bridge.recipes.prune_channels import prune_channels

        tell("pruning", 0, 1)
        source = _written(folder / "source.onnx", self.source)
        made = prune_channels(source, self.rate, folder / "variant.onnx")
        return _made(made.path, self.name, lineage_of_pruned(made))


@dataclass(frozen=True, slots=True)
class MeasureTask:
    """Two models of the registry, of which somebody says that one was made of the other.

    Attributes:
        recipe: how, in the words of who made it.
        test: bytes of an .npz file with samples ``x`` and labels ``y``.
    """

    source: bytes
    variant: bytes
    recipe: str
    test: bytes
    metric: str

    def run(self, folder: Path, tell: Tell) -> Measured:
        """See ``Task``."""
        import hashlib

        from fitgraph.api.quantizing import judged, lineage

        test_set = _test_set(folder, self.test)
        source = _written(folder / "source.onnx", self.source)
        variant = _written(folder / "variant.onnx", self.variant)
        before, after = (judged(path, test_set, self.metric, tell) for path in (source, variant))
        made, known = (hashlib.sha256(one).hexdigest() for one in (self.variant, self.source))
        return Measured(lineage(made, known, self.recipe, before, after))


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant whose file is new, too."""

    kinds: ClassVar[tuple[str, ...]] = ("model", "variant")

    graph: ModelGraph
    content: bytes
    name: str
    variant: Variant
    artifact: Artifact | None = None

    def keep(self, registry: Registry) -> Mapping[str, Any]:
        """See ``Made``."""
        from fitgraph.api.quantizing import keep_variant

        is_new = keep_variant(registry, self.graph, self.content, self.name, self.variant)
        return {"name": self.name, "is_new": is_new, "variant": _plain(self.variant)}


@dataclass(frozen=True, slots=True)
class Measured:
    """Lineage of a model that is there."""

    kinds: ClassVar[tuple[str, ...]] = ("variant",)

    variant: Variant
    artifact: Artifact | None = None

    def keep(self, registry: Registry) -> Mapping[str, Any]:
        """See ``Made``."""
        registry.add_variant(self.variant, replace=True)
        name = registry.get_model(self.variant.model_sha256).names[0]
        return {"name": name, "is_new": False, "variant": _plain(self.variant)}


def _made(path: Path, name: str, variant: Variant) -> NewVariant:
    from fitgraph.api.model_files import read_whole

    return NewVariant(*read_whole(path), name, variant)


def _plain(variant: Variant) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(variant)


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _test_set(folder: Path, content: bytes | None) -> tuple[Array, Array] | None:
    from fitgraph.api.data_files import load_test_set

    return None if content is None else load_test_set(_written(folder / "test.npz", content))
