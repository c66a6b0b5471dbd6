"""Layers that CMSIS-NN computes, where a user points to it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitgraph.compiler_bridge.artifacts import artifact_files
from fitgraph.compiler_bridge.cmsis_nn.checkout import (
    Checkout,
    CmsisNn,
    CmsisNnError,
    for_class,
    read_checkout,
)
from fitgraph.compiler_bridge.cmsis_nn.scratch import Extension
from fitgraph.compiler_bridge.errors import EmulationError, ProofError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.packages.kinds import package_files
from fitgraph.compiler_bridge.packages.proven import proven_content
from fitgraph.compiler_bridge.prove import ProvenBuild, prove
from fitgraph.compiler_bridge.verify import verify
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.tflite_reader import read_tflite
from tests.compiler_bridge.test_fuzz_tflite import by_tflm, drawn, is_compiled
from tests.support.cmsis_nn import STAND_IN, checkout
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import Subject, assert_same_bits, input_sets, subject
from tests.support.low_bit_models import SAME, VALID, LowBitNetwork, Window, every_layer
from tests.support.tflite_case import fields

MICROBIT = builtin_board("bbc-microbit-v2")
# Of random operators; 12 of them are called.
SEEDS = range(5000, 5040)
LIBRARIES = ("stand-in", "Arm's")
CORES = ("armv6-m", "armv7e-m+fp", "armv8.1-m.main+mve")


def network() -> Subject:
    """All kinds of layers that are called, with weights of 8 bits."""
    return every_layer(3, "int8", (8, 8, 8, 8))


def called(model: Subject, extension: Extension = Extension.DSP) -> Counter[str]:
    """How often each kernel of ours calls the library."""
    library = CmsisNn(read_checkout(STAND_IN), extension)
    kernels = (step.kernel for step in lower(model.graph, cmsis_nn=library).steps)
    return Counter(name for name in kernels if name.startswith("cmsis_nn"))


@pytest.fixture(scope="module")
def proven() -> ProvenBuild:
    model = network()
    library = read_checkout(STAND_IN)
    return prove(model.graph, model.content, MICROBIT, n_random=2, cmsis_nn=library)


@pytest.mark.parametrize("isa_class", CORES)
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_network_gives_the_bits_of_the_interpreter(name: str, isa_class: str) -> None:
    """Whatever the library leaves in its scratch."""
    model = network()
    code = generate(model.graph, cmsis_nn=for_class(checkout(name), isa_class))
    sets = input_sets(model.graph, n_random=2)
    assert_same_bits(emulated_outputs(code, isa_class, sets), model.expected(sets))


@pytest.mark.parametrize("isa_class", CORES)
@pytest.mark.parametrize("name", ["*aeea4368_kws*", "*cd0ce26f_tflite_micro_speech*"])
def test_real_networks_give_the_bits_of_the_interpreter(
    name: str, isa_class: str, shared_data: Path
) -> None:
    model = subject(next((shared_data / "models").glob(name)))
    code = generate(model.graph, cmsis_nn=for_class(checkout("Arm's"), isa_class))
    sets = input_sets(model.graph, n_random=1)
    assert_same_bits(emulated_outputs(code, isa_class, sets), model.expected(sets))


@pytest.mark.parametrize("name", LIBRARIES)
def test_operators_give_the_bits_of_the_interpreter(name: str) -> None:
    """On this machine, where no core's own instructions are used."""
    library = CmsisNn(checkout(name), Extension.NONE)
    wanted = by_tflm([seed for seed in SEEDS if is_compiled(seed)])
    graph, cases = drawn(list(wanted))
    model = read_tflite(graph.content(), "cases")
    inputs = list(graph.inputs.values())
    # Arm's own shifts negative numbers, which C leaves undefined.
    sanitizers = ("address", "undefined") if name == "stand-in" else ("address",)
    (outputs,) = run_on_host(generate(model, cmsis_nn=library), [inputs], sanitize=sanitizers)
    got = dict(zip(graph.outputs, outputs, strict=True))
    for case, expected in zip(cases, wanted.values(), strict=True):
        for index, value in zip(case.outputs, expected, strict=True):
            assert np.array_equal(got[index], value), case.label


def test_every_layer_that_the_library_has_is_called() -> None:
    found = called(network())
    assert found == {
        "cmsis_nn_conv2d_s8": 3,  # a depthwise layer of one channel is a convolution
        "cmsis_nn_depthwise_s8": 1,
        "cmsis_nn_fully_connected_s8": 1,
    }


