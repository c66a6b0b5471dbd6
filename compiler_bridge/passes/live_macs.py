"""Multiply-accumulates that are left of each operator once dead channels are out."""

from __future__ import annotations

from collections import Counter

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.passes.dead_channels import drop_dead_channels
from fitgraph.compiler_bridge.passes.step_macs import step_macs
from fitgraph.compiler_bridge.regions import times
from fitgraph.registry.model_graph import ModelGraph


def live_macs(graph: ModelGraph) -> dict[str, int]:
    """By the operator's kind and place (``CONV_2D #3``); only those that kernels' fields tell.

    Raises:
        BridgeError: the model cannot be compiled.
    """
    counted: Counter[str] = Counter()
    program = lower(graph, drop_dead_channels)
    for step in program.steps:
        counted[step.label] += step_macs(step) * (times(program, step) or 0)
    return {label: macs for label, macs in counted.items() if macs}
