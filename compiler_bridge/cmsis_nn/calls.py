"""Calls of CMSIS-NN in place of kernels of ours, where the library computes the same.

It does for models of TensorFlow Lite, whose fixed-point arithmetic it follows to the bit. ONNX
scales sums by float32, which it has no kernels for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.cmsis_nn.scratch import (
    Extension,
    average_bytes,
    convolution_bytes,
    depthwise_bytes,
)
from fitgraph.compiler_bridge.lower.tflite_binary import SPARE_BITS
from fitgraph.compiler_bridge.program import Array, Field, Program, Step, Value
from fitgraph.registry.model_graph import DType

PREFIX = "cmsis_nn_"
# The library counts in uint16 what lies along an axis.
_LONGEST_AXIS = 2**16 - 1
# Kernels that work in memory get some even where the library asks for none: a word, so that the
# arena has a place for it.
_LEAST_SCRATCH_BYTES = 4
# Layers of one channel come as convolutions, whatever the file has them as.
_DEPTHWISE = "DEPTHWISE_CONV_2D"
_SIZES = ("in_h", "in_w", "out_h", "out_w", "kernel_h", "kernel_w")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of the library.

    Attributes:
        kernel: without ``PREFIX``.
        scratch_bytes: None where the kernel takes no scratch.
    """

    kernel: str
    fields: dict[str, Field]
    scratch_bytes: int | None = None


def call_cmsis_nn(program: Program) -> Program:
    """The program with such calls, if it asks for them.

    One with weights in fewer than 8 bits stays as it is: the library has another packing.
    """
    if program.cmsis_nn is None or program.flavour != "fixed" or program.packs_weights:
        return program
    values = list(program.values)
    steps = tuple(_called(step, values, program.cmsis_nn) for step in program.steps)
    return replace(program, steps=steps, values=tuple(values))


def _called(step: Step, values: list[Value], extension: Extension) -> Step:
    """The step as a call; what it works in is added to the values."""
    offer = _OFFERS.get(step.kernel)
    call = None if offer is None else offer(step, values, extension)
    if call is None:
        return step
    fields, scratch = call.fields, step.scratch
    if call.scratch_bytes is not None:
        n_bytes = max(call.scratch_bytes, _LEAST_SCRATCH_BYTES)
        values.append(Value(f"{step.label}, scratch", (n_bytes,), DType.INT8))
        fields, scratch = {**fields, "scratch_bytes": n_bytes}, (*scratch, len(values) - 1)
    return replace(
        step,
        kernel=PREFIX + call.kernel,
        fields=fields,
        scratch=scratch,
        clearance_bytes=None,
    )


def _convolution(step: Step, values: list[Value], extension: Extension) -> Call | None:
    fields: Mapping[str, Any] = step.fields
    if fields["groups"] != 1 or not _is_short(fields, "in_c", "out_c"):
        return None
    if step.label.startswith(_DEPTHWISE) and _suits_depthwise(fields, extension):
        return _depthwise(_as_depthwise(step), values, extension)
    height, width, in_c, out_c = (fields[n] for n in ("kernel_h", "kernel_w", "in_c", "out_c"))
    called: dict[str, Field] = {
        "params": {**_offsets(fields), **_window(fields), **_activation(fields["requant"])},
        "in": _dims(fields["batch"], fields["in_h"], fields["in_w"], in_c),
        "filter": _dims(out_c, height, width, in_c),
        "out": _dims(fields["batch"], fields["out_h"], fields["out_w"], out_c),
        "weights": fields["weights"],
        "channels": _channels(fields, out_c),
    }
    is_pointwise = height == width == 1 and not fields["pad_h"] and not fields["pad_w"]
    needs_none = is_pointwise and _is_dense(fields)
    n_bytes = 0 if needs_none else convolution_bytes(height, width, in_c, extension)
    return Call("conv2d_s8", called, n_bytes)


def _suits_depthwise(fields: Mapping[str, Any], extension: Extension) -> bool:
    """Whether the library has a kernel for four outputs of this layer of one channel at once.

    With vectors it makes a convolution of the layer, and needs room to turn its weights.
    """
    suits = fields["in_c"] == fields["batch"] == 1 and fields["out_c"] % 4 == 0
    return bool(suits and _is_dense(fields) and extension is not Extension.MVE)


def _as_depthwise(step: Step) -> Step:
    """The convolution of one channel with the weights of each tap side by side."""
    fields: Mapping[str, Any] = step.fields
    weights = fields["weights"].reshape(fields["out_c"], -1).T
    turned = {"weights": np.ascontiguousarray(weights), "multiplier": fields["out_c"]}
    return replace(step, fields={**fields, **turned})


