"""The committed examples are what their metadata says, in float and in int8."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from pymicro_wakeword import MicroWakeWordFeatures
from tflite_micro.python.tflite_micro import runtime

from fitgraph.compiler_bridge.recipes.evaluate import evaluate
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from fitgraph.compiler_bridge.recipes.recipe import QuantizedModel
from fitgraph.compiler_bridge.reference.choose import QLinearReference
from fitgraph.registry.facts import model_facts
from fitgraph.registry.read_model import read_model
from tests.support.float_models import Array

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("activity", "anomaly", "digits")

# onnxruntime's float kernels round by CPU; a sample at a decision boundary may move with them.
SAMPLES_THAT_MAY_MOVE = 2

INT8_OPERATORS: Mapping[str, Mapping[str, int]] = {
    "activity": {
        "Add": 1,
        "Conv": 5,
        "Flatten": 1,
        "Gemm": 1,
        "GlobalAveragePool": 1,
        "MaxPool": 1,
        "Softmax": 1,
    },
    "anomaly": {"Gemm": 4},
    "digits": {"AveragePool": 1, "Conv": 4, "Flatten": 1, "Gemm": 2, "MaxPool": 1, "Softmax": 1},
}


def metadata(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / name / "metadata.json").read_text())
    return found


def model_path(name: str) -> Path:
    return EXAMPLES / name / f"{name}.onnx"


def arrays(name: str, file: str) -> dict[str, Array]:
    with np.load(EXAMPLES / name / file) as data:
        return dict(data)


@pytest.fixture(scope="module", params=NAMES)
def variant(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> QuantizedModel:
    """Each example in int8."""
    out = tmp_path_factory.mktemp("int8") / f"{request.param}.onnx"
    return quantize_int8(model_path(request.param), arrays(request.param, "calibration.npz"), out)


def measured(path: Path, name: str) -> float:
    test = arrays(name, "test.npz")
    return evaluate(path, test["x"], test["y"], metadata(name)["metric"]["name"]).value


def test_the_metadata_states_what_the_model_reaches_in_float_and_in_int8(
    variant: QuantizedModel,
) -> None:
    name = variant.path.stem
    stated = metadata(name)["metric"]
    tolerance = SAMPLES_THAT_MAY_MOVE / stated["test_samples"]
    assert measured(model_path(name), name) == pytest.approx(stated["float"], abs=tolerance)
    assert measured(variant.path, name) == pytest.approx(stated["int8"], abs=tolerance)


def test_int8_costs_less_than_two_points(variant: QuantizedModel) -> None:
    name = variant.path.stem
    assert measured(model_path(name), name) - measured(variant.path, name) < 0.02


def test_no_operator_of_an_example_stays_in_float(variant: QuantizedModel) -> None:
    assert variant.int8_operators == INT8_OPERATORS[variant.path.stem]
    assert variant.float_operators == {}


def test_the_written_down_semantics_reach_what_the_metadata_states(
    variant: QuantizedModel,
) -> None:
    name = variant.path.stem
    stated, test = metadata(name)["metric"], arrays(name, "test.npz")
    reference = QLinearReference(read_model(variant.path))
    found = evaluate(lambda x: reference.run([x])[0], test["x"], test["y"], stated["name"])
    tolerance = SAMPLES_THAT_MAY_MOVE / stated["test_samples"]
    assert found.value == pytest.approx(stated["int8"], abs=tolerance)


def test_the_documentation_states_the_same_figures(
    variant: QuantizedModel, repository: Path
) -> None:
    name = variant.path.stem
    facts, metric = metadata(name), metadata(name)["metric"]
    row = [
        name,
        "x".join(map(str, facts["input"]["shape"])),
        f"{facts['parameters']:,}",
        f"{facts['macs']:,}",
        f"{model_path(name).stat().st_size / 1000:.0f} kB",
        f"{variant.n_bytes / 1000:.0f} kB",
        f"{metric['name']}, {metric['test_samples']} samples",
        f"{metric['float']:.1%}",
        f"{metric['int8']:.1%}",
    ]
    operators = ", ".join(f"{op} {count}" for op, count in variant.int8_operators.items())
    text = (repository / "docs" / "examples.md").read_text(encoding="utf-8")
    assert f"| {' | '.join(row)} |" in text
    assert f"| {name} | {operators} |" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_registry_counts_what_the_metadata_counts(name: str) -> None:
    found, stated = model_facts(read_model(model_path(name))), metadata(name)
    assert (found.params, found.macs) == (stated["parameters"], stated["macs"])


@pytest.mark.parametrize("name", NAMES)
def test_the_data_fits_the_model_and_the_metadata(name: str) -> None:
    facts = metadata(name)
    graph = onnx.load(model_path(name)).graph
    calibration, test = arrays(name, "calibration.npz"), arrays(name, "test.npz")
    shape = [dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim]
    assert facts["input"]["shape"] == shape
    assert list(calibration) == [graph.input[0].name] == [facts["input"]["name"]]
    assert [*test] == ["x", "y"]
    (calibrated,) = calibration.values()
    for data, count in (
        (calibrated, facts["metric"]["calibration_samples"]),
        (test["x"], facts["metric"]["test_samples"]),
    ):
        assert data.dtype == np.float32
        assert data.shape == (count, *shape[1:])
        assert np.abs(data).max() <= 1
    assert test["y"].shape == (len(test["x"]),)


@pytest.mark.parametrize("name", NAMES)
def test_no_test_sample_is_among_the_calibration_samples(name: str) -> None:
    (calibration,) = arrays(name, "calibration.npz").values()
    seen = {sample.tobytes() for sample in calibration}
    assert not [x for x in arrays(name, "test.npz")["x"] if x.tobytes() in seen]


@pytest.mark.parametrize("name", ["activity", "digits"])
def test_the_labels_of_a_classifier_are_its_outputs(name: str) -> None:
    labels = metadata(name)["output"]["labels"]
    graph = onnx.load(model_path(name)).graph
    assert graph.output[0].type.tensor_type.shape.dim[1].dim_value == len(labels)
    assert set(arrays(name, "test.npz")["y"].tolist()) == set(range(len(labels)))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_small_and_names_source_licence_and_script(name: str) -> None:
    facts = metadata(name)
    sizes = {path.name: path.stat().st_size for path in (EXAMPLES / name).iterdir()}
    assert {f"{name}.onnx", "calibration.npz", "test.npz", "metadata.json"} <= set(sizes)
    assert max(sizes.values()) < 300_000
    assert (EXAMPLES.parent / facts["script"]).is_file()
    assert facts["data"]["source"]
    assert facts["data"]["licence"]
    assert facts["input"]["sensor"]


def test_digits_in_float_is_too_large_for_a_part_whose_flash_holds_it_in_int8() -> None:
    # STM32F103xB: 128 kB of flash (DS5319, device summary).
    n_parameters = metadata("digits")["parameters"]
    assert n_parameters * 4 > 128 * 1024
    assert n_parameters < 128 * 1024 / 2, "leaves half of it for code and application"


def test_the_activity_network_is_one_dimensional() -> None:
    graph = onnx.load(model_path("activity")).graph
    kernels = [
        list(attribute.ints)
        for node in graph.node
        if node.op_type == "Conv"
        for attribute in node.attribute
        if attribute.name == "kernel_shape"
    ]
    assert kernels == [[5], [5], [1], [5], [3]]


def test_the_float_examples_are_plain_onnx_with_static_shapes() -> None:
    for name in NAMES:
        model = onnx.load(model_path(name))
        onnx.checker.check_model(model, full_check=True)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
        for value in (*model.graph.input, *model.graph.value_info, *model.graph.output):
            assert all(dim.dim_value > 0 for dim in value.type.tensor_type.shape.dim)


@pytest.fixture(scope="module")
def wake_word() -> Path:
    run = subprocess.run(
        [sys.executable, EXAMPLES / "wakeword" / "locate.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(run.stdout.removesuffix("\n"))


def test_the_wake_word_model_is_found_in_its_package(wake_word: Path) -> None:
    assert wake_word.name == "okay_nabu.tflite"
    assert wake_word.read_bytes()[4:8] == b"TFL3"


def chirp() -> npt.NDArray[np.int16]:
    """Two seconds at 16 kHz of something like a voice, enough to move the output off zero."""
    time_s = np.arange(32_000) / 16_000
    pitch_hz = 200 + 150 * np.sin(4 * np.pi * time_s)
    voiced = np.sin(8 * np.pi * time_s) > 0
    noise = np.random.default_rng(0).standard_normal(len(time_s))
    tone = np.sin(2 * np.pi * pitch_hz * time_s) * voiced
    return (8000 * tone + 300 * noise).astype(np.int16)


def features_of(audio: npt.NDArray[np.int16]) -> Array:
    """The front end's feature windows (n, 40), n a multiple of three."""
    windows = list(MicroWakeWordFeatures().process_streaming(audio.tobytes()))
    assert len(windows) == 1 + (len(audio) - 480) // 160, "30 ms windows, 10 ms apart"
    return np.concatenate(windows, axis=1)[0, : len(windows) // 3 * 3]


def test_the_wake_word_takes_three_feature_windows_and_remembers(wake_word: Path) -> None:
    interpreter = runtime.Interpreter.from_file(str(wake_word))
    entry, output = interpreter.get_input_details(0), interpreter.get_output_details(0)
    assert (list(entry["shape"]), entry["dtype"]) == ([1, 3, 40], np.int8)
    assert (list(output["shape"]), output["dtype"]) == ([1, 1], np.uint8)
    features = features_of(chirp())
    assert features.min() == 0
    assert 20 < features.max() < 26.1
    scale, zero_point = (entry["quantization_parameters"][k] for k in ("scales", "zero_points"))
    quantized = np.round(features / scale + zero_point)
    windows = quantized.clip(-128, 127).astype(np.int8).reshape(-1, 1, 3, 40)

    def run() -> list[int]:
        found = []
        for window in windows:
            interpreter.set_input(window, 0)
            interpreter.invoke()
            found.append(int(interpreter.get_output(0).item()))
        return found

    first = run()
    second = run()
    interpreter.reset()
    assert max(first) > 0
    assert first != second, "it remembers the first pass"
    assert run() == first
