"""Matches as Arrow tables, data frames and Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fitgraph.matcher import index_of, match
from fitgraph.matcher.tables import all_pairs, arrow_table, data_frame, write_pairs
from fitgraph.registry.store import EmbeddedStore
from tests.support.made_up_graph import fill


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path / "graph") as opened:
        fill(opened)
        yield opened


def test_a_planning_script_gets_frozen_matches_and_a_table_of_them(store: EmbeddedStore) -> None:
    found = match(store)
    table = arrow_table(found)
    assert table.num_rows == len(found) == 6
    assert table.column("verdict").to_pylist() == [str(one.verdict) for one in found]
    assert table.schema.field("sram_required_bytes").type == pa.int64()
    frame = data_frame(found)
    assert list(frame["board"]) == [one.board for one in found]
    with pytest.raises(AttributeError):
        found[0].verdict = found[1].verdict  # type: ignore[misc]


def test_all_pairs_are_streamed_and_written_as_the_matcher_decides_them(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    index, path = index_of(store), tmp_path / "pairs.parquet"
    wanted = Counter((one.model, one.board, str(one.verdict)) for one in match(store))
    streamed = all_pairs(index).read_all().to_pylist()
    assert Counter((row["model"], row["board"], row["verdict"]) for row in streamed) == wanted
    assert write_pairs(index, path) == 6
    assert pq.read_table(path).to_pylist() == streamed
