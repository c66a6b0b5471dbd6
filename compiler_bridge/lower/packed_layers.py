"""Layers with weights in the order in which the kernels read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.channels import channel_fields
from fitgraph.compiler_bridge.lower.low_bits import BITS
from fitgraph.compiler_bridge.lower.packed_rows import TAPS, pack_low, pack_rows
from fitgraph.compiler_bridge.program import Array, Blocks, Field, flat

# That the kernel for depthwise convolutions works on together, and with FG_MVE while there are as
# many.
CHANNELS = 4
WIDE_CHANNELS = 8
_POINTWISE: Mapping[str, int] = {
    **dict.fromkeys(("kernel_h", "kernel_w", "stride_h", "stride_w", "groups"), 1),
    **dict.fromkeys(("pad_h", "pad_w", "offset"), 0),
}
_WINDOW = ("batch", "in_h", "in_w", "in_c", "out_h", "out_w", "out_c")
_KERNEL = (
    "kernel_h",
    "kernel_w",
    "stride_h",
    "stride_w",
    "pad_h",
    "pad_w",
    "dilation_h",
    "dilation_w",
)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A kernel call.

    Attributes:
        scratch_bytes: of memory that the kernel works in.
    """

    kernel: str
    fields: dict[str, Field]
    scratch_bytes: int = 0


def packed_dense(fields: Mapping[str, Any], flavour: str, bits: int = BITS) -> Packed:
    """A fully connected layer, its weights in so many bits."""
    weights, bias, requant = (fields[name] for name in ("weights", "bias", "requant"))
    rows = _rows(weights, fields["out_n"], bias, requant, flavour, bits)
    packed = {"rows": rows, "batch": fields["batch"], "in_n": fields["in_n"]}
    return Packed("fully_connected_s8", packed)


def packed_conv(fields: Mapping[str, Any], flavour: str, bits: int = BITS) -> Packed:
    """A convolution; one that is a fully connected layer of each pixel becomes that."""
    if _is_pointwise(fields):
        return packed_dense(_as_dense(fields), flavour, bits)
    out_c, groups, weights = fields["out_c"], fields["groups"], fields["weights"]
    by_output = weights.reshape(out_c, -1)
    bias = _bias_with_offset(by_output, fields["bias"], fields["offset"])
    rows = _rows(by_output, out_c // groups, bias, fields["requant"], flavour, bits)
    packed = {
        "rows": rows,
        **{name: fields[name] for name in (*_WINDOW, "groups", *_KERNEL)},
        "group_c": fields["in_c"] // groups,
        "group_bytes": flat(rows["weights"]).size // groups,
        "zero_point": -fields["offset"],
    }
    return Packed("conv2d_s8", packed, -(-by_output.shape[1] // TAPS) * TAPS)


def _rows(
    weights: Array, out_n: int, bias: Array, requant: Mapping[str, Any], flavour: str, bits: int
) -> dict[str, Any]:
    """An ``fg_rows``; where there are several groups of ``out_n`` outputs, they are in order."""
    groups = np.split(weights, len(weights) // out_n)
    packed = pack_rows(groups) if bits == BITS else pack_low(groups, bits)
    return {"weights": packed, **channel_fields(bias, requant, flavour), "out_n": out_n}


def _bias_with_offset(by_output: Array, bias: Array, offset: int) -> Array:
    """The bias where inputs come without the offset, and padding as -offset."""
    return np.asarray(bias + offset * by_output.sum(axis=1, dtype=np.int64), np.int32)


def _is_pointwise(fields: Mapping[str, Any]) -> bool:
    """Whether each output pixel sees one input pixel, the one at its place."""
    same_place = fields["in_h"] == fields["out_h"] and fields["in_w"] == fields["out_w"]
    return same_place and all(fields[name] == value for name, value in _POINTWISE.items())


def _as_dense(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A 1 x 1 convolution as a fully connected layer, each pixel a batch."""
    return {
        "weights": fields["weights"].reshape(fields["out_c"], fields["in_c"]),
        "bias": fields["bias"],
        "requant": fields["requant"],
        "batch": fields["batch"] * fields["out_h"] * fields["out_w"],
        "in_n": fields["in_c"],
        "out_n": fields["out_c"],
    }


def packed_depthwise(fields: Mapping[str, Any], flavour: str, bits: int = BITS) -> Packed:
    """A depthwise convolution; where several outputs share an input channel, in groups.

    Its own kernel takes weights of 8 bits only: there are few.
    """
    weights = fields["weights"]
    out_c = fields["out_c"]
    by_output = weights.reshape(-1, out_c).T
    if out_c != fields["in_c"] or out_c < CHANNELS:
        return packed_conv(
            {**fields, "weights": by_output, "groups": fields["in_c"]}, flavour, bits
        )
    packed = {
        "weights": _depthwise_weights(by_output),
        **channel_fields(fields["bias"], fields["requant"], flavour),
        **{name: fields[name] for name in (*_WINDOW, *_KERNEL)},
        "offset": fields["offset"],
    }
    return Packed("depthwise_s8", packed)


def _depthwise_weights(by_output: Array) -> Blocks:
    fours = _by_channels(by_output, CHANNELS)
    n_wide = len(by_output) // WIDE_CHANNELS * WIDE_CHANNELS
    if not n_wide:
        return Blocks((fours,))
    rest = fours[n_wide * by_output.shape[1] :]
    return Blocks((fours,), np.concatenate([_by_channels(by_output[:n_wide], WIDE_CHANNELS), rest]))


def _by_channels(by_output: Array, together: int) -> Array:
    """All taps of the first channels, then of the next; the last overlap those before."""
    n_channels = len(by_output)
    firsts = [min(first, n_channels - together) for first in range(0, n_channels, together)]
    return np.concatenate([by_output[first : first + together].T.reshape(-1) for first in firsts])
