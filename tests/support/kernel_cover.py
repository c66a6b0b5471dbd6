"""A few small models that together need every kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from fitgraph.compiler_bridge.cmsis_nn.calls import PREFIX
from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.kernel_sources import kernel_sources
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.exactness import Subject, subject
from tests.support.listed_models import listed
from tests.support.onnx_float_operators import GROUPS, subject_of
from tests.support.onnx_int16_operators import int16_layers
from tests.support.qdq_graphs import OnnxGraph, i8, read
from tests.support.reference_models import reference_path
from tests.support.tflite_case import Case, Draw, fields
from tests.support.tflite_choice_cases import CHOICE_DRAWS
from tests.support.tflite_detection_cases import DETECTION_DRAWS
from tests.support.tflite_float_cases import FLOAT_DRAWS
from tests.support.tflite_graph import Scale, TfliteGraph
from tests.support.tflite_hybrid_cases import HYBRID_DRAWS, HYBRID_STATE_DRAWS
from tests.support.tflite_int16_cases import INT16_DRAWS
from tests.support.tflite_late_cases import LATE_DRAWS
from tests.support.tflite_recurrent_cases import RECURRENT_DRAWS
from tests.support.tflite_signal_cases import SIGNAL_DRAWS
from tests.support.tflite_stream_cases import STREAM_DRAWS
from tests.support.tflite_unsigned import make_unsigned
from tests.support.tflite_value_cases import pool, softmax
from tests.support.tflite_weight_cases import conv_2d
from tests.support.tflite_wider_cases import WIDER_DRAWS, float_function, tabulated
from tests.support.wake_words import wake_words

_FILES = (
    "*__0bb2740d_model_data.tflite",
    "*__42febf56_pad14.tflite",
    "*__ae543588_simple_add_model.tflite",
    "*__a8bbe131_aww_layer9.tflite",
    "*__6e9c97f0_vww_layer1.tflite",
    "*__2fcbfbb1_alexa.tflite",
    "*__4d8239dd_model.onnx",
    "*__24eef288_model.onnx",
    "*__aeecd9a0_network.onnx",
    "*__c408fb77_micro_kws_m_static_qoperator_emx.onnx",
    "*__ae2bf7c4_detection.tflite",
    "*__278949d1_audio_preprocessor_int8.tflite",
    "*__6de2b973_micro_kws_m_static_qoperator_tvm.onnx",
)
_REFERENCE = (
    "Anomaly_Detection_Autoencoder",
    "Magic_Wand_2",
    "Move",
    "Snoring_Guardian",
    "Voice_Turn",
)
# Seeds of a convolution with one scale and of an average.
_LEGACY = ((7, conv_2d), (4, pool), (2, softmax))
_ZERO_POINT = np.asarray(100, np.uint8)
_KERNELS = Path(__file__).resolve().parents[2] / "compiler_bridge" / "kernels"


def covering_models(shared_data: Path, int8_example: Callable[[str], Path]) -> list[Subject]:
    """Models of both formats; each kernel and kind of requantization is in one of them."""
    paths = [int8_example("activity"), wake_words()[0]]
    for pattern in _FILES:
        paths += (shared_data / "models").glob(pattern)
    paths += [reference_path(shared_data, name) for name in _REFERENCE]
    return [subject(path) for path in paths] + [
        convolution_to_float(),
        unsigned_layer(),
        integer_products(),
        unsigned_end(),
        legacy_layers(),
        steep_sum(),
        *drawn_operators(),
        *float_onnx_operators(),
    ]


def drawn_operators() -> list[Subject]:
    """Random operators on float32 and on int16, and some that remember."""
    return [
        drawn_layers("float", FLOAT_DRAWS, range(3)),
        drawn_layers("hybrid", (*HYBRID_DRAWS, *HYBRID_STATE_DRAWS), range(4)),
        drawn_layers("int16", INT16_DRAWS, range(14)),
        drawn_layers("recurrent", RECURRENT_DRAWS, range(6)),
        drawn_layers("wider", WIDER_DRAWS, range(4)),
        drawn_layers("functions", [float_function], range(40)),
        drawn_layers("choices", CHOICE_DRAWS, range(6)),
        drawn_layers("detections", DETECTION_DRAWS, range(2)),
        drawn_layers("signals", SIGNAL_DRAWS, range(4)),
        drawn_layers("streams", STREAM_DRAWS, range(4)),
        drawn_layers("late", (*LATE_DRAWS, tabulated), range(4)),
    ]


def float_onnx_operators() -> list[Subject]:
    """Every operator of ONNX that is no layer of 8 bits between quantizations."""
    return [subject_of(add)[0] for add in (*GROUPS, int16_layers)]


def all_kernels() -> set[str]:
    """Names of the kernels that there are, but for the calls of a library that a user brings."""
    names = {path.stem for path in _KERNELS.glob("*.c")}
    return {name for name in names if not name.startswith(PREFIX)}


def kernels_of(models: list[Subject]) -> set[tuple[str, str]]:
    """Kernels that the models need, with the kind of requantization where they have one."""
    programs = [lower(model.graph) for model in models]
    return {
        (step.kernel, program.flavour if requantizes(step.kernel) else "")
        for program in programs
        for step in (*program.steps, *program.reset_steps)
    }


@cache
def requantizes(kernel: str) -> bool:
    """Whether the kernel's text depends on the kind of requantization."""
    return kernel_sources([kernel], "fixed") != kernel_sources([kernel], "float")


