"""LSTM, GRU and RNN on float32: a step for each direction, over the whole sequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import DType, Operator

LENGTHS, HIDDEN, CELL, PEEPHOLES = 4, 5, 6, 7  # inputs
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
KERNELS = {"LSTM": "lstm_f32", "GRU": "gru_f32", "RNN": "rnn_f32"}
FUNCTIONS = {
    "LSTM": ("sigmoid", "tanh", "tanh"),
    "GRU": ("sigmoid", "tanh"),
    "RNN": ("tanh",),
}
RNN_FUNCTIONS = {"tanh": 0, "relu": 1, "sigmoid": 2}  # of the kernel rnn_f32
QUANTIZED = "DynamicQuantizeLSTM"
DIRECTIONS = {"forward": (0,), "reverse": (1,), "bidirectional": (0, 1)}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of one recurrent layer."""

    steps: int
    batch: int
    inputs: int
    units: int
    directions: tuple[int, ...]
    batch_first: bool

    @property
    def output(self) -> tuple[int, ...]:
        """Shape of the outputs of all steps."""
        n = len(self.directions)
        if self.batch_first:
            return (self.batch, self.steps, n, self.units)
        return (self.steps, n, self.batch, self.units)

    @property
    def state(self) -> tuple[int, ...]:
        """Shape of the states of all directions."""
        n = len(self.directions)
        return (self.batch, n, self.units) if self.batch_first else (n, self.batch, self.units)

    def sequence(self, index: int) -> dict[str, int]:
        """The ``fg_sequence`` of a direction."""
        n = len(self.directions)
        if self.batch_first:
            walk = (self.inputs, self.steps * self.inputs)
            written = (self.units * index, n * self.units, self.steps * n * self.units)
        else:
            walk = (self.batch * self.inputs, self.inputs)
            block = self.batch * self.units
            written = (block * index, n * block, self.units)
        return {
            "steps": self.steps,
            "batch": self.batch,
            "inputs": self.inputs,
            "units": self.units,
            "in_step": walk[0],
            "in_batch": walk[1],
            **dict(zip(("out_start", "out_step", "out_batch"), written, strict=True)),
            "reverse": self.directions[index],
        }


def lower_recurrent(operator: Operator, context: OnnxContext) -> None:
    """All three; which outputs the file names decides what is bound."""
    sizes = layer_sizes(operator, context)
    refuse_forms(operator, context, FUNCTIONS[operator.op_type])
    data = context.logical(context.float_view(operator, 0)).operand
    y = context.builder.value(f"{context.builder.label} output", sizes.output, DType.FLOAT32)
    has_cell = operator.op_type == "LSTM"
    hidden_states, cells = [], []
    for index in range(len(sizes.directions)):
        hidden = first_state(operator, context, HIDDEN, sizes, index)
        also = [hidden]
        if has_cell:
            also.append(first_state(operator, context, CELL, sizes, index))
            cells.append(also[1])
        elif operator.op_type == "GRU":
            also.append(context.builder.value("work space", (sizes.units,), DType.FLOAT32))
        hidden_states.append(hidden)
        fields = {"sequence": sizes.sequence(index), **_fields(operator, context)}
        parameters = tuple(_parameter(operator, context, i, sizes, index) for i in (1, 2, 3))
        kernel = KERNELS[operator.op_type]
        context.builder.step(kernel, fields, (data, *parameters), y, also=tuple(also))
    bind_named(operator, context, 0, y, sizes.output)
    bind_named(operator, context, 1, joined(context, hidden_states, sizes), sizes.state)
    if has_cell:
        bind_named(operator, context, 2, joined(context, cells, sizes), sizes.state)


def layer_sizes(operator: Operator, context: OnnxContext) -> Sizes:
    """From the shapes of data and weights."""
    shapes = [context.graph.tensors[i or 0].static_shape for i in operator.inputs[:3]]
    direction = operator.attributes.get("direction", "forward")
    if len(shapes) < 3 or any(len(shape) != 3 for shape in shapes) or direction not in DIRECTIONS:
        raise context.refusal(operator, f"its inputs have shapes {[list(s) for s in shapes]}")
    x, w, r = shapes
    if operator.op_type == QUANTIZED:  # its weights stand the other way
        w, r = ((n, rows, columns) for n, columns, rows in (w, r))
    directions = DIRECTIONS[direction]
    batch_first = bool(operator.attributes.get("layout", 0))
    steps, batch = (x[1], x[0]) if batch_first else x[:2]
    units, gates = r[2], GATES.get(operator.op_type, GATES["LSTM"])
    wanted = ((len(directions), gates * units, x[2]), (len(directions), gates * units, units))
    if (w, r) != wanted:
        raise context.refusal(operator, f"its weights have shapes {list(w)} and {list(r)}")
    return Sizes(steps, batch, x[2], units, directions, batch_first)


