"""Builds what `explain` tries: variants of a model for one ISA class; none of it is kept."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fitgraph.matcher.workshop import Tried
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.footprint import Evidence

if TYPE_CHECKING:
    from fitgraph.api.variants import Arrays
    from fitgraph.compiler_bridge.generated import GeneratedCode
    from fitgraph.matcher.explanation import Peak
    from fitgraph.matcher.facts import ModelNeeds
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.model_graph import ModelGraph

Tell = Callable[[str], None]


@dataclass(slots=True)
class Bench:
    """A workshop over the registry; see ``Workshop``.

    Args:
        registry: that is read, never written.
        calibration: samples of the inputs; None for random ones, with which a variant's figures are
            estimates.
        tell: is told what is being done.
    """

    registry: Registry
    calibration: Path | None = None
    tell: Tell = lambda _now: None
    _samples: Arrays | None = None
    _graphs: dict[str, ModelGraph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reads the samples.

        Raises:
            InvalidDataError: the file of samples cannot be read.
        """
        from fitgraph.api.data_files import load_arrays

        if self.calibration is not None:
            self._samples = load_arrays(self.calibration)

    def peak(self, model: ModelNeeds) -> Peak | None:
        """Where memory peaks."""
        from fitgraph.compiler_bridge.peak import peak_of

        self.tell("looking where memory peaks")
        try:
            return peak_of(self._graph(model))
        except FitgraphError:
            return None

    def under(self, model: ModelNeeds, runtime: str, isa_class: str) -> Tried | None:
        """The model as it is, built for the class or run in TFLM's interpreter."""
        from fitgraph.matcher.decide import OWN_RUNTIME

        self.tell(f"{runtime} for {isa_class}")
        try:
            is_own = runtime == OWN_RUNTIME
            footprint = (
                self._built(model, isa_class)
                if is_own
                else self._interpreted(model, runtime, isa_class)
            )
        except FitgraphError:
            return None
        command = f"fitgraph footprint {_quoted(model.name)} --isa {isa_class} --runtime {runtime}"
        return Tried(model, footprint, f"measured for {isa_class}", command)

    def quantized(self, model: ModelNeeds, isa_class: str, weight_bits: int = 8) -> Tried | None:
        """An int8 variant of a float ONNX model, with weights of so many bits."""
        self.tell("quantizing")
        try:
            made = self._int8(model, self._graph(model), self._content(model), weight_bits)
            footprint = self._of_variant(made, isa_class)
        except FitgraphError as error:
            self._refuse_samples(error)
            return None
        words, command = f"quantize it to int8{self._how()}", self._quantize(model.name)
        if weight_bits < 8:
            words = f"{words}, weights of {weight_bits} bits, which costs accuracy"
            command = f"{command} --weight-bits {weight_bits}"
        return Tried(made, footprint, words, command)

    def patched(self, model: ModelNeeds, isa_class: str, arena_bytes: int) -> Tried | None:
        """The first layers patch by patch."""
        from fitgraph.compiler_bridge.generate import generate

        self.tell(f"patches within {arena_bytes:,} B")
        try:
            code = generate(self._graph(model), arena_budget_bytes=arena_bytes)
            footprint = _footprint(code, model, isa_class)
        except FitgraphError:
            return None
        n_layers = len(code.in_patches)
        if not n_layers:
            return None
        cost = f" ({code.extra_macs:,} multiply-accumulates more)" if code.extra_macs > 0 else ""
        words = f"run the first {n_layers} layers of {model.name} in patches{cost}"
        command = (
            f"fitgraph build {_quoted(model.name)} --board {{board}} --arena-budget {arena_bytes}"
        )
        return Tried(model, footprint, words, command)

    def packed(self, model: ModelNeeds, isa_class: str) -> Tried | None:
        """The same weights in 4 or 2 bits, where some are as small."""
        from fitgraph.compiler_bridge.generate import generate

        self.tell("packing weights")
        try:
            code = generate(self._graph(model), pack_weights=True)
            footprint = _footprint(code, model, isa_class) if code.packed_weights else None
        except FitgraphError:
            return None
        if footprint is None:
            return None
        command = f"fitgraph build {_quoted(model.name)} --board {{board}} --pack-weights"
        words = "keep weights in the fewest bits that hold them, for more instructions"
        return Tried(model, footprint, words, command)

    def pruned(self, model: ModelNeeds, isa_class: str, rate: float) -> Tried | None:
        """A float ONNX model without that share of its channels, in int8."""
        from fitgraph.api.variants import pruned_variant

        self.tell(f"pruning {rate:.0%}")
        name = f"{model.name}-pruned"
        try:
            graph, content = pruned_variant(self._graph(model), self._content(model), rate)
            made = self._int8(replace(model, name=name), graph, content)
            footprint = self._of_variant(made, isa_class)
        except FitgraphError as error:
            self._refuse_samples(error)
            return None
        words = f"prune {rate:.0%} of the channels of each layer, train again and quantize"
        command = (
            f"fitgraph prune {_quoted(model.name)} --rate {rate:g} --name {_quoted(name)} && "
            f"{self._quantize(name)}"
        )
        return Tried(made, footprint, f"{words}{self._how()}", command)

    def _refuse_samples(self, error: FitgraphError) -> None:
        """Raises an error that the given samples are the reason of."""
        from fitgraph.compiler_bridge.recipes.errors import CalibrationError

        if self.calibration is not None and isinstance(error, CalibrationError):
            raise error

    def _int8(
        self, model: ModelNeeds, graph: ModelGraph, content: bytes, weight_bits: int = 8
    ) -> ModelNeeds:
        """An int8 variant, as a model that further changes are tried on."""
        from fitgraph.api.variants import int8_variant

        variant = int8_variant(graph, content, self._samples, weight_bits)
        self._graphs[variant.sha256] = variant
        return replace(model, name=f"{model.name}-int{weight_bits}", sha256=variant.sha256)

    def _of_variant(self, model: ModelNeeds, isa_class: str) -> Footprint:
        """Measured, but an estimate where the variant is not the one that its user will make."""
        found = self._built(model, isa_class)
        return found if self.calibration else replace(found, evidence=Evidence.ESTIMATE)

    def _how(self) -> str:
        return "" if self.calibration else " (tried with random values for calibration)"

    def _quantize(self, name: str) -> str:
        given = shlex.quote(str(self.calibration)) if self.calibration else "FILE.npz"
        return f"fitgraph quantize {_quoted(name)} --calibration {given}"

    def _built(self, model: ModelNeeds, isa_class: str) -> Footprint:
        from fitgraph.compiler_bridge.generate import generate

        return _footprint(generate(self._graph(model)), model, isa_class)

    def _interpreted(self, model: ModelNeeds, runtime: str, isa_class: str) -> Footprint:
        from fitgraph.api.tflm_footprints import measured_arena
        from fitgraph.compiler_bridge.tflm.footprints import footprint_of

        graph = self._graph(model)
        known = self.registry.list_measurements()
        measured = measured_arena(graph, self._content(model), known)
        return footprint_of(graph, measured, runtime, isa_class)

    def _graph(self, model: ModelNeeds) -> ModelGraph:
        from fitgraph.api.model_files import stored_graph

        if model.sha256 not in self._graphs:
            self._graphs[model.sha256] = stored_graph(self.registry, model.sha256)
        return self._graphs[model.sha256]

    def _content(self, model: ModelNeeds) -> bytes:
        return self.registry.model_bytes(model.sha256)


def _footprint(code: GeneratedCode, model: ModelNeeds, isa_class: str) -> Footprint:
    from fitgraph.compiler_bridge.build import build_for_class, footprint_of
    from fitgraph.matcher.decide import OWN_RUNTIME

    return footprint_of(build_for_class(code, isa_class), model.sha256, OWN_RUNTIME)


def _quoted(name: str) -> str:
    return shlex.quote(name)