def compiled_files() -> list[Subject]:
    """Every model of the shared data that is compiled."""
    every = (subject(known.path) for known in listed(lambda _known: True))
    return [model for model in every if not model.refusal]


def convolution_to_float() -> Subject:
    """A convolution of integers whose output nobody quantizes."""
    graph = OnnxGraph()
    image = graph.input(np.zeros((1, 2, 6, 6), np.float32))
    values = graph.quantized(image, 0.1, _ZERO_POINT)
    real = graph.dequantized(values, 0.1, _ZERO_POINT)
    weights = graph.dequantized(graph.constant(_weights(5, 2, 3, 3)), 0.02, i8(0))
    return _subject(graph, graph.node("Conv", [real, weights], pads=[1, 1, 1, 1]))


def unsigned_layer() -> Subject:
    """A dense layer of uint8 values whose output nobody quantizes."""
    graph = OnnxGraph()
    values = graph.input(np.zeros((1, 7), np.uint8))
    real = graph.dequantized(values, 0.1, _ZERO_POINT)
    weights = graph.dequantized(graph.constant(_weights(7, 5)), 0.02, i8(0))
    return _subject(graph, graph.node("MatMul", [real, weights]))


def integer_products() -> Subject:
    """The product of two matrices that are both computed, quantized and not."""
    graph = OnnxGraph()
    reals = []
    for shape in ((3, 4), (4, 5)):
        values = graph.quantized(graph.input(np.zeros(shape, np.float32)), 0.1, _ZERO_POINT)
        reals.append(graph.dequantized(values, 0.1, _ZERO_POINT))
    product = graph.quantized(graph.node("MatMul", reals), 0.2, _ZERO_POINT)
    back = graph.node("Transpose", [graph.dequantized(product, 0.2, _ZERO_POINT)])
    return _subject(graph, graph.node("MatMul", [back, reals[0]]))


def unsigned_end() -> Subject:
    """An input of 16 bits without sign."""
    graph = OnnxGraph(opset=21)
    values = graph.input(np.zeros((1, 7), np.uint16))
    return _subject(graph, graph.dequantized(values, 0.1, np.asarray(100, np.uint16)))


def legacy_layers() -> Subject:
    """Layers of uint8 values as TensorFlow Lite had them before int8."""
    graph = TfliteGraph()
    for seed, draw in _LEGACY:
        draw(Case(graph, np.random.default_rng(seed)))
    make_unsigned(graph)
    content = graph.content()
    return Subject(read_tflite(content, "legacy"), content)


def steep_sum() -> Subject:
    """A sum whose scale is far below those of its operands."""
    graph = TfliteGraph()
    case = Case(graph, np.random.default_rng(0))
    operands = [case.source((1, 5), Scale(1.0, 0)) for _ in range(2)]
    y = case.result((1, 5), Scale(2.0**-21, 0))
    graph.node("ADD", operands, [y], "AddOptions", fields((case.activation(),)), version=2)
    content = graph.content()
    return Subject(read_tflite(content, "sum"), content)


def drawn_layers(name: str, draws: Sequence[Draw], seeds: Iterable[int]) -> Subject:
    """A case of each kind for each seed, all in one file."""
    graph = TfliteGraph()
    for seed in seeds:
        for draw in draws:
            draw(Case(graph, np.random.default_rng(seed)))
    content = graph.content()
    return Subject(read_tflite(content, name), content)


def _weights(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    return np.random.default_rng(0).integers(-127, 128, shape).astype(np.int8)


def _subject(graph: OnnxGraph, output: str) -> Subject:
    content = graph.model(output)
    return Subject(read(content), content)
