"""A TFLite model graph becomes a program, operator by operator."""

from __future__ import annotations

from collections.abc import Callable

from fitgraph.compiler_bridge.lower import (
    tflite_along,
    tflite_binary,
    tflite_choose,
    tflite_conv,
    tflite_dense,
    tflite_detection,
    tflite_folded,
    tflite_functions,
    tflite_if,
    tflite_int16,
    tflite_lstm,
    tflite_matmul,
    tflite_movement,
    tflite_pairs,
    tflite_pool,
    tflite_power,
    tflite_quantize,
    tflite_rearrange,
    tflite_reduce,
    tflite_resize,
    tflite_sigmoid16,
    tflite_signal,
    tflite_softmax,
    tflite_softmax16,
    tflite_state,
    tflite_stream,
    tflite_svdf,
    tflite_tables,
    tflite_transpose_conv,
    tflite_uint8,
    tflite_unary,
    tflite_update,
    tflite_while,
    tflite_whole,
)
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.io import finish_outputs
from fitgraph.compiler_bridge.lower.support import (
    LoweringTable,
    for_dtype,
    merged,
    refuse_ends,
    refuse_unsupported,
)
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Field, Operand, Program, ProgramIo
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.tflite_calls import parts_of, run_by

_TABLES: tuple[LoweringTable, ...] = (
    tflite_conv.TABLE,
    tflite_dense.TABLE,
    tflite_pool.TABLE,
    tflite_binary.TABLE,
    tflite_unary.TABLE,
    tflite_softmax.TABLE,
    tflite_movement.TABLE,
    tflite_resize.TABLE,
    tflite_folded.TABLE,
    tflite_reduce.TABLE,
    tflite_quantize.TABLE,
    tflite_state.TABLE,
    tflite_svdf.TABLE,
    tflite_lstm.TABLE,
    tflite_functions.TABLE,
    tflite_functions.INT8_TABLE,
    tflite_functions.INT16_TABLE,
    tflite_tables.TABLE,
    tflite_power.TABLE,
    tflite_whole.TABLE,
    tflite_pairs.TABLE,
    tflite_pairs.INTEGERS,
    tflite_pairs.QUANTIZED,
    tflite_rearrange.TABLE,
    tflite_choose.TABLE,
    tflite_along.TABLE,
    tflite_matmul.TABLE,
    tflite_signal.TABLE,
    tflite_stream.TABLE,
    tflite_detection.TABLE,
    tflite_update.TABLE,
    tflite_while.TABLE,
    tflite_if.TABLE,
    tflite_uint8.TABLE,
    tflite_int16.TABLE,
    tflite_sigmoid16.TABLE,
    tflite_softmax16.TABLE,
    tflite_transpose_conv.TABLE,
)
TFLITE_LOWERINGS: LoweringTable = merged(_TABLES)

# Dtypes of model inputs and outputs that the generated interface offers.
IO_DTYPES = frozenset(
    {DType.INT8, DType.UINT8, DType.FLOAT32, DType.INT16, DType.INT32, DType.BOOL}
)


def lower_tflite(graph: ModelGraph, builder: ProgramBuilder) -> Program:
    """Kernel calls that compute what the TFLM reference kernels compute, bit for bit for int8.

    Raises:
        UnsupportedOperatorError: an operator, its version, dtype or form is not compiled; the
            first such is named, and how many kinds there are.
    """
    refuse_unsupported(graph, _why_not)
    for index in run_by(graph):
        refuse_unsupported(graph.subgraphs[index - 1], _why_not)
    refuse_ends(graph, IO_DTYPES)
    context = TfliteContext(tflite_uint8.as_signed(graph), builder, _lowering(graph))
    inputs = tuple(_input(graph, context, index) for index in graph.inputs)
    tflite_state.declare_variables(context)
    context.lower(range(len(graph.operators)))
    held = [_output(graph, context, index) for index in graph.outputs]
    outputs = finish_outputs(builder, inputs, held)
    return Program(
        name=graph.name,
        model_sha256=graph.sha256,
        flavour="fixed",
        values=tuple(builder.values),
        steps=tuple(builder.steps),
        inputs=inputs,
        outputs=outputs,
        reset_steps=tuple(context.reset_steps),
        regions=tuple(builder.regions),
    )


def _lowering(graph: ModelGraph) -> Callable[[Operator, TfliteContext], None]:
    """What lowers an operator, chosen by the dtypes that the model file has."""
    stored = parts_of(graph)

    def lower_one(operator: Operator, context: TfliteContext) -> None:
        dtype = data_dtype(stored[context.index], operator)
        for_dtype(_TABLES, operator.op_type, dtype).lower(operator, context)

    return lower_one


def _why_not(graph: ModelGraph, operator: Operator) -> str:
    entry = TFLITE_LOWERINGS.get(operator.op_type)
    what = f"{operator.qualified_name} version {operator.version}"
    if entry is None:
        return f"{what} is not supported"
    if operator.version > entry.max_version:
        return f"{what} is newer than {entry.max_version}, the newest supported"
    dtype = data_dtype(graph, operator)
    if entry.dtypes and dtype not in entry.dtypes:
        return f"{what} is not supported on {dtype}"
    return ""


def data_dtype(graph: ModelGraph, operator: Operator) -> DType | None:
    """Dtype that decides which kernel runs: of the output, or of what is assigned or quantized."""
    by_input = {"QUANTIZE": 0, "DEQUANTIZE": 0, "ASSIGN_VARIABLE": 1, "SHAPE": 0}
    if operator.op_type in by_input:
        position = by_input[operator.op_type]
        index = operator.inputs[position] if position < len(operator.inputs) else None
        return None if index is None else graph.tensors[index].dtype
    return graph.tensors[operator.outputs[0]].dtype if operator.outputs else None


def _input(graph: ModelGraph, context: TfliteContext, index: int) -> ProgramIo:
    tensor = graph.tensors[index]
    value = context.builder.value(tensor.name, tensor.static_shape, tensor.dtype)
    context.operands[index] = _flipped(context, value, index)
    return ProgramIo(tensor.name, value, tensor.static_shape, tensor.dtype, tensor.quantization)


def _output(graph: ModelGraph, context: TfliteContext, index: int) -> tuple[ProgramIo, Operand]:
    tensor = graph.tensors[index]
    operand = context.operand_of(index)
    if tensor.dtype is not context.graph.tensors[index].dtype:
        operand = _flipped_back(context, operand, tensor)
    io = ProgramIo(tensor.name, -1, tensor.static_shape, tensor.dtype, tensor.quantization)
    return io, operand


def _flipped(context: TfliteContext, value: int, index: int) -> int:
    """The input as its layers hold it."""
    tensor = context.graph.tensors[index]
    given = context.builder.values[value]
    if tensor.dtype is given.dtype:
        return value
    context.builder.label = f"input {tensor.name}"
    signed = context.builder.value(f"{tensor.name} signed", given.shape, tensor.dtype)
    fields: dict[str, Field] = {"n": given.n_elements}
    context.builder.step("flip_sign", fields, (value,), signed, clearance_bytes=0)
    return signed


def _flipped_back(context: TfliteContext, operand: Operand, tensor: Tensor) -> Operand:
    """The output as the model file declares it."""
    context.builder.label = f"output {tensor.name}"
    value = context.builder.value(tensor.name, tensor.static_shape, tensor.dtype)
    fields: dict[str, Field] = {"n": context.builder.values[value].n_elements}
    context.builder.step("flip_sign", fields, (operand,), value, clearance_bytes=0)
    return value
