"""Which channels have the same value in every pixel, and which no output depends on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import multiply
from fitgraph.compiler_bridge.passes.channels import KEEPING, Link
from fitgraph.compiler_bridge.program import Array, Program

# Beyond int8: a channel that is no constant.
VARIES = 1 << 8


def constant_channels(program: Program, links: Mapping[int, Link]) -> dict[int, Array]:
    """For the target of each link its channels' constant values, ``VARIES`` for the others."""
    found: dict[int, Array] = {}
    if program.flavour == "fixed":
        for _, link in sorted(links.items()):
            known = found.get(link.source, np.full(link.n_in, VARIES))
            found[link.target] = _constants_after(link, known)
    return found


def foldable(link: Link, known: Array) -> Array:
    """The constant input channels whose share in a sum is the same for all windows."""
    everywhere = (known != VARIES) & (not link.is_padded)
    return np.asarray(everywhere | (known + link.offset == 0))


def folded_share(link: Link, known: Array, folded: Array) -> Array:
    """What those input channels add to each output's sum."""
    inputs = np.where(folded, known + link.offset, 0)
    shares = link.weights.sum(axis=1) * (inputs if link.mixes else inputs[:, None])
    return np.asarray(shares.sum(axis=1))


def _constants_after(link: Link, known: Array) -> Array:
    if link.step.kernel in KEEPING:
        within = np.clip(known, link.fields["low"], link.fields["high"])
        return np.where(known == VARIES, VARIES, within)
    if link.step.kernel not in ("conv2d_s8", "fully_connected_s8", "depthwise_s8"):
        return np.full(link.n_out, VARIES)
    folded = foldable(link, known)
    silent = (link.weights == 0).all(axis=1) | (folded if link.mixes else folded[:, None])
    sums = link.fields["bias"].astype(np.int64) + folded_share(link, known, folded)
    return np.array(
        [
            _requantized(link, channel, int(sums[channel])) if is_silent else VARIES
            for channel, is_silent in enumerate(silent.all(axis=1))
        ]
    )


def _requantized(link: Link, channel: int, total: int) -> int:
    requant = link.fields["requant"]
    index = channel * requant["step"]
    multiplier, shift = int(requant["multiplier"][index]), int(requant["shift"][index])
    out = multiply(total, multiplier, shift) + requant["zero_point"]
    return int(np.clip(out, requant["low"], requant["high"]))


def untouchable(program: Program) -> set[int]:
    """Values whose layout the caller or the next inference relies on."""
    states = {index for index, value in enumerate(program.values) if value.is_state}
    return states | {io.value for io in (*program.inputs, *program.outputs)}


def needed_channels(program: Program, links: Mapping[int, Link]) -> dict[int, Array]:
    """For each value the channels that some output depends on."""
    needed = {
        index: np.zeros(value.shape[-1] if value.shape else 1, bool)
        for index, value in enumerate(program.values)
    }
    for index in untouchable(program):
        needed[index][:] = True
    for place in reversed(range(len(program.steps))):
        link = links.get(place)
        for value in program.steps[place].value_inputs:
            needed[value] |= True if link is None else needed_of(link, needed[link.target])
    return needed


def needed_of(link: Link, needed: Array) -> Array:
    """The input channels that the needed output channels see."""
    if not link.mixes:
        return needed
    return np.asarray((link.weights[needed] != 0).any(axis=(0, 1)))
