"""What fitgraph-c declares of itself is what its compiler does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from fitgraph.compiler_bridge.lower import onnx_requant_shift
from fitgraph.compiler_bridge.runtime import (
    RUNTIME_NAME,
    FitgraphCompiler,
    fitgraph_c_runtime,
)
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher.facts import ModelNeeds, OperatorUse
from fitgraph.matcher.operator_support import complaints
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.read_model import read_model
from tests.support.exactness import Subject, subject
from tests.support.kernel_cover import drawn_layers
from tests.support.listed_models import listed, parameters, short_name
from tests.support.model_files import KnownModel
from tests.support.onnx_classical_operators import classical
from tests.support.onnx_dynamic_operators import dynamic
from tests.support.onnx_float_operators import subject_of
from tests.support.onnx_int16_operators import int16_layers
from tests.support.onnx_operators import Operators
from tests.support.onnx_whole_operators import along, gathered, rearranged, whole
from tests.support.reference_models import FLOAT32, INT8, UINT8, reference_path
from tests.support.tflite_case import Draw
from tests.support.tflite_choice_cases import CHOICE_DRAWS, beyond_tflm
from tests.support.tflite_late_cases import LATE_DRAWS
from tests.support.tflite_signal_cases import SIGNAL_DRAWS
from tests.support.tflite_stream_cases import STREAM_DRAWS
from tests.support.tflite_wider_cases import WIDER_DRAWS
from tests.support.wake_words import wake_words

RUNTIME = fitgraph_c_runtime(TARGETS)
OPERATORS = {support.operator: support for support in RUNTIME.operators}
FILES = listed(lambda _known: True)
ONNX_OPERATORS = [
    name
    for name in OPERATORS
    if name.startswith("onnx:") and name.partition(":")[2] not in onnx_requant_shift.TABLE
]
DRAWS = (*WIDER_DRAWS, *CHOICE_DRAWS, *SIGNAL_DRAWS, *STREAM_DRAWS, *LATE_DRAWS, beyond_tflm)


def needs(graph: ModelGraph) -> ModelNeeds:
    """What the matcher sees of the model's operators."""
    uses = tuple(
        OperatorUse(
            use.name,
            use.version,
            frozenset(
                dtype.value
                for dtype in (*use.input_dtypes, *use.output_dtypes)
                if dtype is not None
            ),
        )
        for use in model_facts(graph).operators
    )
    return ModelNeeds(graph.name, graph.sha256, uses)


def check_declared(model: Subject) -> None:
    """Nobody may be told `no` about a model that compiles."""
    if not model.refusal:
        assert complaints(needs(model.graph), RUNTIME) == {}


def test_the_record_is_complete_and_in_order() -> None:
    assert RUNTIME.name == RUNTIME_NAME == "fitgraph-c"
    assert RUNTIME.footprint_from is Evidence.MEASURED
    assert list(RUNTIME.isa_classes) == sorted(TARGETS)
    names = [support.operator for support in RUNTIME.operators]
    assert names == sorted(set(names))
    assert {name.partition(":")[0] for name in names} == {
        *("tflite", "onnx", "com.microsoft", "ai.onnx.ml", "PACTOps")
    }


