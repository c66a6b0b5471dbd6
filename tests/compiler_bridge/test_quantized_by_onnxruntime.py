"""What onnxruntime's quantizer writes is compiled, in each of its forms, and to the bit.

The networks are those that small devices run: residual and inverted residual ones, attention,
recurrent cells, encoders with decoders. Their weights are random.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnxruntime.quantization import (
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_static,
)

from tests.support.drawn_calibration import Drawn
from tests.support.exactness import assert_right, input_sets, subject
from tests.support.host_runs import sanitized_outputs
from tests.support.small_networks import NETWORKS

pytestmark = pytest.mark.many

_SIGNED, _UNSIGNED = QuantType.QInt8, QuantType.QUInt8
FORMS: dict[str, dict[str, Any]] = {
    "qdq-int8-by-channel": {
        "quant_format": QuantFormat.QDQ,
        "activation_type": _SIGNED,
        "weight_type": _SIGNED,
        "per_channel": True,
    },
    "qdq-uint8": {
        "quant_format": QuantFormat.QDQ,
        "activation_type": _UNSIGNED,
        "weight_type": _SIGNED,
    },
    "qdq-int8-symmetric": {
        "quant_format": QuantFormat.QDQ,
        "activation_type": _SIGNED,
        "weight_type": _SIGNED,
        "extra_options": {"ActivationSymmetric": True},
    },
    "qdq-uint8-weights": {
        "quant_format": QuantFormat.QDQ,
        "activation_type": _UNSIGNED,
        "weight_type": _UNSIGNED,
    },
    "qoperator-int8": {
        "quant_format": QuantFormat.QOperator,
        "activation_type": _SIGNED,
        "weight_type": _SIGNED,
    },
    "qoperator-uint8": {
        "quant_format": QuantFormat.QOperator,
        "activation_type": _UNSIGNED,
        "weight_type": _SIGNED,
    },
    "qoperator-uint8-weights": {
        "quant_format": QuantFormat.QOperator,
        "activation_type": _UNSIGNED,
        "weight_type": _UNSIGNED,
    },
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_quantized_network_computes_what_the_semantics_say(
    network: str, form: str, tmp_path: Path
) -> None:
    model = NETWORKS[network]()
    given, prepared, quantized = (tmp_path / f"{name}.onnx" for name in ("given", "ready", form))
    onnx.save(model, given)
    quant_pre_process(given, prepared, skip_symbolic_shape=True)
    quantize_static(prepared, quantized, Drawn(model), **FORMS[form])
    found = subject(quantized)
    sets = input_sets(found.graph, 4)
    assert_right(found, sanitized_outputs(found.generated, sets), found.expected(sets))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_float_network_computes_what_onnxruntime_computes(network: str, tmp_path: Path) -> None:
    path = tmp_path / f"{network}.onnx"
    onnx.save(NETWORKS[network](), path)
    found = subject(path)
    sets = input_sets(found.graph, 4)
    assert_right(found, sanitized_outputs(found.generated, sets), found.expected(sets))