def _depthwise(step: Step, _values: list[Value], extension: Extension) -> Call | None:
    fields: Mapping[str, Any] = step.fields
    if not _is_short(fields, "in_c", "out_c"):
        return None
    height, width, in_c, out_c = (fields[n] for n in ("kernel_h", "kernel_w", "in_c", "out_c"))
    called: dict[str, Field] = {
        "params": {
            **_offsets(fields),
            "ch_mult": fields["multiplier"],
            **_window(fields),
            **_activation(fields["requant"]),
        },
        "in": _dims(fields["batch"], fields["in_h"], fields["in_w"], in_c),
        "filter": _dims(1, height, width, out_c),
        "out": _dims(fields["batch"], fields["out_h"], fields["out_w"], out_c),
        "weights": fields["weights"],
        "channels": _channels(fields, out_c),
    }
    padding = max(fields["pad_h"], fields["pad_w"])
    is_plain = in_c == out_c and fields["batch"] == 1 and _is_dense(fields)
    if is_plain and height == width == 3 and not _sees_middle(fields):
        return None
    n_bytes = depthwise_bytes(height, width, in_c, padding, extension) if is_plain else 0
    return Call("depthwise_s8", called, n_bytes)


def _sees_middle(fields: Mapping[str, Any]) -> bool:
    """Whether the middle of each row of the last window lies in the image.

    The library's kernel for windows of 3 x 3 reads it unasked.
    """
    last = (fields["out_w"] - 1) * fields["stride_w"] - fields["pad_w"]
    return bool(last + 1 < fields["in_w"])


def _fully_connected(step: Step, values: list[Value], extension: Extension) -> Call | None:
    """With a scale for each output it is a convolution of images of one pixel."""
    fields: Mapping[str, Any] = step.fields
    batch, in_n, out_n, requant = (fields[n] for n in ("batch", "in_n", "out_n", "requant"))
    if requant["step"]:
        pixel = dict.fromkeys((*_SIZES, "stride_h", "stride_w", "groups"), 1)
        still = {"pad_h": 0, "pad_w": 0, "dilation_h": 1, "dilation_w": 1, "offset": 0}
        as_image = {**fields, **pixel, **still, "in_c": in_n, "out_c": out_n}
        return _convolution(replace(step, fields=as_image), values, extension)
    if max(in_n, out_n) > _LONGEST_AXIS:
        return None
    called: dict[str, Field] = {
        "params": {
            "input_offset": 0,
            "filter_offset": 0,
            "output_offset": requant["zero_point"],
            **_activation(requant),
        },
        "scale": {
            "multiplier": int(requant["multiplier"][0]),
            "shift": int(requant["shift"][0]),
        },
        "in": _dims(batch, 1, 1, in_n),
        "filter": _dims(in_n, 1, 1, out_n),
        "out": _dims(batch, 1, 1, out_n),
        "weights": fields["weights"],
        "bias": fields["bias"],
    }
    return Call("fully_connected_s8", called)


def _average_pool(step: Step, _values: list[Value], extension: Extension) -> Call | None:
    """Of one image: some releases forget the others."""
    if step.fields["batch"] != 1 or not _is_short(step.fields, "channels"):
        return None
    n_bytes = average_bytes(int(_number(step, "channels")), extension)
    return Call("average_pool_s8", _pool_fields(step), n_bytes)


def _max_pool(step: Step, _values: list[Value], _extension: Extension) -> Call | None:
    if not _is_dense(step.fields) or not _is_short(step.fields, "channels"):
        return None
    return Call("max_pool_s8", _pool_fields(step))


def _pool_fields(step: Step) -> dict[str, Field]:
    fields: Mapping[str, Any] = step.fields
    window = _window({**fields, "dilation_h": 1, "dilation_w": 1})
    del window["dilation"]
    channels = fields["channels"]
    return {
        "params": {**window, **_activation(fields)},
        "in": _dims(fields["batch"], fields["in_h"], fields["in_w"], channels),
        "filter": _dims(1, fields["kernel_h"], fields["kernel_w"], channels),
        "out": _dims(fields["batch"], fields["out_h"], fields["out_w"], channels),
    }