def refuse_forms(operator: Operator, context: OnnxContext, plain: tuple[str, ...]) -> None:
    """Says what of the operator is not computed; ``plain`` are the activations that are."""
    attributes = operator.attributes
    if context.has_input(operator, LENGTHS) or context.has_input(operator, PEEPHOLES):
        raise context.refusal(operator, "it has sequence lengths or peepholes")
    if attributes.get("clip", 0.0) or attributes.get("input_forget", 0):
        raise context.refusal(operator, "it clips its gates or couples them")
    names = tuple(str(name).lower() for name in attributes.get("activations", plain))
    known = set(RNN_FUNCTIONS) if operator.op_type == "RNN" else set()
    if not (names[: len(plain)] == plain or (set(names) <= known and len(set(names)) == 1)):
        raise context.refusal(operator, f"its activations are {list(names)}")
    if names != plain * (len(names) // len(plain)) and operator.op_type != "RNN":
        raise context.refusal(operator, f"its activations are {list(names)}")


def _fields(operator: Operator, context: OnnxContext) -> Mapping[str, Field]:
    attributes = operator.attributes
    if operator.op_type == "LSTM":
        return {"has_two_biases": 1 if context.has_input(operator, 3) else 0, "clip": 0.0}
    if operator.op_type == "GRU":
        return {"linear_before_reset": int(bool(attributes.get("linear_before_reset", 0)))}
    function = str(attributes.get("activations", ("tanh",))[0]).lower()
    return {"function": RNN_FUNCTIONS[function]}


def _parameter(
    operator: Operator, context: OnnxContext, position: int, sizes: Sizes, index: int
) -> Operand:
    """Weights, recurrent weights or bias of one direction."""
    gates = GATES[operator.op_type] * sizes.units
    if position == 3 and not context.has_input(operator, position):
        return np.zeros(gates * (1 if operator.op_type == "LSTM" else 2), np.float32)
    view = context.logical(context.float_view(operator, position))
    if position == 3 and view.shape != (len(sizes.directions), 2 * gates):
        raise context.refusal(operator, f"its bias has shape {list(view.shape)}")
    if not isinstance(view.operand, int):
        return np.ascontiguousarray(view.operand[index])
    if len(sizes.directions) == 1:
        return view.operand
    return _taken(context, view, 0, index)


def _taken(context: OnnxContext, view: View, axis: int, index: int) -> int:
    """A copy of one slice along an axis."""
    strides = dense_strides(view.shape)
    shape = view.shape[:axis] + view.shape[axis + 1 :]
    layout = Layout(strides[:axis] + strides[axis + 1 :], index * strides[axis])
    value = context.builder.value(f"{context.builder.label} part", shape, DType.FLOAT32)
    copy(context.builder, view.operand, layout, value, dense(shape), shape)
    return value


def first_state(
    operator: Operator, context: OnnxContext, position: int, sizes: Sizes, index: int
) -> int:
    """A value that starts as the file says, or as zeros."""
    shape = (sizes.batch, sizes.units)
    if context.has_input(operator, position):
        view = context.logical(context.float_view(operator, position))
        if view.shape != sizes.state:
            raise context.refusal(operator, f"its first state has shape {list(view.shape)}")
        return _taken(context, view, 1 if sizes.batch_first else 0, index)
    value = context.builder.value(f"{context.builder.label} state", shape, DType.FLOAT32)
    n = sizes.batch * sizes.units
    fields: dict[str, Field] = {"element": (0, 0, 0, 0), "element_bytes": 4, "n": n}
    context.builder.step("fill", fields, (), value)
    return value


def joined(context: OnnxContext, states: list[int], sizes: Sizes) -> int:
    """The states of all directions in one value."""
    if len(states) == 1:
        return states[0]
    strides = dense_strides(sizes.state)
    axis = 1 if sizes.batch_first else 0
    value = context.builder.value(f"{context.builder.label} last", sizes.state, DType.FLOAT32)
    shape = (sizes.batch, sizes.units)
    for index, state in enumerate(states):
        place = Layout(strides[:axis] + strides[axis + 1 :], index * strides[axis])
        copy(context.builder, state, dense(shape), value, place, shape)
    return value


def bind_named(
    operator: Operator, context: OnnxContext, position: int, value: int, shape: tuple[int, ...]
) -> None:
    """The output, if the file names it."""
    if position < len(operator.outputs) and context.is_named(operator.outputs[position]):
        context.bind(operator, View(value, shape, identity(len(shape))), position)


TABLE: LoweringTable = {
    name: lowering(lower_recurrent, DType.FLOAT32, max_version=22) for name in GATES
}
