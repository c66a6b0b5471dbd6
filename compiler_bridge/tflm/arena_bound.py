"""A bound on the arena of a TFLite model on 32-bit cores, from a run of TFLM on this machine.

What the interpreter keeps has the same fields on every machine, and none of them is wider on a
32-bit core. So the arena measured here is a bound for the portable kernels, less the bytes that
pointers save in the two tables whose layout is public. CMSIS-NN's kernels ask for scratch, which is
planned among the tensors, and keep a little more for each operator: both are added.
"""

from __future__ import annotations

from typing import Final

from fitgraph.compiler_bridge.cmsis_nn.scratch import extension_of
from fitgraph.compiler_bridge.tflm.cmsis_nn_scratch import (
    kept_bytes,
    portable_blocks,
    scratch_blocks,
)
from fitgraph.compiler_bridge.tflm.greedy_plan import aligned, head_bytes, planned_buffers
from fitgraph.registry.macs import has_control_flow
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_graph import ModelGraph

PORTABLE: Final = "tflm"
CMSIS_NN: Final = "tflm+cmsis-nn"
RUNTIMES: Final = (PORTABLE, CMSIS_NN)

#: Machines whose pointers take eight bytes.
_64_BIT: Final = frozenset({"x86-64", "aarch64", "arm64", "riscv64"})
# TfLiteEvalTensor has two pointers and a type; NodeAndRegistration seven pointers and a size
# (tensorflow/tflite-micro, lite/c/common.h; the interpreter prints 24 and 64 bytes on x86-64).
_SAVED_BY_TENSOR: Final = 12
_SAVED_BY_OPERATOR: Final = 32


def arena_bound(
    graph: ModelGraph, measured: Measurement, runtime: str, isa_class: str
) -> tuple[int | None, str]:
    """The most bytes of arena that the model needs, and why that is not known.

    Args:
        graph: of the model as stored.
        measured: the arena that TFLM's interpreter needed on this machine.
        runtime: one of ``RUNTIMES``.
        isa_class: of the target, with pointers of 32 bits.

    Returns:
        The bound and an empty string; or None and a clause.
    """
    if measured.arena_bytes is None:
        return None, measured.refusal or "the interpreter did not run it"
    if _grows_lists(graph):
        return None, "its loops have tensors of changing sizes, which TFLM takes for fixed ones"
    portable = measured.arena_bytes - _saved_by_pointers(graph, measured)
    if runtime == PORTABLE:
        return aligned(portable), ""
    if graph.subgraphs or has_control_flow(graph):
        return None, "a plan with control flow is not known for CMSIS-NN"
    scratch = _scratch(graph, isa_class)
    if isinstance(scratch, str):
        return None, f"the scratch of CMSIS-NN's {scratch} is not known"
    own = {place: portable_blocks(graph, one) for place, one in enumerate(graph.operators)}
    extra = head_bytes(planned_buffers(graph, scratch)) - head_bytes(planned_buffers(graph, own))
    return aligned(portable + max(0, extra) + _kept_by_kernels(graph, isa_class)), ""


def _grows_lists(graph: ModelGraph) -> bool:
    """Whether a subgraph takes pieces whose sizes it computes, as loops do that fill a list."""
    return any(
        operator.op_type == "SLICE" and part.tensors[operator.inputs[2] or 0].data is None
        for part in graph.subgraphs
        for operator in part.operators
        if len(operator.inputs) == 3
    )


def _saved_by_pointers(graph: ModelGraph, measured: Measurement) -> int:
    if measured.machine not in _64_BIT:
        return 0
    return _SAVED_BY_TENSOR * len(graph.tensors) + _SAVED_BY_OPERATOR * len(graph.operators)


def _scratch(graph: ModelGraph, isa_class: str) -> dict[int, tuple[int, ...]] | str:
    """Bytes of each block by operator, or the operator of which they are not known."""
    extension, found = extension_of(isa_class), {}
    for position, operator in enumerate(graph.operators):
        blocks = scratch_blocks(graph, operator, extension)
        if blocks is None:
            return operator.op_type
        found[position] = blocks
    return found


def _kept_by_kernels(graph: ModelGraph, isa_class: str) -> int:
    extension = extension_of(isa_class)
    return sum(
        aligned(n_bytes)
        for operator in graph.operators
        for n_bytes in kept_bytes(graph, operator, extension)
    )
