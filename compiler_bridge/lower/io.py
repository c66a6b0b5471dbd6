"""Gives every model output a value of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.movement import copy, dense
from fitgraph.compiler_bridge.program import Operand, ProgramIo


def finish_outputs(
    builder: ProgramBuilder,
    inputs: Sequence[ProgramIo],
    outputs: Sequence[tuple[ProgramIo, Operand]],
) -> tuple[ProgramIo, ...]:
    """Outputs bound to values; one that is an input, a constant, a state or another is copied."""
    taken = {io.value for io in inputs}
    taken |= {index for index, value in enumerate(builder.values) if value.is_state}
    finished = []
    for io, operand in outputs:
        value = operand
        if not isinstance(value, int) or value in taken:
            builder.label = f"output {io.name}"
            value = builder.value(io.name, io.shape, io.dtype)
            copy(builder, operand, dense(io.shape), value, dense(io.shape), io.shape)
        taken.add(value)
        finished.append(replace(io, value=value))
    return tuple(finished)
