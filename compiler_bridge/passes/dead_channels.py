"""Leaves out channels that are constant, or that no layer reads.

A filter of zeros yields one number everywhere. Where the layers that read it can take its share
into their bias, neither the filter, nor the channel's memory, nor their weights for it are needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.passes.channel_facts import (
    VARIES,
    constant_channels,
    foldable,
    folded_share,
    needed_channels,
    needed_of,
    untouchable,
)
from fitgraph.compiler_bridge.passes.channels import Link, links
from fitgraph.compiler_bridge.program import Array, Program, Step

# Kernels take channels four by four; those that fill up the last four cost nothing.
CHANNELS_AT_ONCE = 4


def drop_dead_channels(program: Program) -> Program:
    """The program without the channels that it can do without."""
    found = links(program)
    known = constant_channels(program, found)
    dead = _removable(program, found, known)
    if not any(channels.any() for channels in dead.values()):
        return program
    kept = {value: ~channels for value, channels in dead.items()}
    values = tuple(
        replace(value, shape=(*value.shape[:-1], int(kept[index].sum())))
        if index in kept
        else value
        for index, value in enumerate(program.values)
    )
    steps = tuple(
        _without(found[place], known, kept) if place in found else step
        for place, step in enumerate(program.steps)
    )
    return replace(program, values=values, steps=steps)


def _removable(
    program: Program, found: Mapping[int, Link], known: Mapping[int, Array]
) -> dict[int, Array]:
    """For each value that may lose channels, which."""
    needed = needed_channels(program, found)
    dead = {
        value: ~needed[value] | (known.get(value, np.full(needed[value].size, VARIES)) != VARIES)
        for value in _candidates(program, found)
    }
    _settle(dead, found, known, needed)
    for channels in dead.values():
        _fill_up(channels)
        _settle(dead, found, known, needed)
    return dead


def _candidates(program: Program, found: Mapping[int, Link]) -> list[int]:
    """Values that one link writes and only links read."""
    writers = Counter(value for step in program.steps for value in step.outputs)
    fixed = untouchable(program)
    for place, step in enumerate(program.steps):
        if place not in found:
            fixed |= {*step.value_inputs, *step.outputs}
    targets = {link.target for link in found.values()} - fixed
    return sorted(value for value in targets if writers[value] == 1)


def _fill_up(dead: Array) -> None:
    """Keeps as many dead channels as fill up the last four, and one channel at least."""
    n_kept = max(1, int((~dead).sum()))
    wanted = -(-n_kept // CHANNELS_AT_ONCE) * CHANNELS_AT_ONCE - int((~dead).sum())
    dead[np.flatnonzero(dead)[:wanted]] = False


def _settle(
    dead: dict[int, Array],
    found: Mapping[int, Link],
    known: Mapping[int, Array],
    needed: Mapping[int, Array],
) -> None:
    """Takes back what a reader cannot do without, until no reader is left that cannot."""
    changed = True
    while changed:
        before = sum(int(channels.sum()) for channels in dead.values())
        for link in found.values():
            _agree(link, dead, known, needed)
        changed = sum(int(channels.sum()) for channels in dead.values()) != before


def _agree(
    link: Link, dead: dict[int, Array], known: Mapping[int, Array], needed: Mapping[int, Array]
) -> None:
    if link.mixes:
        if link.source in dead:
            unseen = ~needed_of(link, needed[link.target])
            dead[link.source] &= unseen | _folded(link, known)
        return
    none = np.zeros(link.n_in, bool)
    both = dead.get(link.source, none) & dead.get(link.target, none)
    for value in {link.source, link.target} & dead.keys():
        dead[value] = both.copy()


def _folded(link: Link, known: Mapping[int, Array]) -> Array:
    constants = known.get(link.source)
    return np.zeros(link.n_in, bool) if constants is None else foldable(link, constants)


def _without(link: Link, known: Mapping[int, Array], kept: Mapping[int, Array]) -> Step:
    """The step on the channels that are kept."""
    inputs = kept.get(link.source, np.ones(link.n_in, bool))
    outputs = kept.get(link.target, np.ones(link.n_out, bool))
    if inputs.all() and outputs.all():
        return link.step
    fields = dict(link.fields) | _numbers(link, inputs, outputs)
    if "weights" in fields:
        fields["weights"] = _weights(link, inputs, outputs)
        fields["bias"] = _bias(link, known, inputs)[outputs]
        fields["requant"] = _requant(fields["requant"], outputs)
    return replace(link.step, fields=fields)


def _numbers(link: Link, inputs: Array, outputs: Array) -> dict[str, int]:
    n_in, n_out = int(inputs.sum()), int(outputs.sum())
    if link.step.kernel == "fully_connected_s8":
        return {"in_n": link.fields["in_n"] // link.n_in * n_in, "out_n": n_out}
    return {"in_c": n_in, "out_c": n_out} if "in_c" in link.fields else {"channels": n_in}


def _weights(link: Link, inputs: Array, outputs: Array) -> Array:
    weights = link.fields["weights"]
    if not link.mixes:
        return np.ascontiguousarray(weights[..., outputs])
    taps = weights.reshape(link.n_out, -1, link.n_in)[outputs][..., inputs]
    if weights.ndim > 2:
        return np.ascontiguousarray(taps.reshape(-1, *weights.shape[1:-1], taps.shape[-1]))
    return np.ascontiguousarray(taps.reshape(taps.shape[0], -1))


def _bias(link: Link, known: Mapping[int, Array], inputs: Array) -> Array:
    """The bias with the share of the inputs that are gone. No sum grows by it."""
    bias: Array = link.fields["bias"]
    if not link.mixes or link.source not in known:
        return bias
    gone = ~inputs & foldable(link, known[link.source])
    return (bias + folded_share(link, known[link.source], gone)).astype(np.int32)


def _requant(requant: Mapping[str, Any], outputs: Array) -> dict[str, Any]:
    """The scales of the channels that are kept."""
    by_channel = requant["step"] == 1
    return {
        name: field[outputs] if by_channel and isinstance(field, np.ndarray) else field
        for name, field in requant.items()
    }