def _sum(step: Step, values: list[Value], _extension: Extension) -> Call | None:
    """Of two tensors of one shape; the library has no differences."""
    fields: Mapping[str, Any] = step.fields
    n = _n_elementwise(step, values)
    if n is None or fields["b_sign"] != 1:
        return None
    operands: dict[str, Field] = {
        name: {"offset": fields[f"{name}_offset"], **_scale(fields, name)} for name in ("a", "b")
    }
    out = {"offset": fields["out_zero_point"], **_scale(fields, "out")}
    return Call("add_s8", {**operands, "out": out, **_sum_limits(fields, n)})


def _narrow_sum(step: Step, values: list[Value], _extension: Extension) -> Call | None:
    """The same, where one operand has the scale of the sum: it is halved."""
    fields: Mapping[str, Any] = step.fields
    n = _n_elementwise(step, values)
    if n is None or fields["factor"] < 0 or fields["sign"] < 0:
        return None
    half = {"offset": fields["offset"], "multiplier": 2**30, "shift": 0}
    rescaled = {"offset": fields["rescaled_offset"], **fields["rescaled"]}
    a, b = (half, rescaled) if fields["b_is_rescaled"] else (rescaled, half)
    out = {"offset": fields["out_zero_point"], **fields["out"]}
    return Call("add_s8", {"a": a, "b": b, "out": out, **_sum_limits(fields, n)})


def _sum_limits(fields: Mapping[str, Any], n: int) -> dict[str, Field]:
    limits = {name: fields[name] for name in ("low", "high")}
    return {"spare_bits": SPARE_BITS[DType.INT8], **limits, "n": n}


def _product(step: Step, values: list[Value], _extension: Extension) -> Call | None:
    """Of two tensors of one shape."""
    n = _n_elementwise(step, values)
    if n is None:
        return None
    rest = {name: value for name, value in step.fields.items() if name != "loops"}
    return Call("mul_s8", {**rest, "n": n})


def _n_elementwise(step: Step, values: list[Value]) -> int | None:
    """Elements, if neither operand is broadcast."""
    n = values[step.outputs[0]].n_elements
    counts = {values[one].n_elements if isinstance(one, int) else one.size for one in step.inputs}
    return n if counts == {n} else None


def _scale(fields: Mapping[str, Any], name: str) -> dict[str, int]:
    return {"multiplier": fields[f"{name}_multiplier"], "shift": fields[f"{name}_shift"]}


def _number(step: Step, name: str) -> int:
    value = step.fields[name]
    assert isinstance(value, int)
    return value


def _dims(n: int, height: int, width: int, channels: int) -> dict[str, int]:
    return {"n": n, "h": height, "w": width, "c": channels}


def _tile(fields: Mapping[str, Any], name: str) -> dict[str, int]:
    return {"w": fields[f"{name}_w"], "h": fields[f"{name}_h"]}


def _window(fields: Mapping[str, Any]) -> dict[str, Field]:
    return {
        "stride": _tile(fields, "stride"),
        "padding": _tile(fields, "pad"),
        "dilation": _tile(fields, "dilation"),
    }


def _offsets(fields: Mapping[str, Any]) -> dict[str, Field]:
    return {
        "input_offset": fields["offset"],
        "output_offset": fields["requant"]["zero_point"],
    }


def _activation(limits: Mapping[str, Any]) -> dict[str, Field]:
    return {"activation": {"min": limits["low"], "max": limits["high"]}}


def _channels(fields: Mapping[str, Any], n: int) -> dict[str, Array]:
    """Bias and scale of each, in int32."""
    requant = fields["requant"]
    scales = {
        name: np.ascontiguousarray(np.broadcast_to(requant[name], n), np.int32)
        for name in ("multiplier", "shift")
    }
    return {"bias": fields["bias"], **scales}


def _is_dense(fields: Mapping[str, Any]) -> bool:
    return bool(fields["dilation_h"] == fields["dilation_w"] == 1)


def _is_short(fields: Mapping[str, Any], *channels: str) -> bool:
    """Whether the library can count along every axis, and what lies in a window."""
    taps = fields["kernel_h"] * fields["kernel_w"] * fields[channels[0]]
    return all(fields[name] <= _LONGEST_AXIS for name in (*_SIZES, *channels)) and taps < 2**18


Offer = Callable[[Step, list[Value], Extension], Call | None]

_OFFERS: Mapping[str, Offer] = {
    "conv2d_s8": _convolution,
    "depthwise_s8": _depthwise,
    "fully_connected_s8": _fully_connected,
    "average_divide_s8": _average_pool,
    "max_pool_s8": _max_pool,
    "add_fixed_s8": _sum,
    "add_narrow_s8": _narrow_sum,
    "mul_fixed_s8": _product,
}
