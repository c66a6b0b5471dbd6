"""What the lowering of an ONNX operator needs to know: its operands, and who uses its output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Entry,
    Integers,
    Numbers,
    Order,
    OutputScale,
    OutputTarget,
    QuantizedConstant,
    View,
    Wide,
    consumers_of,
    described,
    identity,
    same_memory,
)
from fitgraph.compiler_bridge.program import Array
from fitgraph.registry.model_graph import DType, ModelGraph, Operator

FLOAT32_MAX = float(np.finfo(np.float32).max)


class OnnxContext:
    """State of one lowering: tensor index to how the tensor is held."""

    def __init__(self, graph: ModelGraph, builder: ProgramBuilder) -> None:
        self.graph = graph
        self.builder = builder
        self.entries: dict[int, Entry] = {}
        self.done: set[int] = set()  # positions of operators fused into an earlier one
        self.consumers = consumers_of(graph)
        self.outputs = frozenset(graph.outputs)
        self.folded_bytes = 0  # of constants computed from others

    # entries -------------------------------------------------------------------------------

    def has_input(self, operator: Operator, position: int) -> bool:
        return position < len(operator.inputs) and operator.inputs[position] is not None

    def entry(self, operator: Operator, position: int) -> Entry:
        """How an input is held."""
        index = operator.inputs[position] if position < len(operator.inputs) else None
        if index is None:
            raise self.refusal(operator, f"input {position} is missing")
        if index not in self.entries:
            data = self.graph.tensors[index].data
            if data is None:
                raise self.refusal(operator, f"nothing writes its input {position}")
            self.entries[index] = Constant(data)
        return self.entries[index]

    def constant(self, operator: Operator, position: int, what: str) -> Array:
        """The value of an input that must be known when compiling."""
        entry = self.entry(operator, position)
        if isinstance(entry, Constant):
            return entry.array
        if isinstance(entry, QuantizedConstant):
            return entry.dequantized
        raise self.refusal(operator, f"its {what} is not a constant")

    def is_constant(self, operator: Operator, position: int) -> bool:
        """Whether the input's value is known by now."""
        index = operator.inputs[position]
        if index is None:
            return False
        entry = self.entries.get(index)
        if entry is None:
            return self.graph.tensors[index].data is not None
        return isinstance(entry, Constant | QuantizedConstant)

    def scalar(self, operator: Operator, position: int, what: str) -> float:
        """A constant of one element."""
        array = self.constant(operator, position, what)
        if array.size != 1:
            raise self.refusal(operator, f"its {what} has {array.size} elements, not one")
        return float(array.reshape(-1)[0])

    def integers(self, operator: Operator, position: int, what: str) -> list[int]:
        """A constant list of integers."""
        array = self.constant(operator, position, what)
        if array.dtype not in (np.int64, np.int32):
            raise self.refusal(operator, f"its {what} is {array.dtype}, not integers")
        return [int(number) for number in array.reshape(-1)]

    def axis(self, operator: Operator, axis: int, rank: int) -> int:
        """An axis counted from the front."""
        if not -rank <= axis < rank:
            raise self.refusal(operator, f"it names axis {axis} of {rank}")
        return axis % rank

    def axes(self, operator: Operator, axes: Iterable[int], rank: int) -> list[int]:
        """Different axes counted from the front."""
        found = [self.axis(operator, int(axis), rank) for axis in axes]
        if len(set(found)) != len(found):
            raise self.refusal(operator, f"it names an axis twice among {found}")
        return found

    def view(self, operator: Operator, position: int) -> View:
        """A tensor in memory; an integer tensor is a view without scale."""
        entry = self.entry(operator, position)
        if isinstance(entry, Wide):
            return self.float_view(operator, position)
        if isinstance(entry, Integers | Numbers):
            return entry.view
        if isinstance(entry, View):
            return entry
        raise self.refusal(operator, f"its input {position} is a constant")

    def quantized_view(self, operator: Operator, position: int) -> View | None:
        """The input as integers with a scale, if that is how it is held in memory."""
        entry = self.entry(operator, position)
        return entry if isinstance(entry, View) and entry.is_quantized else None

    def quantized_operand(self, operator: Operator, position: int) -> View | None:
        """The input as integers with one scale, in memory or constant."""
        entry = self.entry(operator, position)
        if isinstance(entry, QuantizedConstant):
            return entry.as_view
        return self.quantized_view(operator, position)

    def float_view(self, operator: Operator, position: int) -> View:
        """The input as float32 in memory or as a float32 constant."""
        entry = self.entry(operator, position)
        if isinstance(entry, Constant | QuantizedConstant):
            array = entry.array if isinstance(entry, Constant) else entry.dequantized
            if array.dtype != np.float32:
                raise self.refusal(operator, f"its input {position} is {array.dtype}")
            return View(array, array.shape, identity(array.ndim))
        if isinstance(entry, Wide) and entry.scale is not None:
            entry = replace(entry.view, scale=entry.scale, zero_point=entry.zero_point)
        if isinstance(entry, Integers | Numbers | Wide):
            raise self.refusal(operator, f"its input {position} is an integer tensor")
        return self.dequantized(entry)

    def dequantized(self, view: View) -> View:
        """The view as float32, by a step where it is integers."""
        if view.scale is None:
            return view
        shape = view.memory_shape
        value = self.builder.value(f"{self.builder.label} input", shape, DType.FLOAT32)
        n = self.builder.values[value].n_elements
        fields = {"scale": view.scale, "zero_point": view.zero_point, "n": n}
        is_wide = self.builder.dtype_of(view.operand) is DType.INT16
        kernel = "dequantize_s16" if is_wide else "dequantize_s8"
        self.builder.step(kernel, fields, (view.operand,), value)
        return replace(view, operand=value, scale=None, zero_point=0, unsigned=False)

    # memory --------------------------------------------------------------------------------

    def in_order(self, view: View, order: Order) -> View:
        """The view with its axes in that order in memory, by a copy where needed."""
        if same_memory(view.shape, view.order, order):
            return replace(view, order=order)
        if not isinstance(view.operand, int):
            at = [view.order.index(axis) for axis in order]
            return replace(
                view, operand=np.ascontiguousarray(view.operand.transpose(at)), order=order
            )
        strides = dict(zip(view.order, dense_strides(view.memory_shape), strict=True))
        sizes = tuple(view.shape[axis] for axis in order)
        layout = Layout(tuple(strides[axis] for axis in order))
        dtype = self.builder.dtype_of(view.operand)
        value = self.builder.value(f"{self.builder.label} reordered", sizes, dtype)
        copy(self.builder, view.operand, layout, value, dense(sizes), sizes)
        return replace(view, operand=value, order=order)

    def logical(self, view: View) -> View:
        """The view in logical order."""
        return self.in_order(view, identity(len(view.shape)))

    def new_value(self, operator: Operator, shape: tuple[int, ...], dtype: DType) -> int:
        """A value for the operator's first output, shape in memory order."""
        name = self.graph.tensors[operator.outputs[0]].name
        return self.builder.value(name, shape, dtype)

    def output_shape(self, operator: Operator, position: int = 0) -> tuple[int, ...]:
        return self.graph.tensors[operator.outputs[position]].static_shape

    def bind(self, operator: Operator, entry: Entry, position: int = 0) -> None:
        """The operator's output is held so."""
        tensor = self.graph.tensors[operator.outputs[position]]
        shape, dtypes = described(entry)
        if shape != tensor.static_shape or tensor.dtype.value not in dtypes:
            raise self.refusal(
                operator,
                f"it yields {dtypes[0]} of shape {list(shape)} where the file says "
                f"{tensor.dtype} of shape {list(tensor.static_shape)}",
            )
        self.entries[operator.outputs[position]] = entry

    def is_named(self, tensor: int) -> bool:
        """Whether an output is wanted; one that is left out has no name."""
        return bool(self.graph.tensors[tensor].name)

    # what follows an operator --------------------------------------------------------------

    def only_consumer(self, tensor: int) -> tuple[int, Operator] | None:
        """Position and operator, if exactly one reads the tensor and it is no model output."""
        users = self.consumers[tensor]
        if len(users) != 1 or tensor in self.outputs:
            return None
        user = self.graph.operators[users[0]]
        return (users[0], user) if user.inputs[0] == tensor else None

    def following_clip(self, tensor: int) -> tuple[int, Operator, float, float] | None:
        """The Relu or Clip with constant bounds that alone reads the tensor, and its bounds."""
        follower = self.only_consumer(tensor)
        if follower is None:
            return None
        bounds = self.clip_bounds(follower[1])
        return None if bounds is None else (*follower, *bounds)

    def clip_bounds(self, operator: Operator) -> tuple[float, float] | None:
        """Bounds of a Relu or Clip, if they are known."""
        if operator.op_type == "Relu":
            return 0.0, FLOAT32_MAX
        if operator.op_type != "Clip":
            return None
        bounds = [-FLOAT32_MAX, FLOAT32_MAX]
        for i, name in enumerate(("min", "max")):
            if name in operator.attributes:
                bounds[i] = float(operator.attributes[name])
            elif self.has_input(operator, i + 1):
                if not self.is_constant(operator, i + 1):
                    return None
                bounds[i] = self.scalar(operator, i + 1, name)
        if any(np.isnan(bounds)):
            raise self.refusal(operator, f"its bounds are {bounds}")
        # The upper bound is applied last, so it wins where the two are in the wrong order.
        low, high = (float(np.clip(bound, -FLOAT32_MAX, FLOAT32_MAX)) for bound in bounds)
        return min(low, high), high

    def quantizer(self, operator: Operator, bits: int = 8) -> OutputTarget | None:
        """Where the output goes if one QuantizeLinear alone reads it, maybe after a clip.

        Args:
            bits: of the integers that it must yield.
        """
        tensor = operator.outputs[0]
        skipped: list[int] = []
        low, high = -FLOAT32_MAX, FLOAT32_MAX
        clip = self.following_clip(tensor)
        if clip is not None:
            position, follower, low, high = clip
            skipped.append(position)
            tensor = follower.outputs[0]
        last = self.only_consumer(tensor)
        if last is None or last[1].op_type != "QuantizeLinear":
            return None
        if not all(self.is_constant(last[1], i) for i in range(1, len(last[1].inputs))):
            return None
        scale = self.output_scale(last[1], 1, 2, bits)
        if scale is None:
            return None
        bounds = scale.quantize(np.array([low, high], np.float32))
        clamped = replace(scale, low=int(bounds[0]), high=int(bounds[1]))
        return OutputTarget(clamped, last[1], (*skipped, last[0]), self.is_unsigned(last[1]))

    def fuse_clip(self, operator: Operator) -> tuple[float, float, Operator]:
        """Takes a Relu or Clip that alone reads the output into this operator.

        Returns:
            its bounds and the operator whose output is now written.
        """
        clip = self.following_clip(operator.outputs[0])
        if clip is None:
            return -FLOAT32_MAX, FLOAT32_MAX, operator
        position, follower, low, high = clip
        self.done.add(position)
        return low, high, follower

    # scales --------------------------------------------------------------------------------

    def is_unsigned(self, operator: Operator) -> bool:
        return self.graph.tensors[operator.outputs[0]].dtype in (DType.UINT8, DType.UINT16)

    def output_scale(
        self, operator: Operator, scale: int, zero_point: int, bits: int = 8
    ) -> OutputScale | None:
        """Per-tensor quantization given by two inputs; None if it is of another kind."""
        if self.graph.tensors[operator.outputs[0]].dtype not in (f"int{bits}", f"uint{bits}"):
            return None
        scales = self.constant(operator, scale, "scale")
        if scales.size != 1:
            return None
        dtype = self.graph.tensors[operator.outputs[0]].dtype
        zero = self.zero_points(operator, zero_point, np.dtype(dtype.value), 1)
        half = 1 << (bits - 1)
        shift = half if self.is_unsigned(operator) else 0
        number = float(self.checked_scales(operator, scales)[0])
        signed = np.int8 if bits == 8 else np.int16
        return OutputScale(number, int(zero[0]) - shift, -half, half - 1, signed)

    def checked_scales(self, operator: Operator, scales: Array) -> Array:
        """The scales in one row.

        Raises:
            UnsupportedOperatorError: one is not a positive float32 number.
        """
        row = scales.reshape(-1)
        if row.dtype != np.float32 or row.size == 0:
            raise self.refusal(operator, f"its scale is {row.size} x {row.dtype}, not float32")
        wrong = row[~(np.isfinite(row) & (row > 0))]
        if wrong.size:
            raise self.refusal(operator, f"its scale is {wrong[0]}")
        return row

    def zero_points(
        self, operator: Operator, position: int, dtype: np.dtype[np.generic], n: int
    ) -> Array:
        """The zero points in one row of ``n``, int64; zeros where they are left out.

        Raises:
            UnsupportedOperatorError: they are of another type, or not so many.
        """
        if not self.has_input(operator, position):
            return np.zeros(n, np.int64)
        array = self.constant(operator, position, "zero point")
        if array.dtype != dtype:
            raise self.refusal(operator, f"its zero point is {array.dtype}, its data {dtype}")
        if array.size not in (1, n):
            raise self.refusal(operator, f"it has {array.size} zero points for {n} scales")
        return np.broadcast_to(array.reshape(-1).astype(np.int64), n)

    def bind_quantized(self, target: OutputTarget, view: View) -> None:
        """The integers written are the output of the QuantizeLinear that was fused."""
        self.done |= set(target.fused)
        self.bind(target.quantizer, Integers(view, target.unsigned))

    def refusal(self, operator: Operator, why: str) -> UnsupportedOperatorError:
        """The error for an operator that cannot be lowered as it stands."""
        name = f" ({operator.name})" if operator.name else ""
        return UnsupportedOperatorError(
            f"{operator.qualified_name}{name} cannot be compiled: {why}",
            hint="`fitgraph model show` lists the model's operators; use another runtime for it",
        )
