"""Activations of 16 bits, as onnxruntime's quantizer writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnxruntime.quantization import QuantFormat, QuantType, quant_pre_process, quantize_static

from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from tests.support.drawn_calibration import Drawn
from tests.support.exactness import (
    assert_near,
    assert_same_bits,
    input_sets,
    subject,
)
from tests.support.host_runs import sanitized_outputs
from tests.support.onnx_float_operators import subject_of
from tests.support.onnx_int16_operators import int16_layers
from tests.support.small_networks import NETWORKS

FORMS: dict[str, dict[str, Any]] = {
    "int16-by-channel": {"activation_type": QuantType.QInt16, "per_channel": True},
    "int16-symmetric": {
        "activation_type": QuantType.QInt16,
        "extra_options": {"ActivationSymmetric": True},
    },
    "uint16": {"activation_type": QuantType.QUInt16},
    "uint16-uint8-weights": {
        "activation_type": QuantType.QUInt16,
        "weight_type": QuantType.QUInt8,
    },
    "of-onnxruntime": {
        "activation_type": QuantType.QInt16,
        "extra_options": {"UseQDQContribOps": True},
    },
}
# Of what onnxruntime computes in float32 between 16-bit integers: some steps of those.
NEAR_ONNXRUNTIME = 2.0**-12
# Where sums of reals, which have no defined order, are quantized: a step.
NEAR_SEMANTICS = 2.0**-14


def _quantized(network: str, form: str, folder: Path) -> Path:
    model = NETWORKS[network]()
    given, prepared, quantized = (folder / f"{name}.onnx" for name in ("given", "ready", form))
    onnx.save(model, given)
    quant_pre_process(given, prepared, skip_symbolic_shape=True)
    options = {"weight_type": QuantType.QInt8, "quant_format": QuantFormat.QDQ, **FORMS[form]}
    quantize_static(prepared, quantized, Drawn(model), **options)
    return quantized


@pytest.mark.many
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_of_16_bits_computes_what_the_semantics_say(
    network: str, form: str, tmp_path: Path
) -> None:
    found = subject(_quantized(network, form, tmp_path))
    sets = input_sets(found.graph, 4)
    got = sanitized_outputs(found.generated, sets)
    assert_near(got, found.expected(sets), NEAR_SEMANTICS)
    assert_near(got, run_onnxruntime_many(found.content, found.graph, sets), NEAR_ONNXRUNTIME)


def test_layers_of_16_bits_are_exact() -> None:
    model, _ = subject_of(int16_layers)
    sets = input_sets(model.graph, 8)
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))


def test_layers_keep_their_weights_in_8_bits(tmp_path: Path) -> None:
    steps = lower(subject(_quantized("residual", "int16-by-channel", tmp_path)).graph).steps
    kernels = {step.kernel for step in steps}
    assert "conv2d_half_even_s16" in kernels
    assert not {"conv2d_f32", "fully_connected_f32"} & kernels
