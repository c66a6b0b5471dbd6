"""Random layers with weights of 4 and 2 bits: the packed kernels give TFLM's bits on all shapes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.generate import generate, lower
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import Subject, assert_same_bits, input_sets
from tests.support.host_runs import sanitized_outputs
from tests.support.low_bit_models import SAME, VALID, LowBitNetwork, Shape, Window

BITS = st.sampled_from([2, 4])
SIZES = st.tuples(st.integers(1, 4), st.integers(1, 4))
STEPS = st.tuples(st.integers(1, 3), st.integers(1, 3))
WINDOWS = st.builds(Window, SIZES, STEPS, st.just((1, 1)), st.sampled_from([SAME, VALID]))
SPREAD = st.builds(Window, SIZES, st.just((1, 1)), STEPS, st.sampled_from([SAME, VALID]))
CHANNELS = st.integers(1, 21)
# Of the last layer, which alone saves what the code of packed weights takes.
MANY = 700


@st.composite
def networks(draw: st.DrawFn) -> Subject:
    """Convolutions of any window, a depthwise one now and then, and a dense layer."""
    network = LowBitNetwork(draw(st.integers(0, 2**20)), "int8")
    shape: Shape = (1, draw(st.integers(4, 9)), draw(st.integers(4, 9)), draw(CHANNELS))
    network.image(*shape)
    for _ in range(draw(st.integers(1, 3))):
        window = draw(WINDOWS | SPREAD)
        if min(window.places(shape[1:3])) < 1:
            continue
        shape = network.window(shape, draw(CHANNELS), window, draw(BITS))
        if draw(st.booleans()):
            multiplier = draw(st.integers(1, 3))
            network.depthwise(shape, multiplier, draw(BITS))
            shape = (*shape[:-1], shape[-1] * multiplier)
    n = shape[1] * shape[2] * shape[3]
    network.dense(n, max(draw(CHANNELS), 3 * MANY * 4 // n), draw(BITS))
    return network.subject()


def is_packed_as_said(model: Subject) -> bool:
    """Rows are in 2 or 4 bits where that saves anything; depthwise layers of one filter never."""
    steps = lower(model.graph, pack_weights=True).steps
    rows = [step.fields["rows"] for step in steps if "rows" in step.fields]
    bits = [one["bits"] for one in rows if isinstance(one, dict)]
    return bool(bits) and min(bits) < 8 and {step.kernel for step in steps} <= {
        "conv2d_s8", "depthwise_s8", "fully_connected_s8",
    }  # fmt: skip


@pytest.mark.parametrize("define", ["", "FG_EMULATE_SIMD", "FG_EMULATE_NARROW"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(model=networks())
def test_random_layers_in_few_bits_compute_what_tflm_computes(define: str, model: Subject) -> None:
    """Under the sanitizers, in plain C and with emulated DSP instructions."""
    assert is_packed_as_said(model)
    code = generate(model.graph, pack_weights=True)
    files = {
        name: f"#define {define}\n{text}" if define and name.endswith(".c") else text
        for name, text in code.files.items()
    }
    sets = input_sets(model.graph, n_random=2)
    assert_same_bits(sanitized_outputs(replace(code, files=files), sets), model.expected(sets))


@pytest.mark.slow
@pytest.mark.parametrize("isa_class", ["armv6-m", "armv7e-m+fp", "rv32imc"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(model=networks())
def test_cores_compute_random_layers_in_few_bits_as_tflm_does(
    isa_class: str, model: Subject
) -> None:
    sets = input_sets(model.graph, n_random=1)
    code = generate(model.graph, pack_weights=True)
    assert_same_bits(emulated_outputs(code, isa_class, sets), model.expected(sets))
