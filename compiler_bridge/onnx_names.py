"""Names of nodes, which mean nothing in ONNX, but must differ for onnxruntime."""

from __future__ import annotations

from collections.abc import Iterable

import onnx


def are_distinct(names: Iterable[str]) -> bool:
    """Whether no two nodes have one name; any number may have none."""
    given = [name for name in names if name]
    return len(given) == len(set(given))


def without_equal_names(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The model; its nodes lose their names, in place, if two have the same."""
    if not are_distinct(node.name for node in proto.graph.node):
        for node in proto.graph.node:
            node.ClearField("name")
    return proto
