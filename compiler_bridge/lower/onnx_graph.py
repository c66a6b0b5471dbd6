"""An ONNX model graph becomes a program, operator by operator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower import (
    onnx_along,
    onnx_batch_norm,
    onnx_binary,
    onnx_classical,
    onnx_concat,
    onnx_conv,
    onnx_conv_transpose,
    onnx_dense,
    onnx_depth,
    onnx_dynamic,
    onnx_dynamic_lstm,
    onnx_each,
    onnx_movement,
    onnx_normalize,
    onnx_pad,
    onnx_pool,
    onnx_pow,
    onnx_qgemm,
    onnx_quantize,
    onnx_rearranged,
    onnx_recurrent,
    onnx_reduce,
    onnx_requant_shift,
    onnx_resize,
    onnx_softmax,
    onnx_split,
    onnx_take,
    onnx_truths,
    onnx_unary,
    onnx_whole,
)
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.io import finish_outputs
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_fold import fold, folded
from fitgraph.compiler_bridge.lower.onnx_int16 import DTYPES as WIDE
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Numbers,
    QuantizedConstant,
    View,
    Wide,
    identity,
)
from fitgraph.compiler_bridge.lower.support import (
    Lowering,
    LoweringTable,
    merged,
    refuse_ends,
    refuse_unsupported,
)
from fitgraph.compiler_bridge.program import Operand, Program, ProgramIo
from fitgraph.compiler_bridge.texts import numbered, texts_of
from fitgraph.registry.model_graph import DType, ModelGraph, Operator

_LOWERINGS: LoweringTable = {
    **onnx_conv.TABLE,
    **onnx_batch_norm.TABLE,
    **onnx_dense.TABLE,
    **onnx_depth.TABLE,
    **onnx_dynamic.TABLE,
    **onnx_dynamic_lstm.TABLE,
    **onnx_qgemm.TABLE,
    **onnx_pool.TABLE,
    **onnx_binary.TABLE,
    **onnx_unary.TABLE,
    **onnx_each.TABLE,
    **onnx_pow.TABLE,
    **onnx_normalize.TABLE,
    **onnx_recurrent.TABLE,
    **onnx_reduce.TABLE,
    **onnx_resize.TABLE,
    **onnx_split.TABLE,
    **onnx_take.TABLE,
    **onnx_along.TABLE,
    **onnx_rearranged.TABLE,
    **onnx_truths.TABLE,
    **onnx_conv_transpose.TABLE,
    **onnx_softmax.TABLE,
    **onnx_movement.TABLE,
    **onnx_concat.TABLE,
    **onnx_pad.TABLE,
    **onnx_quantize.TABLE,
    **onnx_requant_shift.TABLE,
    **onnx_classical.TABLE,
}
ONNX_LOWERINGS = merged([_LOWERINGS, onnx_whole.TABLE])
DOMAINS = ("ai.onnx", "com.microsoft")
WHOLE = (*onnx_whole.NUMBERS, DType.BOOL)
IO_DTYPES = (DType.FLOAT32, DType.INT8, DType.UINT8, *WIDE, *WHOLE)


def lower_onnx(graph: ModelGraph, builder: ProgramBuilder) -> Program:
    """Kernel calls that compute what the written-down QLinear semantics say.

    Raises:
        UnsupportedOperatorError: an operator, its version, dtype or form is not compiled; the
            first such is named, and how many kinds there are.
    """
    texts = {index for index in graph.outputs if graph.tensor(index).dtype is DType.STRING}
    labels = texts_of(graph) if texts else ()
    graph = numbered(graph)
    constant = folded(graph)
    refuse_unsupported(graph, _why_not, constant)
    refuse_ends(graph, IO_DTYPES)
    context = OnnxContext(graph, builder)
    inputs = tuple(_input(context, index) for index in graph.inputs)
    for position, operator in enumerate(graph.operators):
        builder.label = f"{operator.op_type} #{position}"
        is_done = position in context.done or (position in constant and fold(operator, context))
        if not is_done:
            _entry(graph, operator).lower(operator, context)
    held = [_output(context, index, labels if index in texts else ()) for index in graph.outputs]
    outputs = finish_outputs(builder, inputs, held)
    return Program(
        name=graph.name,
        model_sha256=graph.sha256,
        flavour="float",
        values=tuple(builder.values),
        steps=tuple(builder.steps),
        inputs=inputs,
        outputs=outputs,
    )


def _why_not(graph: ModelGraph, operator: Operator) -> str:
    what = operator.qualified_name
    if not operator.outputs:
        return f"{what} has no output"
    entry = ONNX_LOWERINGS.get(operator.op_type) and _entry(graph, operator)
    if entry is None or operator.domain not in _domains(operator.op_type):
        return f"{what} is not supported"
    since = since_version(operator)
    if since > entry.max_version:
        return f"{what} of opset {since} is newer than {entry.max_version}, the newest supported"
    dtype = graph.tensors[operator.outputs[0]].dtype
    if dtype not in entry.dtypes:
        return f"{what} is not supported on {dtype}"
    return ""


def _entry(graph: ModelGraph, operator: Operator) -> Lowering:
    """How the operator is lowered on the data that it has."""
    found = onnx_whole.whole_lowering(graph, operator)
    return found or _LOWERINGS.get(operator.op_type) or onnx_whole.TABLE[operator.op_type]


def _domains(op_type: str) -> tuple[str, ...]:
    if op_type in onnx_classical.TABLE:
        return (onnx_classical.DOMAIN,)
    return (*DOMAINS, onnx_requant_shift.DOMAIN) if op_type in onnx_requant_shift.TABLE else DOMAINS


def since_version(operator: Operator) -> int:
    """Version of the operator set in which the operator got its present meaning."""
    domain = "" if operator.domain == "ai.onnx" else operator.domain
    if not onnx.defs.has(operator.op_type, domain):
        return 1
    try:
        schema = onnx.defs.get_schema(operator.op_type, operator.version, domain)
    except onnx.defs.SchemaError:
        return 1
    return int(schema.since_version)


def _input(context: OnnxContext, index: int) -> ProgramIo:
    tensor = context.graph.tensors[index]
    shape = tensor.static_shape
    value = context.builder.value(tensor.name, shape, tensor.dtype)
    view = View(value, shape, identity(len(shape)))
    if tensor.dtype is DType.FLOAT32:
        context.entries[index] = view
    elif tensor.dtype in WHOLE:
        context.entries[index] = Numbers(view, tensor.dtype)
    else:
        unsigned = tensor.dtype in _SIGNED
        if unsigned:
            view = replace(view, operand=_sign_flipped(context, value))
        held = Wide if tensor.dtype in WIDE else Integers
        context.entries[index] = held(view, unsigned)
    return ProgramIo(tensor.name, value, shape, tensor.dtype)


_SIGNED = {DType.UINT8: DType.INT8, DType.UINT16: DType.INT16}
_TURNED = _SIGNED | {signed: unsigned for unsigned, signed in _SIGNED.items()}


def _sign_flipped(context: OnnxContext, operand: Operand) -> Operand:
    """Unsigned integers to signed ones or back."""
    if not isinstance(operand, int):
        bits = operand.view(f"uint{8 * operand.itemsize}")
        return np.ascontiguousarray(bits ^ bits.dtype.type(1 << (8 * operand.itemsize - 1)))
    source = context.builder.values[operand]
    dtype = _TURNED[source.dtype]
    value = context.builder.value(f"{source.name} as {dtype}", source.shape, dtype)
    kernel = "flip_sign_s16" if dtype in WIDE else "flip_sign"
    fields = {"n": source.n_elements}
    context.builder.step(kernel, fields, (operand,), value, clearance_bytes=0)
    return value


def _output(context: OnnxContext, index: int, labels: tuple[str, ...]) -> tuple[ProgramIo, Operand]:
    tensor = context.graph.tensors[index]
    io = ProgramIo(tensor.name, -1, tensor.static_shape, tensor.dtype, labels=labels)
    context.builder.label = f"output {tensor.name}"
    entry = context.entries.get(index)
    if entry is None and tensor.data is not None:
        entry = Constant(tensor.data)
    if isinstance(entry, Constant):
        return io, entry.array
    if isinstance(entry, QuantizedConstant):
        return io, entry.dequantized
    if isinstance(entry, Numbers):
        return io, context.logical(entry.view).operand
    if isinstance(entry, Integers) or (isinstance(entry, Wide) and entry.scale is None):
        operand = context.logical(entry.view).operand
        return io, _sign_flipped(context, operand) if entry.unsigned else operand
    if entry is None:
        raise UnsupportedOperatorError(
            f"nothing writes the model's output {tensor.name!r}",
            hint="its operator is compiled without its second output",
        )
    if isinstance(entry, Wide):
        entry = replace(entry.view, scale=entry.scale, zero_point=entry.zero_point)
    return _real_output(context, io, entry)


def _real_output(context: OnnxContext, io: ProgramIo, view: View) -> tuple[ProgramIo, Operand]:
    dense = context.logical(context.dequantized(view))
    return replace(io, quantization=None), dense.operand
