"""Variables of streaming models: VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE, CALL_ONCE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.movement import copy, dense
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.tflite_calls import called_by

STATE_DTYPES = (
    DType.INT8,
    DType.FLOAT32,
    DType.INT16,
    DType.INT32,
    DType.UINT8,
    DType.BOOL,
)


def variable_name(operator: Operator) -> str:
    """A variable is known by its container and its shared name."""
    attributes = operator.attributes
    return f"{attributes.get('container', '')}/{attributes.get('shared_name', '')}"


def declare_variables(context: TfliteContext) -> None:
    """Gives each variable of the graph its place, kept between inferences.

    Its contents start as the initialisation subgraph assigns them, or as zero bytes.
    """
    contents = _initial_contents(context.graph)
    for name, tensor in _variables(context.parts).items():
        shape, dtype = tensor.static_shape, tensor.dtype
        value = context.builder.value(name, shape, dtype, is_state=True)
        context.variables[name] = value
        initial = contents.get(name)
        if initial is None:
            reset_to(context, value, np.zeros((), dtype.value))
            continue
        if initial.shape != shape or initial.dtype.name != dtype.value:
            raise _malformed(f"variable {name!r} of {dtype} {list(shape)} starts as another")
        element = initial.reshape(-1)[:1]
        if not np.array_equal(np.broadcast_to(element, initial.size), initial.reshape(-1)):
            copy(context.builder, initial, dense(shape), value, dense(shape), shape)
        else:
            fill_with(context, value, element)
        context.reset_steps.append(context.builder.steps.pop())


def reset_to(context: TfliteContext, value: int, element: Array) -> None:
    """A state starts with all its elements alike."""
    fill_with(context, value, element)
    context.reset_steps.append(replace(context.builder.steps.pop(), region=None))


def fill_with(context: TfliteContext, value: int, element: Array) -> None:
    """Adds a step that writes one element, of 4 bytes at most, all over a value."""
    raw = list(element.tobytes())
    fields: dict[str, Field] = {
        "element": tuple(raw + [0] * (4 - len(raw))),
        "element_bytes": len(raw),
        "n": context.builder.values[value].n_elements,
    }
    context.builder.step("fill", fields, (), value)


def _handles(graph: ModelGraph) -> dict[int, str]:
    """Resource tensor to variable name."""
    return {
        operator.outputs[0]: variable_name(operator)
        for operator in graph.operators
        if operator.op_type == "VAR_HANDLE"
    }


def _scopes(
    parts: Sequence[ModelGraph], index: int, given: Mapping[int, str]
) -> Iterator[tuple[ModelGraph, dict[int, str]]]:
    """A graph and all that it runs, each with its resource tensors' variables."""
    graph = parts[index]
    handles = {**given, **_handles(graph)}
    for operator in graph.operators:
        called = called_by(operator)
        if operator.op_type == "CALL_ONCE" or not called:
            continue
        inputs = operator.inputs[1:] if operator.op_type == "IF" else operator.inputs
        for one in called:
            bound = zip(parts[one].inputs, inputs, strict=False)
            inner = {i: handles[o] for i, o in bound if o is not None and o in handles}
            yield from _scopes(parts, one, inner)
        if operator.op_type == "WHILE":
            ends = zip(operator.outputs, operator.inputs, strict=False)
            handles |= {o: handles[i] for o, i in ends if i is not None and i in handles}
    yield graph, handles


def _variables(parts: Sequence[ModelGraph]) -> dict[str, Tensor]:
    """Shape and dtype of each variable, from where it is read or assigned."""
    found: dict[str, Tensor] = {}
    used = (
        (graph, handles, operator)
        for graph, handles in _scopes(parts, 0, {})
        for operator in graph.operators
    )
    for graph, handles, operator in used:
        if operator.op_type == "READ_VARIABLE":
            tensor = graph.tensors[operator.outputs[0]]
        elif operator.op_type == "ASSIGN_VARIABLE":
            tensor = graph.tensors[_index(operator, 1)]
        else:
            continue
        name = _name(handles, operator)
        first = found.setdefault(name, tensor)
        if (first.shape, first.dtype) != (tensor.shape, tensor.dtype):
            raise _malformed(
                f"variable {name!r} is {first.dtype} {list(first.shape)} and {tensor.dtype} "
                f"{list(tensor.shape)}"
            )
    return found