def test_the_registry_takes_the_record_and_gives_it_back(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        assert registry.add_runtime(RUNTIME).is_new
        assert registry.get_runtime(RUNTIME_NAME) == RUNTIME


@pytest.mark.parametrize(
    "operator",
    [
        *("tflite:CONV_2D", "tflite:DEPTHWISE_CONV_2D", "tflite:FULLY_CONNECTED", "tflite:ADD"),
        *("tflite:MUL", "tflite:CONCATENATION", "tflite:PAD", "tflite:MAX_POOL_2D"),
        *("tflite:AVERAGE_POOL_2D", "tflite:MEAN", "tflite:RELU", "tflite:RELU6"),
        *("tflite:LOGISTIC", "tflite:TANH", "tflite:SOFTMAX", "tflite:RESHAPE", "tflite:SQUEEZE"),
        *("tflite:TRANSPOSE", "tflite:QUANTIZE", "tflite:DEQUANTIZE", "tflite:STRIDED_SLICE"),
        *("onnx:Conv", "onnx:Gemm", "onnx:MatMul", "onnx:Add", "onnx:Mul", "onnx:Concat"),
        *("onnx:Pad", "onnx:MaxPool", "onnx:AveragePool", "onnx:GlobalAveragePool"),
        *("onnx:ReduceMean", "onnx:Relu", "onnx:Clip", "onnx:Sigmoid", "onnx:Tanh"),
        *("onnx:Softmax", "onnx:Reshape", "onnx:Flatten", "onnx:Squeeze", "onnx:Transpose"),
        *("onnx:QuantizeLinear", "onnx:DequantizeLinear", "onnx:Slice", "onnx:QLinearConv"),
        *("onnx:QLinearMatMul", "com.microsoft:QLinearAdd", "com.microsoft:QLinearMul"),
    ],
)
def test_the_operators_that_it_is_meant_for_are_declared_in_int8(operator: str) -> None:
    assert DType.INT8 in OPERATORS[operator].dtypes


@pytest.mark.parametrize("name", ONNX_OPERATORS)
def test_an_onnx_operator_is_declared_up_to_an_opset_that_onnx_knows(name: str) -> None:
    support = OPERATORS[name]
    assert support.min_version is not None
    assert support.max_version is not None
    assert 7 <= support.min_version <= support.max_version <= onnx.defs.onnx_opset_version()
    assert onnx.defs.has(name.partition(":")[2])


@pytest.mark.parametrize(
    "add", [classical, dynamic, int16_layers, whole, gathered, along, rearranged]
)
def test_classical_dynamic_and_16_bit_operators_are_declared(
    add: Callable[[Operators], None],
) -> None:
    model, _ = subject_of(add)
    assert not model.refusal
    check_declared(model)


@pytest.mark.parametrize("name", [*INT8, *FLOAT32, *UINT8])
def test_what_compiles_of_the_reference_models_is_declared(shared_data: Path, name: str) -> None:
    model = subject(reference_path(shared_data, name))
    check_declared(model)
    assert not model.refusal
    assert complaints(needs(model.graph), RUNTIME) == {}


@pytest.mark.parametrize("known", parameters(FILES))
def test_what_compiles_of_the_real_files_is_declared(known: KnownModel) -> None:
    check_declared(subject(known.path))


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.__name__)
def test_what_compiles_of_random_operators_is_declared(draw: Draw) -> None:
    model = drawn_layers("drawn", [draw], range(12))
    assert not model.refusal
    check_declared(model)


# Supported by operator, version and dtype, yet not in the form that these files use.
IN_A_FORM_THAT_IS_REFUSED = 22


def test_few_files_are_refused_that_the_declaration_lets_through(shared_data: Path) -> None:
    assert shared_data.is_dir()
    models = {short_name(known.path): subject(known.path) for known in FILES}
    surprising = {
        name: model.refusal
        for name, model in models.items()
        if model.refusal and not complaints(needs(model.graph), RUNTIME)
    }
    assert len(surprising) <= IN_A_FORM_THAT_IS_REFUSED, surprising


def test_the_compiler_answers_with_what_it_would_generate() -> None:
    path = wake_words()[0]
    code = subject(path).generated
    answer = FitgraphCompiler(lambda _sha256: read_model(path)).answer("any")
    assert answer is not None
    assert (answer.refusal, answer.arena_bytes) == ("", code.arena_bytes)
    assert answer.weights_bytes == code.weights_bytes


def test_the_compiler_answers_why_it_refuses(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*__a995048c_model_with_add2.tflite")
    answer = FitgraphCompiler(lambda _sha256: read_model(path)).answer("any")
    assert answer is not None
    assert "Add2 version 1 is not supported" in answer.refusal
    assert answer.hint
    assert answer.arena_bytes is None


def test_a_model_that_is_not_there_has_no_answer() -> None:
    def absent(sha256: str) -> ModelGraph:
        raise NotFoundError(f"no model {sha256}")

    assert FitgraphCompiler(absent).answer("0" * 64) is None


def test_the_compiler_is_asked_once_a_model() -> None:
    path = wake_words()[0]
    asked: list[str] = []

    def load(sha256: str) -> ModelGraph:
        asked.append(sha256)
        return read_model(path)

    compiler = FitgraphCompiler(load)
    assert compiler.answer("a") == compiler.answer("a") == compiler.answer("b")
    assert asked == ["a", "b"]
