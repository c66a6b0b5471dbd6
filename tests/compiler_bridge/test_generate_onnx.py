"""C from ONNX models, on the host under sanitizers, against the QLinear semantics or onnxruntime.

Quantized networks are equal to the bit. Two of them end in a float32 Softmax of float32 data;
their exponentials may differ from the reference's in the last bits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import UnboundedShapeError, UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.reference.choose import QLinearReference, reference_for
from fitgraph.registry.model_graph import DType
from fitgraph.registry.read_model import read_model
from tests.support.exactness import (
    FLOAT_TOLERANCE,
    Subject,
    assert_near,
    assert_same_bits,
    contents,
    float_tolerance,
    input_sets,
    subject,
)
from tests.support.example_models import NAMES, float_example, real_inputs
from tests.support.host_runs import sanitized_outputs
from tests.support.listed_models import listed, parameters
from tests.support.model_files import KnownModel
from tests.support.qdq_graphs import read
from tests.support.quantized_layers import with_batch_of_one, with_integer_outputs

QUANTIZED = listed(lambda model: model.dtype == "int8(QDQ/Q)" and model.kind == "network")
RUNTIME_SCALES = listed(lambda model: model.dtype == "int8(QDQ/Q)" and model.kind != "network")
FLOAT = listed(lambda model: model.format == "onnx" and model.dtype == "float32")
N_REAL_INPUTS = 40
SOFTMAX_TOLERANCE = 1e-6
QUANTIZED_NETWORKS = 7
COMPILED_FLOAT_AT_LEAST = {"network": 16, "single-op/unit test": 49}


def ends_in_a_float_softmax(model: Subject) -> bool:
    """Whether the last step computes exponentials of float32 data."""
    return lower(model.graph).steps[-1].kernel == "softmax_f32"


@pytest.mark.parametrize("known", parameters(QUANTIZED))
def test_a_quantized_network_computes_what_the_qlinear_semantics_say(known: KnownModel) -> None:
    model = subject(known.path)
    sets = input_sets(model.graph)
    assert isinstance(reference_for(model.graph, model.content), QLinearReference)
    got, expected = sanitized_outputs(model.generated, sets), model.expected(sets)
    assert len({contents(outputs) for outputs in expected}) > 1, "inputs make no difference"
    if ends_in_a_float_softmax(model):
        assert_near(got, expected, SOFTMAX_TOLERANCE)
    else:
        assert_same_bits(got, expected)


@pytest.mark.many
@pytest.mark.parametrize("known", parameters(QUANTIZED))
def test_every_integer_in_a_quantized_network_is_what_the_qlinear_semantics_say(
    known: KnownModel,
) -> None:
    content = with_integer_outputs(with_batch_of_one(known.path)).SerializeToString()
    layers = Subject(read(content), content)
    sets = input_sets(layers.graph)
    integers = [i for i, io in enumerate(layers.generated.outputs) if io.dtype != DType.FLOAT32]
    expected = [tuple(outputs[i] for i in integers) for outputs in layers.expected(sets)]
    got = [tuple(outputs[i] for i in integers) for outputs in run_on_host(layers.generated, sets)]
    assert contents(expected[0]) != contents(expected[1])
    assert_same_bits(got, expected)


@pytest.mark.usefixtures("shared_data")
def test_all_but_two_quantized_networks_are_held_to_the_bit() -> None:
    ends = Counter(ends_in_a_float_softmax(subject(known.path)) for known in QUANTIZED)
    assert ends == {False: QUANTIZED_NETWORKS - 2, True: 2}


@pytest.mark.parametrize("name", NAMES)
def test_a_quantized_example_computes_what_the_qlinear_semantics_say(
    int8_example: Callable[[str], Path], name: str
) -> None:
    model = subject(int8_example(name))
    sets = [*real_inputs(name, N_REAL_INPUTS), *input_sets(model.graph)]
    expected = model.expected(sets)
    assert len({contents(outputs) for outputs in expected}) > N_REAL_INPUTS // 2
    assert_same_bits(sanitized_outputs(model.generated, sets), expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_float_example_is_near_onnxruntime(name: str) -> None:
    model = subject(float_example(name))
    sets = [*real_inputs(name, N_REAL_INPUTS), *input_sets(model.graph)]
    got, expected = sanitized_outputs(model.generated, sets), model.expected(sets)
    assert_near(got, expected, FLOAT_TOLERANCE)
    if name != "anomaly":
        classes = [[int(np.argmax(one)) for (one,) in outputs] for outputs in (got, expected)]
        assert classes[0][:N_REAL_INPUTS] == classes[1][:N_REAL_INPUTS]


@pytest.mark.many
@pytest.mark.parametrize("known", parameters(FLOAT))
def test_a_real_float_file_is_near_onnxruntime_or_is_refused_by_an_operator(
    known: KnownModel,
) -> None:
    model = subject(known.path)
    if is_refused(known, model):
        return
    sets = input_sets(model.graph)
    got, expected = sanitized_outputs(model.generated, sets), model.expected(sets)
    assert_near(got, expected, float_tolerance(model.graph))


def is_refused(known: KnownModel, model: Subject) -> bool:
    """Whether the compiler refuses the file, which it must do by an operator."""
    if not model.refusal:
        return False
    assert any(f":{op_type}" in model.refusal for op_type in known.ops), model.refusal
    return True


@pytest.mark.usefixtures("shared_data")
def test_no_file_that_was_compiled_is_refused_now() -> None:
    compiled = Counter(known.kind for known in FLOAT if not is_refused(known, subject(known.path)))
    short = {key for key, floor in COMPILED_FLOAT_AT_LEAST.items() if compiled[key] < floor}
    assert not short, compiled


@pytest.mark.parametrize("known", parameters(RUNTIME_SCALES))
def test_scales_that_are_graph_inputs_are_refused(known: KnownModel) -> None:
    with pytest.raises(UnsupportedOperatorError, match="its scale is not a constant"):
        generate(read_model(known.path))


def test_a_symbolic_batch_is_refused_with_its_name(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*micro_kws_m_qdq.onnx")
    with pytest.raises(UnboundedShapeError, match="symbolic dimensions unk__68") as caught:
        generate(read_model(path))
    assert "--dimension" in caught.value.hint
