"""A count over distinct needs and profiles is the count over all pairs."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from benchmarks.matching_plot import plot
from benchmarks.matching_scale import scaled
from fitgraph.matcher import index_of
from fitgraph.matcher.index.levels import VERDICTS
from fitgraph.registry.store import EmbeddedStore
from tests.support.made_up_graph import fill


def test_variants_and_devices_are_counted_as_if_one_by_one(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        fill(store)
        table = scaled(index_of(store).table, n_variants=200, n_devices=300)
    one_by_one = np.zeros(len(VERDICTS), dtype=np.int64)
    for _, found in table.blocks():
        one_by_one += np.bincount(found, minlength=len(VERDICTS))
    assert table.count() == dict(zip(VERDICTS, one_by_one.tolist(), strict=True))
    assert one_by_one.sum() == 200 * 300
    assert np.count_nonzero(one_by_one) >= 3
    assert table.n_cells < 200 * 300


def test_the_plot_has_a_dot_for_each_measurement() -> None:
    drawn = ET.fromstring(plot([(1e6, 10.0), (2e6, 21.0), (4e6, 40.0)]))  # noqa: S314 - our own
    assert len(drawn.findall("{http://www.w3.org/2000/svg}circle")) == 3
