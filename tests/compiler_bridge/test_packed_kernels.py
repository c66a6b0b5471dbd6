"""The loops for DSP extensions and for cores without long multiplication, on the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitgraph.compiler_bridge.lower.packed_layers import packed_conv, packed_depthwise
from fitgraph.compiler_bridge.lower.packed_rows import pack_rows
from fitgraph.compiler_bridge.program import Blocks
from tests.support.exactness import assert_right, input_sets, subject
from tests.support.host_runs import sanitized_outputs
from tests.support.reference_models import reference_path

DEFINES = ("FG_EMULATE_SIMD", "FG_EMULATE_NARROW")


@pytest.mark.parametrize("define", DEFINES)
@pytest.mark.parametrize(
    "name", ["Hello_World", "Move", "Voice_Turn", "Magic_Wand_2", "ARM_DS_CNN_Small_"]
)
def test_the_loops_of_other_cores_are_right_on_the_host(
    shared_data: Path, name: str, define: str
) -> None:
    """Under the sanitizers, the emulated instructions give the reference's outputs."""
    model = subject(reference_path(shared_data, name))
    files = {
        file: f"#define {define}\n{text}" if file.endswith(".c") else text
        for file, text in model.generated.files.items()
    }
    sets = input_sets(model.graph, n_random=2)
    outputs = sanitized_outputs(replace(model.generated, files=files), sets)
    assert_right(model, outputs, model.expected(sets))


@pytest.mark.parametrize(("n_rows", "n_taps"), [(1, 1), (3, 8), (4, 4), (9, 7), (12, 16)])
def test_packed_rows_hold_each_weight_once(n_rows: int, n_taps: int) -> None:
    """Of four rows four taps lie together, a row behind another; rows left over lie as they are."""
    rows = np.random.default_rng(n_taps).integers(-128, 128, (n_rows, n_taps)).astype(np.int8)
    blocks, rest = pack_rows([rows]).parts
    n_blocks, n_packed = -(-n_taps // 4), n_rows // 4 * 4
    assert blocks.size + rest.size == n_rows * n_blocks * 4
    for row in range(n_packed):
        for tap in range(n_taps):
            block = blocks[row // 4 * n_blocks + tap // 4]
            assert block[row % 4 * 4 + tap % 4] == rows[row, tap]
    np.testing.assert_array_equal(rest.reshape(-1, n_blocks * 4)[:, :n_taps], rows[n_packed:])


def layer(weights: np.ndarray[tuple[int, ...], np.dtype[np.int8]], **fields: int) -> dict[str, Any]:
    """A 3 x 3 layer as lowering makes it; weights for each output or, depthwise, each channel."""
    n_outputs = fields["out_c"]
    requant = {
        "multiplier": np.full(n_outputs, 2**30, np.int32),
        "shift": np.full(n_outputs, -3, np.int8),
        "step": 1,
        "zero_point": 5,
        "low": -128,
        "high": 127,
    }
    ones = ("batch", "stride_h", "stride_w", "pad_h", "pad_w", "dilation_h", "dilation_w")
    sizes = dict.fromkeys(("in_h", "in_w", "out_h", "out_w"), 8)
    sizes |= dict.fromkeys(ones, 1) | {"kernel_h": 3, "kernel_w": 3, "offset": 7}
    bias = np.arange(n_outputs, dtype=np.int32)
    return {"weights": weights, "bias": bias, "requant": requant, **sizes, **fields}


def test_depthwise_weights_lie_by_four_channels_the_last_four_over_those_before() -> None:
    weights = np.arange(9 * 6, dtype=np.int8).reshape(3, 3, 6)
    packed = packed_depthwise(layer(weights, in_c=6, out_c=6, multiplier=1), "fixed")
    assert packed.kernel == "depthwise_s8"
    packed_weights = packed.fields["weights"]
    assert isinstance(packed_weights, Blocks)
    assert packed_weights.vectors is None
    fours = packed_weights.flat.reshape(2, 3, 3, 4)
    np.testing.assert_array_equal(fours[0], weights[..., :4])
    np.testing.assert_array_equal(fours[1], weights[..., 2:])


def test_depthwise_weights_for_vectors_lie_by_eight_channels_then_by_four() -> None:
    weights = np.arange(9 * 11, dtype=np.int8).reshape(3, 3, 11)
    packed = packed_depthwise(layer(weights, in_c=11, out_c=11, multiplier=1), "fixed")
    packed_weights = packed.fields["weights"]
    assert isinstance(packed_weights, Blocks)
    assert packed_weights.vectors is not None
    assert packed_weights.vectors.size == packed_weights.flat.size
    eight, four = np.split(packed_weights.vectors, [9 * 8])
    np.testing.assert_array_equal(eight.reshape(3, 3, 8), weights[..., :8])
    np.testing.assert_array_equal(four.reshape(3, 3, 4), weights[..., 7:])


def test_outputs_that_share_an_input_channel_are_a_convolution_in_groups() -> None:
    weights = np.zeros((3, 3, 8), np.int8)
    packed = packed_depthwise(layer(weights, in_c=4, out_c=8, multiplier=2), "fixed")
    assert packed.kernel == "conv2d_s8"
    assert (packed.fields["groups"], packed.fields["group_c"]) == (4, 1)


@pytest.mark.parametrize(("flavour", "bias"), [("fixed", "bias"), ("fixed_narrow", "twice_bias")])
def test_padding_counts_as_the_zero_point_that_is_in_the_bias(flavour: str, bias: str) -> None:
    weights = np.ones((4, 3, 3, 2), np.int8)
    packed = packed_conv(layer(weights, in_c=2, out_c=4, groups=1), flavour)
    rows = packed.fields["rows"]
    assert isinstance(rows, dict)
    scale = 2 if bias == "twice_bias" else 1
    assert rows["channels"][bias].tolist() == [scale * (o + 7 * 18) for o in range(4)]
    assert packed.fields["zero_point"] == -7
    assert packed.scratch_bytes == 20
