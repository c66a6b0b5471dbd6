"""Footprints under TFLM: the arena is a bound; code and stack, and so the whole, are estimates."""

from __future__ import annotations

from typing import Final

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.tflm.arena_bound import CMSIS_NN, PORTABLE, arena_bound
from fitgraph.compiler_bridge.tflm.code_size import code_size
from fitgraph.compiler_bridge.tflm.greedy_plan import aligned
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_graph import ModelGraph

#: The deepest that the stack went in builds of 23 models: 844 B with portable kernels and 1,752 B
#: with CMSIS-NN (on a Cortex-M55), next multiple of 256. A run of another model may go deeper.
STACK_BYTES: Final = {PORTABLE: 1024, CMSIS_NN: 1792}
#: The most static data in those builds was 560 B, the interpreter's own.
STATIC_BYTES: Final = 560


class NoFootprintError(BridgeError):
    """A footprint under a runtime cannot be told here."""

    code = "no-footprint"


def footprint_of(
    graph: ModelGraph, measured: Measurement, runtime: str, isa_class: str
) -> Footprint:
    """What the model takes under TFLM on cores of a class.

    Args:
        graph: of a TFLite model.
        measured: the arena that TFLM's interpreter needed on this machine.
        runtime: ``tflm`` or ``tflm+cmsis-nn``.
        isa_class: of a 32-bit core.

    Raises:
        NoFootprintError: TFLM refuses the model, or the arena has no bound.
    """
    arena_bytes, reason = arena_bound(graph, measured, runtime, isa_class)
    if arena_bytes is None:
        raise NoFootprintError(
            f"the arena of {graph.name!r} under {runtime} has no bound: {reason}",
            hint="`fitgraph footprint` without --runtime measures it under fitgraph-c",
        )
    code = code_size((one.op_type for one in graph.operators), runtime, isa_class)
    guessed = f", the code of {', '.join(code.unmeasured)} guessed" if code.unmeasured else ""
    return Footprint(
        model_sha256=graph.sha256,
        runtime=runtime,
        isa_class=isa_class,
        toolchain=measured.toolchain,
        arena_bytes=arena_bytes,
        static_bytes=aligned(STATIC_BYTES),
        stack_bytes=STACK_BYTES[runtime],
        flash_bytes=aligned(graph.file_bytes + code.n_bytes),
        code_bytes=code.n_bytes,
        weights_bytes=graph.file_bytes,
        evidence=Evidence.ESTIMATE,
        source=f"{measured.toolchain} on {measured.machine}: arena raised to a bound, "
        f"code from link sizes{guessed}, stack as deep as in other builds",
        arena_evidence=Evidence.BOUND,
    )