def one_channel() -> Subject:
    """Eight filters over one channel, depthwise."""
    net = LowBitNetwork(2, "int8")
    net.image(1, 6, 5, 1)
    net.depthwise((1, 6, 5, 1), 8, 8)
    return net.subject()


@pytest.mark.parametrize("name", LIBRARIES)
def test_depthwise_layers_of_one_channel_are_such_where_that_is_quicker(name: str) -> None:
    model = one_channel()
    assert called(model) == {"cmsis_nn_depthwise_s8": 1}
    assert called(model, Extension.MVE) == {"cmsis_nn_conv2d_s8": 1}
    sets = input_sets(model.graph, n_random=2)
    for isa_class in CORES:
        code = generate(model.graph, cmsis_nn=for_class(checkout(name), isa_class))
        assert_same_bits(emulated_outputs(code, isa_class, sets), model.expected(sets))


def test_without_the_demand_nothing_is_called() -> None:
    assert not any(step.kernel.startswith("cmsis") for step in lower(network().graph).steps)
    assert generate(network().graph).library is None


def test_weights_of_4_bits_stay_ours() -> None:
    assert not called(every_layer(3, "int4"))


def windowed(in_w: int, stride: int) -> Subject:
    """A 3 x 3 depthwise layer over four rows, without padding before the first column."""
    net = LowBitNetwork(1, "int8")
    net.image(1, 4, in_w, 4)
    inputs = net._layer(net._integers((1, 3, 3, 4), 8), 3)
    high, wide = Window((3, 3), (1, stride), (1, 1), SAME).places((4, in_w))
    out = net._result((1, high, wide, 4))
    options = fields((SAME, stride, 1, 1, np.int8(0), 1, 1))
    kind = "DepthwiseConv2DOptions"
    net.graph.node("DEPTHWISE_CONV_2D", inputs, [out], kind, options, version=3)
    return net.subject()


@pytest.mark.parametrize(("in_w", "stride"), [(1, 1), (2, 1), (5, 2), (6, 2), (7, 3)])
def test_windows_of_3_by_3_at_the_edge_are_right(in_w: int, stride: int) -> None:
    """Arm's kernel for them reads the middle column unasked."""
    model = windowed(in_w, stride)
    code = generate(model.graph, cmsis_nn=for_class(checkout("Arm's"), "armv7e-m+fp"))
    sets = input_sets(model.graph, n_random=2)
    assert_same_bits(emulated_outputs(code, "armv7e-m+fp", sets), model.expected(sets))


def test_a_window_that_ends_beside_the_image_stays_ours() -> None:
    """Two columns of padding after the last: the layer pads them itself."""
    net = LowBitNetwork(1, "int8")
    net.image(1, 4, 5, 4)
    padded = net.graph.tensor((1, 4, 7, 4), "int8", net.scale)
    pads = net.graph.numbers(np.array([[0, 0], [0, 0], [0, 2], [0, 0]]))
    net.graph.node("PAD", [net.end, pads], [padded], "PadOptions", {}, version=2)
    net.end = padded
    inputs = net._layer(net._integers((1, 3, 3, 4), 8), 3)
    out = net._result((1, 2, 5, 4))
    options = fields((VALID, 1, 1, 1, np.int8(0), 1, 1))
    kind = "DepthwiseConv2DOptions"
    net.graph.node("DEPTHWISE_CONV_2D", inputs, [out], kind, options, version=3)
    model = net.subject()
    assert [step.kernel for step in lower(model.graph).steps] == ["depthwise_s8"]
    assert not called(model)


def test_arguments_say_of_a_layer_what_the_file_does() -> None:
    steps = lower(network().graph, cmsis_nn=CmsisNn(read_checkout(STAND_IN), Extension.DSP)).steps
    convolution = next(step for step in steps if step.label.startswith("CONV_2D"))
    wanted: dict[str, Any] = {
        "in": {"n": 1, "h": 6, "w": 5, "c": 7},
        "filter": {"n": 10, "h": 3, "w": 3, "c": 7},
        "out": {"n": 1, "h": 6, "w": 5, "c": 10},
        "scratch_bytes": 4 * 64,  # two columns of int16, filled up to fours
    }
    assert {name: convolution.fields[name] for name in wanted} == wanted
    params: Any = convolution.fields["params"]
    assert params["padding"] == params["stride"] == params["dilation"] == {"w": 1, "h": 1}
    assert len(convolution.scratch) == 1


