"""Whether an ONNX graph computes every value once, before it is used."""

from __future__ import annotations

from collections import Counter

from onnx import GraphProto, NodeProto

from fitgraph.registry.errors import InvalidModelError

_SORT = "Sort it topologically, for example by saving it anew with its exporter."
_DAMAGED = "The file is damaged; get it again from its source."


def check_order(graph: GraphProto) -> None:
    """Refuse a graph that computes a value twice, too late, from itself or not at all.

    ``Constant`` nodes may stand anywhere. Values that only a subgraph of ``If`` or ``Loop``
    reads are not looked at.

    Raises:
        InvalidModelError: naming the node and the value.
    """
    known = _given_values(graph)
    producers = {name: i for i, node in enumerate(graph.node) for name in node.output if name}
    for index, node in enumerate(graph.node):
        if is_constant_node(node):
            continue
        label = f"node {index} ({node.op_type} {node.name!r})"
        for name in node.input:
            if name and name not in known:
                raise _unordered(graph, producers, label, name)
        for name in node.output:
            if name and name in known:
                raise InvalidModelError(f"{label} computes {name!r} again", hint=_DAMAGED)
            known.add(name)
    for value in graph.output:
        if value.name not in known or not value.name:
            raise InvalidModelError(
                f"nothing computes the graph's output {value.name!r}", hint=_DAMAGED
            )


def is_constant_node(node: NodeProto) -> bool:
    """Whether the node only holds a value, which is then a constant of the graph."""
    return node.op_type == "Constant" and node.domain in ("", "ai.onnx")


def _given_values(graph: GraphProto) -> set[str]:
    """Names of inputs and of constants, each of them once among its kind."""
    inputs = [value.name for value in graph.input]
    constants = [tensor.name for tensor in graph.initializer]
    for node in graph.node:
        if is_constant_node(node):
            constants.extend(node.output)
    for names in (inputs, constants):
        for name, count in Counter(names).items():
            if count > 1 or not name:
                raise InvalidModelError(
                    f"the graph has {count} inputs or constants named {name!r}", hint=_DAMAGED
                )
    return {*inputs, *constants}


def _unordered(
    graph: GraphProto, producers: dict[str, int], label: str, name: str
) -> InvalidModelError:
    if name not in producers:
        return InvalidModelError(f"{label} reads {name!r}, which nothing computes", hint=_DAMAGED)
    if _on_cycle(graph, producers, name):
        return InvalidModelError(
            f"{label} reads {name!r}, which is computed from itself: the graph has a cycle",
            hint="A graph must have no cycle; use Loop or Scan for recurrence.",
        )
    return InvalidModelError(
        f"{label} reads {name!r} before it is computed: the nodes are not in execution order",
        hint=_SORT,
    )


def _on_cycle(graph: GraphProto, producers: dict[str, int], name: str) -> bool:
    """Whether the node that computes ``name`` needs, directly or not, its own result."""
    start = producers[name]
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        for needed in graph.node[waiting.pop()].input:
            producer = producers.get(needed)
            if producer == start:
                return True
            if producer is not None and producer not in seen:
                seen.add(producer)
                waiting.append(producer)
    return False
