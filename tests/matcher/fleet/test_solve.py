"""What is chosen fits together, and no more devices are reached than there are or are wanted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.fleet.options import Option
from fitgraph.matcher.fleet.records import DeviceGroup, Fleet, FleetDemand
from fitgraph.matcher.fleet.relaxed import Candidate, relaxed
from fitgraph.matcher.fleet.solve import solve, wanted_devices
from fitgraph.matcher.placement import Need
from fitgraph.matcher.verdict import Verdict
from tests.support.made_up_boards import KIB, board, flash, sram

BOARD = board("armv6-m", flash(64 * KIB), sram(16 * KIB))
SIZES = st.sampled_from([KIB, 4 * KIB, 8 * KIB, 12 * KIB])


def cost_of(option: Option) -> int:
    return round(10_000 * (1 - (option.accuracy or 0)))


OPTIONS = st.lists(
    st.builds(
        Option,
        model=st.sampled_from([ModelNeeds(name, name * 64) for name in "abc"]),
        verdict=st.just(Verdict.FITS),
        accuracy=st.none() | st.floats(0, 1),
        need=st.builds(
            Need, st.sampled_from([16 * KIB, 32 * KIB, 48 * KIB]), SIZES, st.just(2 * KIB)
        ),
    ),
    max_size=2,
)


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(1, 50), min_size=1, max_size=3),
    shares=st.lists(st.sampled_from([0.1, 0.5, 1.0]), min_size=1, max_size=3),
    shares_sram=st.booleans(),
    data=st.data(),
)
def test_what_is_chosen_fits_together(
    *, counts: list[int], shares: list[float], shares_sram: bool, data: st.DataObject
) -> None:
    groups = tuple(
        DeviceGroup(f"g{n}", "made-up", count, shares_sram=shares_sram)
        for n, count in enumerate(counts)
    )
    demands = tuple(FleetDemand(f"d{n}", "t", share=share) for n, share in enumerate(shares))
    fleet = Fleet("f", groups, demands)
    options = {(g.name, d.name): data.draw(OPTIONS) for g in groups for d in demands}
    found = solve(fleet, options, {g.name: BOARD for g in groups}, limit_s=5)
    assert found.is_best
    assert found.gap == pytest.approx(0, abs=1e-6)
    wanted = {one.name: wanted_devices(one, fleet)[1] for one in demands}
    candidates = {
        (group.name, demand.name, number): Candidate(
            group.name, demand.name, group.count, cost_of(option), option.need.flash_bytes
        )
        for group in groups
        for demand in demands
        for number, option in enumerate(options[group.name, demand.name])
    }
    room = {group.name: 64 * KIB for group in groups}
    bound = relaxed(candidates, room, wanted, 1_000_000).bound
    n_reached = sum(n_devices for _, n_devices in found.chosen.values())
    cost = (sum(wanted.values()) - n_reached) * 1_000_000
    assert bound <= cost + sum(cost_of(option) * n for option, n in found.chosen.values()) + 1
    for group in groups:
        here = [one for (name, _), one in found.chosen.items() if name == group.name]
        assert all(0 < n_devices <= group.count for _, n_devices in here)
        if len(here) > 1:
            needs = [option.need for option, _ in here]
            running = [need.together_bytes for need in needs]
            assert sum(need.flash_bytes for need in needs) <= 64 * KIB
            assert (max(running) if shares_sram else sum(running)) <= 16 * KIB
    for demand in demands:
        reached = [n for (_, name), (_, n) in found.chosen.items() if name == demand.name]
        assert sum(reached) <= wanted_devices(demand, fleet)[1]
        if len(demands) == 1:
            able = sum(g.count for g in groups if options[g.name, demand.name])
            assert sum(reached) == min(able, wanted_devices(demand, fleet)[1])
