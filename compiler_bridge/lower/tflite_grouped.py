"""CONV_2D and DEPTHWISE_CONV_2D in one form: a convolution in groups of channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_conv import filter_axes, filter_weights
from fitgraph.compiler_bridge.lower.windows import dilations, geometry
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import Operator


@dataclass(frozen=True, slots=True, eq=False)
class GroupedConv:
    """What the kernels of every dtype share.

    Attributes:
        weights: out_c x kernel_h x kernel_w x (in_c / groups), as the file holds them.
        fields: sizes, strides, padding and dilation.
    """

    weights: Array
    fields: dict[str, Field]

    @property
    def n_outputs(self) -> int:
        """Output channels."""
        return int(self.weights.shape[0])


def grouped_conv(operator: Operator, context: TfliteContext) -> GroupedConv:
    """A depthwise convolution has as many groups as input channels."""
    filters = filter_weights(operator, context)
    batch, _, _, in_c = context.tensor(operator, 0).static_shape
    is_depthwise = operator.op_type == "DEPTHWISE_CONV_2D"
    if is_depthwise:
        _refuse_odd_multiplier(operator, context, filters.shape, in_c)
    weights = np.ascontiguousarray(filters.transpose(3, 1, 2, 0) if is_depthwise else filters)
    out_c, kernel_h, kernel_w, group_c = weights.shape
    if in_c % group_c or out_c % (in_c // group_c):
        raise context.refusal(operator, f"{in_c} input channels do not split into {group_c}")
    axes = filter_axes(operator, context, kernel_h, kernel_w, out_c)
    fields: dict[str, Field] = {"batch": batch, **geometry(*axes), **dilations(*axes)}
    fields |= {"in_c": in_c, "out_c": out_c, "groups": in_c // group_c}
    return GroupedConv(weights, fields)


def _refuse_odd_multiplier(
    operator: Operator, context: TfliteContext, shape: tuple[int, ...], in_c: int
) -> None:
    multiplier = context.positive(operator, "depth_multiplier")
    if shape[0] != 1 or in_c == 0 or multiplier * in_c != shape[3]:
        raise context.refusal(
            operator,
            f"its depth multiplier is {multiplier} for {in_c} channels, {shape[3]} filters",
        )
