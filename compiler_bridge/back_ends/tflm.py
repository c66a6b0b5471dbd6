"""TensorFlow Lite for Microcontrollers, with its own kernels or with those of CMSIS-NN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fitgraph.compiler_bridge.back_ends.as_tflite import TfliteModel, as_tflite
from fitgraph.compiler_bridge.back_ends.protocol import (
    BackEndError,
    Delivered,
    Fact,
    Request,
    require_known_options,
)
from fitgraph.compiler_bridge.back_ends.tflm_files import Arena, TflmModel, operators_of, tflm_files
from fitgraph.compiler_bridge.reference.tflm_arena import STEP_BYTES, measure_arena
from fitgraph.compiler_bridge.tflm.arena_bound import CMSIS_NN, PORTABLE, arena_bound
from fitgraph.compiler_bridge.tflm.footprints import footprint_of
from fitgraph.registry.measurement import Measurement


class TflmBackEnd:
    """The model as an array, a resolver of its operators alone, and an arena that is known."""

    runtime: str = PORTABLE
    options: Final[Mapping[str, str]] = {}

    def build(self, request: Request) -> Delivered:
        """C++ sources; the arena is found by bisection with the interpreter itself.

        Raises:
            BackEndError: TFLM refuses the model, or lacks an operator.
            EmulationError: the interpreter crashed or took too long.
            NoFootprintError: the arena has no bound on the target.
            ToolchainError: see ``as_tflite``.
        """
        require_known_options(self, request.options)
        model = as_tflite(request)
        request.progress("measure the arena", 1, 3)
        measured = measure_arena(model.content, model.graph.sha256)
        if measured.arena_bytes is None:
            raise BackEndError(
                f"TFLM refuses {request.graph.name}: {measured.refusal}",
                hint="`fitgraph explain MODEL BOARD --runtime tflm` names operators it lacks",
            )
        footprint = footprint_of(model.graph, measured, self.runtime, request.isa_class)
        arena = self._arena(model, measured, measured.arena_bytes, request.isa_class)
        request.progress("write the sources", 2, 3)
        source = TflmModel(model.graph.name, model.content, operators_of(model.graph))
        texts = tflm_files(source, arena)
        files = {name: text.encode() for name, text in texts.items()}
        return Delivered(
            files={**files, "model.tflite": model.content},
            # What was converted is another model, which the graph does not have.
            footprints=() if model.is_converted else (footprint,),
            measurements=() if model.is_converted else (measured,),
            facts=_facts(model, arena, measured),
        )

    def _arena(
        self, model: TfliteModel, measured: Measurement, here_bytes: int, isa_class: str
    ) -> Arena:
        bound, _ = arena_bound(model.graph, measured, self.runtime, isa_class)
        assert bound is not None, "footprint_of has refused what has no bound"
        words = (
            f"{here_bytes} bytes are the least that {measured.toolchain} runs it in on "
            f"{measured.machine}, found by bisection: {here_bytes - STEP_BYTES} are refused. "
            f"{bound} bytes are a bound for {self.runtime} on {isa_class}, whose pointers are "
            "half as wide."
        )
        return Arena(bound, max(here_bytes, bound), words)


class TflmCmsisNnBackEnd(TflmBackEnd):
    """The same sources; the arena has room for the scratch of CMSIS-NN's kernels."""

    runtime: str = CMSIS_NN


def _facts(model: TfliteModel, arena: Arena, measured: Measurement) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "arena bytes": arena.bytes_32,
        "arena bytes measured here": measured.arena_bytes or 0,
        "measured with": f"{measured.toolchain} on {measured.machine}",
    }
    return facts | ({"converted by": "onnx2tf"} if model.is_converted else {})