def test_sources_are_those_of_what_is_called_and_of_all_that_these_call() -> None:
    library = read_checkout(STAND_IN).library(
        ["x = arm_fully_connected_s8(); /* arm_max_pool_s8 */"]
    )
    assert library.sources == (
        "Source/Layers/arm_fully_connected.c",
        "Source/Support/arm_nn_scaled.c",
    )
    assert "Internal/arm_nn_compiler.h" in library.files


def test_the_proof_names_the_library_and_can_be_done_again(proven: ProvenBuild) -> None:
    """The footprint is not the model's own."""
    model, library = network(), read_checkout(STAND_IN)
    assert proven.proof.called_library == "CMSIS-NN, arm_nnfunctions.h stand-in"
    assert len(proven.proof.called_library_sha256) == 64
    assert proven.footprints == ()
    again = partial(verify, proven.proof, model.graph, model.content, MICROBIT)
    assert again(cmsis_nn=lambda: library).holds
    with pytest.raises(ProofError, match="calls CMSIS-NN") as refused:
        again()
    assert "--cmsis-nn" in refused.value.hint


def test_another_library_is_told_by_its_digest(proven: ProvenBuild) -> None:
    model, library = network(), read_checkout(STAND_IN)
    files = {path: f"{text}\n" for path, text in library.files.items()}
    other = Checkout(library.name, files, library.defined)
    found = verify(proven.proof, model.graph, model.content, MICROBIT, cmsis_nn=lambda: other)
    assert {line.name for line in found.differing} == {"library's digest", "sources"}


def test_nothing_of_the_library_is_delivered(proven: ProvenBuild) -> None:
    """The manifests say what is needed."""
    content = proven_content(proven, MICROBIT, "net")
    for files in (artifact_files(proven, MICROBIT), package_files("cmake", content)):
        assert not any(b"int32_t arm_nn_scaled(" in text for text in files.values())
        manifest = files["manifest.json"].decode()
        assert '"library": "CMSIS-NN, arm_nnfunctions.h stand-in"' in manifest
        assert "Source/Layers/arm_convolve.c" in manifest


def test_a_library_that_wants_more_scratch_than_is_planned_stops_the_core() -> None:
    """It does not write over what lies behind."""
    library, model = read_checkout(STAND_IN), network()
    path = "Source/Layers/arm_convolve.c"
    greedy = library.files[path].replace("? 0 : 4 *", "? 0 : 400 *")
    files = {**library.files, path: greedy}
    code = generate(model.graph, cmsis_nn=CmsisNn(replace(library, files=files), Extension.DSP))
    with pytest.raises(EmulationError):
        emulated_outputs(code, "armv7e-m+fp", input_sets(model.graph, n_random=1))


def test_what_is_no_core_of_arm_is_refused() -> None:
    with pytest.raises(CmsisNnError, match="not for rv32imc") as refused:
        for_class(read_checkout(STAND_IN), "rv32imc")
    assert refused.value.hint


def without(folder: Path, *paths: str) -> Path:
    """A copy of the stand-in that lacks something."""
    copy = folder / "copy"
    shutil.copytree(STAND_IN, copy)
    for path in paths:
        (copy / path).unlink()
    return copy


LACKING: dict[str, tuple[Sequence[str], str]] = {
    "header": (["Include/arm_nnfunctions.h"], "is no CMSIS-NN"),
    "old": (["Include/Internal/arm_nn_compiler.h"], "too old"),
    "function": (["Source/Layers/arm_pool.c"], "lacks arm_avgpool_s8"),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_is_no_checkout_is_refused(name: str, tmp_path: Path) -> None:
    paths, message = LACKING[name]
    with pytest.raises(CmsisNnError, match=message) as refused:
        read_checkout(without(tmp_path, *paths))
    assert "5.0.0" in refused.value.hint


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CmsisNnError, match="there is no folder"):
        read_checkout(tmp_path / "absent")


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    folder = without(tmp_path)
    (folder / "Source" / "Layers" / "arm_pool.c").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CmsisNnError, match="cannot be read as C"):
        read_checkout(folder)


def test_the_version_is_that_of_the_pack_where_it_tells_one(tmp_path: Path) -> None:
    folder = without(tmp_path)
    pack = folder / "ARM.CMSIS-NN.pdsc"
    pack.write_text('<package><releases><release version="7.0.0"/></releases></package>')
    assert read_checkout(folder).name == "CMSIS-NN 7.0.0"
    pack.write_text('<package><releases><release version="0.0.0"/></releases></package>')
    assert read_checkout(folder).name == "CMSIS-NN, arm_nnfunctions.h stand-in"
