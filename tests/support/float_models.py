"""Small float ONNX models for the recipes' tests, written operator by operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]
# op type, inputs, output, attributes
Node = tuple[str, Sequence[str], str, Mapping[str, Any]]


def save_model(
    path: Path,
    nodes: Sequence[Node],
    *,
    input_shape: Sequence[int | str | None],
    constants: Mapping[str, Array] | None = None,
    opset: int = 17,
    dtype: int = TensorProto.FLOAT,
    check: bool = True,
) -> Path:
    """One input ``x``, one output: the last node's; ``check=False`` lets a broken graph through."""
    graph = helper.make_graph(
        [
            helper.make_node(op, inputs, [out], **attributes)
            for op, inputs, out, attributes in nodes
        ],
        "test",
        [helper.make_tensor_value_info("x", dtype, input_shape)],
        [helper.make_tensor_value_info(nodes[-1][2], dtype, None)],
        [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", opset)])
    if check:
        model = onnx.shape_inference.infer_shapes(model)
    onnx.save(model, path)
    return path


def weights(*shape: int, seed: int = 0) -> Array:
    """Float32 values with every output channel at its own scale."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape) * rng.uniform(0.1, 2, (shape[0], *[1] * (len(shape) - 1)))
    return values.astype(np.float32)


def samples(*shape: int, n: int = 12, seed: int = 1) -> Array:
    """Float32 samples (n, *shape)."""
    return np.random.default_rng(seed).standard_normal((n, *shape)).astype(np.float32)
