"""Float32 ONNX operators: what the generated C computes is near what onnxruntime computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from tests.support.exactness import NORMALIZED_TOLERANCE
from tests.support.host_runs import sanitized_outputs
from tests.support.onnx_float_operators import GROUPS, Operators, normalizations, subject_of

N_INPUTS = 32
TOLERANCE = 1e-6  # relative to the largest output, or to 1


@pytest.mark.parametrize("add", GROUPS, ids=lambda add: add.__name__)
def test_every_float_operator_is_near_onnxruntime(add: Callable[[Operators], None]) -> None:
    model, labels = subject_of(add)
    random = np.random.default_rng(5)
    shapes = [model.graph.tensor(index).static_shape for index in model.graph.inputs]
    sets = [
        [np.asarray(random.standard_normal(shape) * 2, np.float32) for shape in shapes]
        for _ in range(N_INPUTS)
    ]
    got = sanitized_outputs(model.generated, sets)
    want = run_onnxruntime_many(model.content, model.graph, sets)
    limit = NORMALIZED_TOLERANCE if add is normalizations else TOLERANCE
    wrong = {}
    for position, label in enumerate(labels):
        ours = np.stack([outputs[position] for outputs in got])
        theirs = np.stack([outputs[position] for outputs in want])
        apart = float(np.abs(ours - theirs).max()) / max(1.0, float(np.abs(theirs).max()))
        if not apart <= limit:
            wrong[f"{position} {label}"] = apart
    assert not wrong
