"""The passes that every program goes through, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fitgraph.compiler_bridge.cmsis_nn.calls import call_cmsis_nn
from fitgraph.compiler_bridge.lower.specialise import specialise
from fitgraph.compiler_bridge.passes.clearances import with_clearances
from fitgraph.compiler_bridge.passes.dead_channels import drop_dead_channels
from fitgraph.compiler_bridge.passes.loop_copies import without_loop_copies
from fitgraph.compiler_bridge.passes.pad_into_window import pad_into_window
from fitgraph.compiler_bridge.passes.reorder import reordered
from fitgraph.compiler_bridge.program import Program


@dataclass(frozen=True, slots=True)
class Pass:
    """A rewrite of a program that leaves its outputs as they are, to the bit.

    Attributes:
        does: in one clause.
    """

    name: str
    does: str
    run: Callable[[Program], Program]


PASSES = (
    Pass("loop-copies", "lets loops write what they keep in its place", without_loop_copies),
    Pass("padding", "layers pad their input themselves", pad_into_window),
    Pass("dead-channels", "leaves out channels that are constant or unread", drop_dead_channels),
    Pass("cmsis-nn", "calls CMSIS-NN where a build asks for it", call_cmsis_nn),
    Pass("packing", "lays weights out in the order in which kernels read them", specialise),
    Pass("in-place", "lets outputs begin in the memory of inputs", with_clearances),
    Pass("order", "runs steps in the order that needs least memory", reordered),
)


def optimised(program: Program) -> Program:
    """The program after all passes."""
    for one in PASSES:
        program = one.run(program)
    return program
