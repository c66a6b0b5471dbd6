"""Floating point on a core without a floating-point unit: a warning with a cost, no refusal."""

from __future__ import annotations

from typing import Final

from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.verdict import Constraint
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.isa import ISA_CLASSES

_FLOATS: Final = frozenset({"float16", "float32", "float64", "bfloat16"})
_INTEGERS: Final = frozenset({"int8", "uint8", "int16", "int4"})
# Operators that only change the number format.
_CONVERSIONS: Final = frozenset({"QUANTIZE", "DEQUANTIZE", "QuantizeLinear", "DequantizeLinear"})
# Instructions for one multiply-accumulate of the example network `digits` as fitgraph-c compiles
# it, counted by `fitgraph profile`: 105.8, 65.3 and 4.95 million for 0.765 million.
_SOFT_ON_THUMB1: Final = 138
_SOFT: Final = 85
_HARD: Final = 6.5
_THUMB1: Final = frozenset({"armv6-m", "armv8-m.base"})


def number_format(model: ModelNeeds, board: Board) -> Constraint | None:
    """Whether the core computes what the model does; None where that is integers, or not known."""
    isa = ISA_CLASSES.get(board.isa_class or "")
    if isa is None or not computes_floats(model):
        return None
    n_units = int(isa.has_fpu)
    core = board.cpu_core or isa.name
    words = f"{core} computes float32 in hardware" if isa.has_fpu else _cost(model, isa.name, core)
    return Constraint(
        name="number_format",
        required=1,
        available=n_units,
        margin=n_units - 1,
        unit="FPU",
        evidence=Evidence.MEASURED,
        satisfied=True,
        sources=(model.source,) if model.source else (),
        message=words,
        hint="" if isa.has_fpu else _hint(model),
    )


def computes_floats(model: ModelNeeds) -> bool:
    """Whether an operator works on floats alone; in a graph of QDQ form they stand for integers."""
    names = {use.operator.rpartition(":")[2] for use in model.operators}
    if {"QuantizeLinear", "DequantizeLinear"} <= names:
        return False
    return any(
        use.dtypes & _FLOATS
        and not use.dtypes & _INTEGERS
        and use.operator.rpartition(":")[2] not in _CONVERSIONS
        for use in model.operators
    )


def _cost(model: ModelNeeds, isa_class: str, core: str) -> str:
    each = _SOFT_ON_THUMB1 if isa_class in _THUMB1 else _SOFT
    words = f"{core} has no FPU: some {each} instructions for each multiply-accumulate"
    if model.macs is not None:
        words += f", {model.macs * each / 1e6:,.1f} million in all"
    return f"{words}, {each / _HARD:.0f} times as many as with one"


def _hint(model: ModelNeeds) -> str:
    is_onnx = any(not use.operator.startswith("tflite:") for use in model.operators)
    command = f"`fitgraph quantize {model.name} --calibration FILE.npz`"
    return f"{command} makes it int8" if is_onnx else "an int8 model runs faster there"
