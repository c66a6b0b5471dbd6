"""Work that is left of a model whose dead channels are out."""

from __future__ import annotations

from fitgraph.compiler_bridge.passes.live_macs import live_macs
from fitgraph.matcher.latency.work import Work, work_of
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.tflite_chains import random_chain


def works(seed: int, dead_share: float) -> tuple[Work, Work]:
    """Of all channels, and of those that are alive."""
    graph = read_tflite(random_chain(seed, dead_share=dead_share).content(), "chain")
    whole, live = work_of(graph), work_of(graph, live_macs(graph))
    assert whole is not None
    assert live is not None
    return whole, live


def test_dead_channels_are_no_work() -> None:
    """Over many networks half of the work goes, and none has more than before."""
    found = [works(seed, 0.6) for seed in range(20)]
    assert all(live.macs <= whole.macs for whole, live in found)
    assert all(live.outputs <= whole.outputs for whole, live in found)
    assert sum(live.macs for _, live in found) < 0.6 * sum(whole.macs for whole, _ in found)


def test_without_dead_channels_all_work_is_left() -> None:
    """Nothing is lost on the way through the compiler."""
    for seed in range(10):
        whole, live = works(seed, 0.0)
        assert live == whole
