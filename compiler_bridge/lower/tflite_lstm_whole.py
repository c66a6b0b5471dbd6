"""UNIDIRECTIONAL_SEQUENCE_LSTM on float32, with what TFLM's lacks, as LiteRT computes it.

That are peepholes, normalized gates, a projection, a forget gate that is the input gate too, and
int8 weights of float32 data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_hybrid import (
    LARGEST_SUM,
    hybrid_scales,
    is_asymmetric,
    refuse_least,
)
from fitgraph.compiler_bridge.lower.tflite_variable import variable
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

# Inputs by gate, in the order of the kernels: input, output, forget, cell.
WEIGHTS, RECURRENT, BIASES = (1, 4, 2, 3), (5, 8, 6, 7), (12, 15, 13, 14)
PEEPHOLES, NORMALIZATION = (9, 11, 10), (20, 23, 21, 22)
PROJECTION, PROJECTION_BIAS, HIDDEN, CELL = 16, 17, 18, 19
EXTRAS = (*PEEPHOLES, *NORMALIZATION, PROJECTION, PROJECTION_BIAS)
N_GATES = 4
_NOTHING: Array = np.zeros(1, np.float32)


def is_whole(operator: Operator, context: TfliteContext) -> bool:
    """Whether it has what TFLM's layer lacks."""
    return not context.has_input(operator, WEIGHTS[0]) or any(
        context.has_input(operator, position) for position in EXTRAS
    )


@dataclass(frozen=True, slots=True)
class _Layer:
    """One operator and the sizes of its matrices."""

    operator: Operator
    context: TfliteContext
    inputs: int
    units: int
    cells: int

    @property
    def has_input_gate(self) -> bool:
        return self.context.has_input(self.operator, WEIGHTS[0])

    def matrix(self, positions: Sequence[int], shape: tuple[int, ...], dtype: str) -> Array:
        """The gates' constants one after the other; zeros for the input gate where it has none."""
        parts = []
        for position in positions:
            if position == positions[0] and not self.has_input_gate:
                parts.append(np.zeros(shape, dtype))
                continue
            part = self.context.constant(self.operator, position, "weights")
            if part.dtype != dtype or part.shape != shape:
                raise self.context.refusal(
                    self.operator,
                    f"its input {position} is {part.dtype} {list(part.shape)}, not {dtype} "
                    f"{list(shape)}",
                )
            parts.append(part)
        return np.ascontiguousarray(np.stack(parts))

    def all_or_none(self, positions: Sequence[int], what: str) -> bool:
        """Whether the operator has those inputs, of the input gate only where it has one."""
        wanted = positions if self.has_input_gate else positions[1:]
        found = [self.context.has_input(self.operator, position) for position in wanted]
        if any(found) and not all(found):
            raise self.context.refusal(self.operator, f"it has only some of its {what}")
        return any(found)

    def cell(self) -> dict[str, Field]:
        """The ``fg_lstm_cell``."""
        has_peepholes = self.all_or_none(PEEPHOLES, "peepholes")
        has_norms = self.all_or_none(NORMALIZATION, "normalized gates")
        clip = float(np.float32(self.operator.attributes.get("cell_clip", 0.0)))
        return {
            "bias": self.matrix(BIASES, (self.cells,), "float32"),
            "peepholes": self._peepholes() if has_peepholes else _NOTHING,
            "norms": self.matrix(NORMALIZATION, (self.cells,), "float32")
            if has_norms
            else _NOTHING,
            "cells": self.cells,
            "has_input_gate": int(self.has_input_gate),
            "has_peepholes": int(has_peepholes),
            "has_norms": int(has_norms),
            "clip": max(clip, 0.0),
        }

    def _peepholes(self) -> Array:
        """As float32; those of a hybrid layer are int8."""
        dtype = self.context.tensor(self.operator, PEEPHOLES[1]).dtype
        held = self.matrix(PEEPHOLES, (self.cells,), dtype.value)
        if dtype is not DType.INT8:
            return held
        scales = self.scales(PEEPHOLES)
        return held.astype(np.float32) * scales[: len(held), None]

    def scales(self, positions: Sequence[int]) -> Array:
        """One a gate, of int8 weights."""
        found = [
            float(hybrid_scales(self.operator, self.context, 1, position)[0])
            if self.context.has_input(self.operator, position)
            else 1.0
            for position in positions
        ]
        return np.array(found, np.float32)

    def projection(self, dtype: str) -> dict[str, Field]:
        """Its bias and its clip; the weights are the caller's."""
        operator, context = self.operator, self.context
        has = context.has_input(operator, PROJECTION)
        if not has and self.units != self.cells:
            raise context.refusal(operator, f"it has {self.cells} cells for {self.units} outputs")
        bias = np.zeros(self.units, np.float32)
        if context.has_input(operator, PROJECTION_BIAS):
            bias = context.constant(operator, PROJECTION_BIAS, "projection bias")
        if has:
            found = context.constant(operator, PROJECTION, "projection")
            if found.shape != (self.units, self.cells) or found.dtype != dtype:
                raise context.refusal(operator, f"its projection is {found.dtype} {found.shape}")
        if bias.shape != (self.units,) or bias.dtype != np.float32:
            raise context.refusal(operator, f"its projection's bias is {bias.dtype} {bias.shape}")
        clip = float(np.float32(operator.attributes.get("proj_clip", 0.0)))
        return {
            "projection_bias": np.ascontiguousarray(bias),
            "has_projection": int(has),
            "projection_clip": max(clip, 0.0),
        }


