"""How the int8 kernels carry channels, the last axis of a value, from input to output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.windows import Axis
from fitgraph.compiler_bridge.program import Array, Program, Step
from fitgraph.registry.model_graph import DType

# Each output channel sees all input channels.
MIXING = frozenset({"conv2d_s8", "fully_connected_s8"})
# Each output channel sees the input channel of its number; those that keep a constant as it is.
KEEPING = frozenset({"max_pool_s8", "average_divide_s8", "average_half_up_s8"})
BY_CHANNEL = KEEPING | {"depthwise_s8", "average_requant_s8"}


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A step through which channels can be followed: one value in, one value out."""

    step: Step
    source: int
    target: int
    n_in: int
    n_out: int

    @property
    def mixes(self) -> bool:
        return self.step.kernel in MIXING

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.step.fields

    @property
    def weights(self) -> Array:
        """int64, output channels x taps x input channels; by channel the last axis has length 1."""
        weights: Array = self.fields["weights"].astype(np.int64)
        if self.mixes:
            return weights.reshape(self.n_out, -1, self.n_in)
        return weights.reshape(-1, self.n_out).T[:, :, None]

    @property
    def offset(self) -> int:
        """What is added to each input; the padding adds nothing to a sum."""
        return int(self.fields.get("offset", 0))

    @property
    def is_padded(self) -> bool:
        """Whether some window reaches outside the input."""
        return any(axis.is_padded for axis in _axes(self.fields))


def _axes(fields: Mapping[str, Any]) -> Iterator[Axis]:
    for side in ("h", "w"):
        if f"kernel_{side}" in fields:
            yield Axis(
                size=fields[f"in_{side}"],
                out=fields[f"out_{side}"],
                kernel=fields[f"kernel_{side}"],
                stride=fields[f"stride_{side}"],
                dilation=fields.get(f"dilation_{side}", 1),
                pad=fields[f"pad_{side}"],
            )


def links(program: Program) -> dict[int, Link]:
    """The steps through which channels can be followed, by their place in the program."""
    found = ((place, _link(program, step)) for place, step in enumerate(program.steps))
    return {place: link for place, link in found if link is not None}


def _link(program: Program, step: Step) -> Link | None:
    if step.kernel not in MIXING | BY_CHANNEL or len(step.value_inputs) != 1:
        return None
    (source,), (target,) = step.value_inputs, step.outputs
    shapes = [program.values[value].shape for value in (source, target)]
    if not all(shapes) or any(program.values[v].dtype is not DType.INT8 for v in (source, target)):
        return None
    n_in, n_out = shapes[0][-1], shapes[1][-1]
    link = Link(step, source, target, n_in, n_out)
    return link if _runs_along(link) else None


def _runs_along(link: Link) -> bool:
    """Whether the last axes are what the kernel takes for channels."""
    fields = link.fields
    if link.step.kernel == "fully_connected_s8":
        return bool(fields["in_n"] % link.n_in == 0 and fields["out_n"] == link.n_out)
    if link.step.kernel == "conv2d_s8":
        return (fields["groups"], fields["in_c"], fields["out_c"]) == (1, link.n_in, link.n_out)
    if link.step.kernel == "depthwise_s8":
        return (fields["multiplier"], fields["in_c"], fields["out_c"]) == (1, link.n_in, link.n_out)
    return bool(fields["channels"] == link.n_in == link.n_out)