def _initial_contents(graph: ModelGraph) -> dict[str, Array]:
    """Constants that the subgraphs called once assign."""
    contents: dict[str, Array] = {}
    for operator in graph.operators:
        if operator.op_type != "CALL_ONCE":
            continue
        index = int(operator.attributes.get("init_subgraph_index", 0))
        if not 1 <= index <= len(graph.subgraphs):
            raise _malformed(f"CALL_ONCE calls subgraph {index} of {len(graph.subgraphs)}")
        contents |= _assigned(graph.subgraphs[index - 1])
    return contents


def _assigned(subgraph: ModelGraph) -> dict[str, Array]:
    """Constants that a subgraph of nothing but assignments assigns."""
    handles, contents = _handles(subgraph), {}
    for operator in subgraph.operators:
        if operator.op_type == "VAR_HANDLE":
            continue
        data = None
        if operator.op_type == "ASSIGN_VARIABLE":
            data = subgraph.tensors[_index(operator, 1)].data
        if data is None:
            raise UnsupportedOperatorError(
                f"{operator.qualified_name} in {subgraph.name} cannot be compiled: only constants "
                "may be assigned there",
                hint="fold the constants of the initialisation when converting the model",
            )
        contents[_name(handles, operator)] = data
    return contents


def _index(operator: Operator, position: int) -> int:
    index = operator.inputs[position] if position < len(operator.inputs) else None
    if index is None:
        raise _malformed(f"{operator.op_type} lacks input {position}")
    return index


def _name(handles: dict[int, str], operator: Operator) -> str:
    """The variable that the operator's first input stands for."""
    handle = _index(operator, 0)
    if handle not in handles:
        raise _malformed(f"{operator.op_type} names no variable")
    return handles[handle]


def _malformed(problem: str) -> UnsupportedOperatorError:
    return UnsupportedOperatorError(problem, hint="convert the model again")


def lower_nothing(operator: Operator, context: TfliteContext) -> None:
    """CALL_ONCE leaves no step: variables have been declared.

    Raises:
        UnsupportedOperatorError: it stands in a loop or a branch.
    """
    if context.graph is not context.parts[0]:
        raise context.refusal(operator, "it stands in a subgraph")


def lower_handle(operator: Operator, context: TfliteContext) -> None:
    """VAR_HANDLE gives a variable its name."""
    context.handles[operator.outputs[0]] = variable_name(operator)


def lower_read_variable(operator: Operator, context: TfliteContext) -> None:
    """A copy, since the variable may be assigned before the value is used."""
    source = context.variables[_name(context.handles, operator)]
    shape = context.output(operator).static_shape
    copy(context.builder, source, dense(shape), context.new_output(operator), dense(shape), shape)


def lower_assign_variable(operator: Operator, context: TfliteContext) -> None:
    """The new value is copied into the variable's place."""
    target = context.variables[_name(context.handles, operator)]
    shape = context.tensor(operator, 1).static_shape
    copy(context.builder, context.operand(operator, 1), dense(shape), target, dense(shape), shape)


TABLE: LoweringTable = {
    "VAR_HANDLE": lowering(lower_handle, DType.RESOURCE, max_version=1),
    "CALL_ONCE": lowering(lower_nothing, max_version=1),
    "READ_VARIABLE": lowering(lower_read_variable, *STATE_DTYPES, max_version=1),
    "ASSIGN_VARIABLE": lowering(lower_assign_variable, *STATE_DTYPES, max_version=1),
}