def lower_whole(operator: Operator, context: TfliteContext, *, hybrid: bool) -> None:
    """One step over the whole sequence; hidden state and cell are states."""
    layer, sequence = _layer(operator, context)
    states = (
        variable(operator, context, HIDDEN, DType.FLOAT32),
        variable(operator, context, CELL, DType.FLOAT32),
    )
    fields: dict[str, Field] = {"sequence": sequence, "cell": layer.cell()}
    n_sums = N_GATES * layer.cells
    label = context.builder.label
    work = [context.builder.value(f"{label} gates", (n_sums,), DType.FLOAT32)]
    if hybrid:
        fields |= _hybrid_fields(layer)
        longest = max(layer.inputs, layer.units, layer.cells)
        work.append(context.builder.value(f"{label} as int8", (longest,), DType.INT8))
    else:
        fields |= _float_fields(layer)
    kernel = "lstm_hybrid_f32" if hybrid else "lstm_whole_f32"
    inputs = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step(kernel, fields, inputs, value, also=(*states, *work))


def _layer(operator: Operator, context: TfliteContext) -> tuple[_Layer, dict[str, int]]:
    sequence = lstm_sequence(operator, context)
    n_cells = context.tensor(operator, CELL).static_shape[1]
    return _Layer(operator, context, sequence["inputs"], sequence["units"], n_cells), sequence


def lstm_sequence(operator: Operator, context: TfliteContext) -> dict[str, int]:
    """How a layer walks over its sequences, as the kernels have it.

    Raises:
        UnsupportedOperatorError: shapes of data and states do not go together.
    """
    shape = context.tensor(operator, 0).static_shape
    hidden, cell = (context.tensor(operator, i).static_shape for i in (HIDDEN, CELL))
    if len(shape) != 3 or len(hidden) != 2 or len(cell) != 2:
        raise context.refusal(operator, f"its input has shape {list(shape)}")
    n_inputs, n_units = shape[2], hidden[1]
    context.expect_shape(operator, (*shape[:2], n_units))
    time_major = bool(operator.attributes.get("time_major", False))
    steps, batch = shape[:2] if time_major else (shape[1], shape[0])
    if {hidden[0], cell[0]} != {batch}:
        raise context.refusal(operator, f"its state has shape {list(hidden)} for {batch} sequences")
    apart = (batch, 1) if time_major else (1, steps)
    return {
        "steps": steps,
        "batch": batch,
        "inputs": n_inputs,
        "units": n_units,
        "in_step": apart[0] * n_inputs,
        "in_batch": apart[1] * n_inputs,
        "out_start": 0,
        "out_step": apart[0] * n_units,
        "out_batch": apart[1] * n_units,
        "reverse": 0,
    }


def _float_fields(layer: _Layer) -> dict[str, Field]:
    fields = layer.projection("float32")
    projection = _NOTHING
    if fields["has_projection"]:
        projection = layer.context.constant(layer.operator, PROJECTION, "projection")
    return fields | {
        "w": layer.matrix(WEIGHTS, (layer.cells, layer.inputs), "float32"),
        "r": layer.matrix(RECURRENT, (layer.cells, layer.units), "float32"),
        "projection": np.ascontiguousarray(projection),
    }


def _hybrid_fields(layer: _Layer) -> dict[str, Field]:
    operator, context = layer.operator, layer.context
    fields = layer.projection("int8")
    projection, scale = np.zeros((1, 1), np.int8), np.ones(1, np.float32)
    if fields["has_projection"]:
        projection = context.constant(operator, PROJECTION, "projection")
        scale = hybrid_scales(operator, context, 1, PROJECTION)
    return fields | {
        **_matrix(layer, "w", layer.matrix(WEIGHTS, (layer.cells, layer.inputs), "int8")),
        **_matrix(layer, "r", layer.matrix(RECURRENT, (layer.cells, layer.units), "int8")),
        **_matrix(layer, "projection", projection),
        "w_scales": layer.scales(WEIGHTS),
        "r_scales": layer.scales(RECURRENT),
        "projection_scale": scale,
        "asymmetric": int(is_asymmetric(operator)),
    }


def _matrix(layer: _Layer, name: str, weights: Array) -> dict[str, Field]:
    """Weights and the sums of their rows."""
    refuse_least(layer.operator, layer.context, weights)
    if weights.shape[-1] > LARGEST_SUM:
        raise layer.context.refusal(layer.operator, "its accumulators could overflow 32 bits")
    return {
        name: np.ascontiguousarray(weights),
        f"{name}_sums": weights.sum(axis=-1, dtype=np.int32).reshape(-1),
    }
