"""Random quantized ONNX graphs: a seed gives a chain of layers with branches, and what to expect.

Many cases share one graph, so that one C compilation runs them all. Values of a case are integers
wherever docs/qlinear-semantics.md says so; a case ends at the first operator whose float32 sums
may be ordered otherwise, and is then compared with a tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.support.draws import MAX_ELEMENTS
from tests.support.onnx_case import Case, Expected, Layer, Real
from tests.support.onnx_movement_cases import concat, identity, pad, reshape, slice_
from tests.support.onnx_pool_cases import (
    average_pool,
    global_average_pool,
    max_pool,
    reduce_mean,
)
from tests.support.onnx_qlinear_cases import qlinear
from tests.support.onnx_value_cases import binary, softmax, unary
from tests.support.onnx_weight_cases import conv, gemm, mat_mul
from tests.support.qdq_graphs import OnnxGraph

LAYERS: Sequence[Layer] = (
    conv,
    conv,
    conv,
    gemm,
    mat_mul,
    binary,
    binary,
    concat,
    pad,
    max_pool,
    average_pool,
    global_average_pool,
    reduce_mean,
    unary,
    softmax,
    reshape,
    reshape,
    slice_,
    identity,
)
# What may follow on reals without a sum: these give defined bits on floats too.
EXACT_ON_REALS: Sequence[Layer] = (
    binary,
    concat,
    pad,
    max_pool,
    unary,
    reshape,
    reshape,
    slice_,
    identity,
)


def add_case(graph: OnnxGraph, seed: int) -> Case:
    """Draws the case of that seed into the graph."""
    case = Case(graph, np.random.default_rng(seed))
    x = case.source(case.pick([1, 2, 2, 3, 4, 4, 4, 4]))
    if case.chance(0.2):
        x = case.kept(qlinear(case, x))
    for _ in range(case.between(1, 4)):
        y = None
        while y is None:
            layers = LAYERS if x.quantized else EXACT_ON_REALS
            layer = case.pick(layers if case.chance(0.9) else LAYERS)
            y = layer(case, x)
            if y is not None and math.prod(y.shape) > MAX_ELEMENTS:
                y = None
        x = y
        if case.chance(0.07):
            case.outputs.append(_expected(x))
        if case.chance(0.7):
            x = case.requantized(x)
        case.kept(x)
        if not x.exact:
            break
    case.outputs.append(_expected(x))
    return case


def _expected(x: Real) -> Expected:
    return Expected(x.name) if x.exact else Expected(x.name, relative=x.spread)


def model_bytes(graph: OnnxGraph, outputs: Sequence[str]) -> bytes:
    """The model with these outputs, each once."""
    unique = list(dict.fromkeys(outputs))
    proto = helper.make_graph(
        graph.nodes,
        "cases",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
            )
            for name, value in graph.inputs.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in unique],
        [numpy_helper.from_array(value, name) for name, value in graph.constants.items()],
    )
    domains = {"": graph.opset, "com.microsoft": 1, "ai.onnx.ml": 3}
    opsets = [helper.make_opsetid(domain, version) for domain, version in domains.items()]
    return helper.make_model(proto, opset_imports=opsets, ir_version=8).SerializeToString()
