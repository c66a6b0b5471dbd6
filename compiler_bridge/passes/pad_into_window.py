"""Makes a layer pad its input itself, instead of reading a padded copy of it.

A convolution that pads adds nothing to a sum for what lies outside. So the offset that it adds to
each input becomes minus the value that was padded with, and what that takes off each sum goes
into the bias.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.weights import INT32
from fitgraph.compiler_bridge.program import Array, Program, Step
from fitgraph.registry.model_graph import DType

_SUMS = frozenset({"conv2d_s8", "depthwise_s8"})
_FLOAT = "conv2d_f32"


@dataclass(frozen=True, slots=True, eq=False)
class _Padding:
    """A fill and a copy into it that only one layer reads.

    Attributes:
        fill: position of the step that writes the padding; ``copy`` of that for the inside.
        element: what is padded with.
        above, left: rows and columns of padding before the image.
        size: rows and columns of the image.
    """

    fill: int
    copy: int
    layer: int
    element: float
    above: int
    left: int
    size: tuple[int, int]


def pad_into_window(program: Program) -> Program:
    """The program without the padded copies that layers can do without."""
    found = [padding for padding in _paddings(program) if _suits(program, padding)]
    if not found:
        return program
    steps: list[Step | None] = list(program.steps)
    for padding in found:
        steps[padding.fill] = steps[padding.copy] = None
        steps[padding.layer] = _padding_itself(program, padding)
    return replace(program, steps=tuple(step for step in steps if step is not None))


def _paddings(program: Program) -> list[_Padding]:
    writers: dict[int, list[int]] = {}
    for place, step in enumerate(program.steps):
        for value in step.outputs:
            writers.setdefault(value, []).append(place)
    readers = Counter(value for step in program.steps for value in step.value_inputs)
    kept = {io.value for io in (*program.inputs, *program.outputs)}
    found = []
    for place, step in enumerate(program.steps):
        if step.kernel not in {*_SUMS, _FLOAT} or not isinstance(step.inputs[0], int):
            continue
        value = step.inputs[0]
        before = writers.get(value, [])
        kernels = [program.steps[one].kernel for one in before]
        if kernels == ["fill", "copy_nd"] and readers[value] == 1 and value not in kept:
            padding = _padding(program, before[0], before[1], place)
            found += [] if padding is None else [padding]
    return found


def _padding(program: Program, fill: int, copy: int, layer: int) -> _Padding | None:
    """What was padded, told by where the copy goes; None unless it pads rows and columns only."""
    fields: Mapping[str, Any] = program.steps[layer].fields
    source = program.steps[copy].inputs[0]
    padded = program.values[program.steps[fill].outputs[0]]
    if not isinstance(source, int) or fields["batch"] != 1 or program.values[source].is_state:
        return None
    if any(source in step.outputs for step in program.steps[copy:layer]):
        return None
    image = program.values[source].shape
    if len(image) != 4 or padded.shape != (1, fields["in_h"], fields["in_w"], fields["in_c"]):
        return None
    if image[0] != 1 or image[3] != fields["in_c"]:
        return None
    row, pixel = (
        size * padded.n_bytes // padded.n_elements
        for size in (fields["in_w"] * fields["in_c"], fields["in_c"])
    )
    moved: Mapping[str, Any] = program.steps[copy].fields
    above, rest = divmod(moved["out_offset"], row)
    left, rest = divmod(rest, pixel)
    size = (image[1], image[2])
    if rest or moved != _copy_of(size, fields["in_w"], pixel, moved["out_offset"]):
        return None
    element = np.array(program.steps[fill].fields["element"], np.uint8).tobytes()
    dtype = np.int8 if padded.dtype is DType.INT8 else np.float32
    value = float(np.frombuffer(element, dtype)[0])
    return _Padding(fill, copy, layer, value, above, left, size)


def _copy_of(size: tuple[int, int], line: int, pixel: int, offset: int) -> Mapping[str, Any]:
    """Fields of the copy of an image of so many rows and columns into lines of ``line`` pixels."""
    rows, columns = size
    is_whole = columns == line or rows == 1
    run = rows * columns * pixel if is_whole else columns * pixel
    return {
        "size": (1, 1, 1, 1 if is_whole else rows),
        "in_stride": (0, 0, 0, 0 if is_whole else columns * pixel),
        "out_stride": (0, 0, 0, 0 if is_whole else line * pixel),
        "in_offset": 0,
        "out_offset": offset,
        "run": run,
    }


def _suits(program: Program, padding: _Padding) -> bool:
    """Whether the layer then computes the same, and no sum grows beyond 32 bits."""
    step = program.steps[padding.layer]
    fields: Mapping[str, Any] = step.fields
    if step.kernel == _FLOAT:
        return padding.element == 0 and bool(np.isfinite(fields["weights"]).all())
    if _is_padded(fields) and padding.element != -fields["offset"]:
        return False
    rows = _by_output(step).astype(np.int64)
    bias = _bias(step, padding.element)
    reach = np.abs(rows).sum(axis=1) * (128 + abs(int(padding.element))) + np.abs(bias)
    return int(reach.max(initial=0)) <= INT32.max


def _is_padded(fields: Mapping[str, Any]) -> bool:
    """Whether some window reaches outside the padded image, too."""
    return any(
        fields[f"pad_{side}"] > 0
        or (fields[f"out_{side}"] - 1) * fields[f"stride_{side}"]
        + (fields[f"kernel_{side}"] - 1) * fields[f"dilation_{side}"]
        >= fields[f"in_{side}"] + fields[f"pad_{side}"]
        for side in ("h", "w")
    )


def _padding_itself(program: Program, padding: _Padding) -> Step:
    step = program.steps[padding.layer]
    fields: Mapping[str, Any] = step.fields
    changed: dict[str, Any] = {
        "in_h": padding.size[0],
        "in_w": padding.size[1],
        "pad_h": fields["pad_h"] + padding.above,
        "pad_w": fields["pad_w"] + padding.left,
    }
    if step.kernel != _FLOAT:
        changed["bias"] = _bias(step, padding.element).astype(np.int32)
        changed["offset"] = -int(padding.element)
    inputs = program.steps[padding.copy].inputs
    return replace(step, fields={**fields, **changed}, inputs=inputs)


def _bias(step: Step, element: float) -> Array:
    """The bias where each input comes with minus the element added to it, int64."""
    fields: Mapping[str, Any] = step.fields
    change = int(element) + int(fields["offset"])
    return np.asarray(fields["bias"] + change * _by_output(step).sum(axis=1, dtype=np.int64))


def _by_output(step: Step) -> Array:
    """Weights, a row for each output channel."""
    weights: Array = step.fields["weights"]  # type: ignore[assignment]
    n = step.fields["out_c"]
    assert isinstance(n, int)
    if step.kernel == "depthwise_s8":
        return weights.reshape(-1, n).T
    return weights.reshape(n, -1)
