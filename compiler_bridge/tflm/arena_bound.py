"""A bound on the arena of a TFLite model on 32-bit cores, from a run of TFLM on this machine.

What the interpreter keeps has the same fields on every machine, and none of them is wider on a
32-bit core. So the arena measured here is a bound for the portable kernels, less the bytes that
pointers save in the two tables whose layout is public. CMSIS-NN's kernels ask for scratch, which is
planned among the tensors, and keep a little more for each operator: both are added.
"""

from __future__ import annotations

from typing import Final

from fitgraph.compiler_bridge.tflm.cmsis_nn_scratch import KERNELS, extension_of, scratch_bytes
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
# What kernels/cmsis_nn keeps besides what the portable kernel does, in steps of 16: an index and
# sizes; FULLY_CONNECTED also keeps two pointers.
_KEPT_BY_OPERATOR: Final = 16
_KEPT_BY_DENSE: Final = 32
# Two tables of int32 for each output where the output has more than two dimensions.
_TABLES_BY_OUTPUT: Final = 8


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
    portable = measured.arena_bytes - _saved_by_pointers(graph, measured)
    if runtime == PORTABLE:
        return aligned(portable), ""
    if graph.subgraphs or has_control_flow(graph):
        return None, "a plan with control flow is not known for CMSIS-NN"
    scratch = _scratch(graph, isa_class)
    if isinstance(scratch, str):
        return None, f"the scratch of CMSIS-NN's {scratch} is not known"
    extra = head_bytes(planned_buffers(graph, scratch)) - head_bytes(planned_buffers(graph))
    return aligned(portable + max(0, extra) + _kept_by_kernels(graph)), ""


def _saved_by_pointers(graph: ModelGraph, measured: Measurement) -> int:
    if measured.machine not in _64_BIT:
        return 0
    return _SAVED_BY_TENSOR * len(graph.tensors) + _SAVED_BY_OPERATOR * len(graph.operators)


def _scratch(graph: ModelGraph, isa_class: str) -> dict[int, int] | str:
    """Bytes by operator, or the operator of which they are not known."""
    extension, found = extension_of(isa_class), {}
    for position, operator in enumerate(graph.operators):
        n_bytes = scratch_bytes(graph, operator, extension)
        if n_bytes is None:
            return operator.op_type
        found[position] = n_bytes
    return found


def _kept_by_kernels(graph: ModelGraph) -> int:
    total = 0
    for operator in graph.operators:
        if operator.op_type == "FULLY_CONNECTED":
            shape = graph.tensor(operator.outputs[0]).static_shape
            total += _KEPT_BY_DENSE + (_TABLES_BY_OUTPUT * shape[-1] if len(shape) > 2 else 0)
        elif operator.op_type in KERNELS:
            total += _KEPT_BY_OPERATOR
    return total
