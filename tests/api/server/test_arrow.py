"""Tables as Arrow streams: lists, matches, and every pair of a model and a board."""

from __future__ import annotations

import io
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fitgraph.api.server.arrow import ARROW, PairStreams
from fitgraph.api.server.faults import OverloadedError
from fitgraph.matcher.index.index import index_of
from fitgraph.registry.catalogue import open_registry
from tests.support.command import Command
from tests.support.running_server import running_server

_ACCEPT = {"Accept": ARROW}


@pytest.fixture(scope="module")
def store(digits_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arrow") / "store"
    shutil.copytree(digits_store, folder)
    return folder


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[httpx.Client]:
    with running_server(store) as client:
        yield client


def _table(response: httpx.Response) -> Any:
    assert (response.status_code, response.headers["content-type"]) == (200, ARROW), response.text
    return pa.ipc.open_stream(io.BytesIO(response.content)).read_all()


@pytest.mark.parametrize("noun", ["boards", "models", "mcus", "runtimes", "devices", "proofs"])
def test_a_list_as_arrow_has_the_plain_fields_of_the_list(client: httpx.Client, noun: str) -> None:
    """With their types, and with null where JSON has it; a page leads to the next one."""
    table = _table(client.get(f"/{noun}?limit=5", headers=_ACCEPT))
    items = client.get(f"/{noun}?limit=5").json()["items"]
    assert table.num_rows == len(items)
    for row, item in zip(table.to_pylist(), items, strict=True):
        assert row == {name: item[name] for name in row}


def test_the_types_of_columns_are_those_of_the_fields(client: httpx.Client) -> None:
    response = client.get("/boards?limit=5&sort=-clock_hz", headers=_ACCEPT)
    schema = _table(response).schema
    assert (schema.field("clock_hz").type, schema.field("name").type) == (pa.int64(), pa.string())
    assert 'rel="next"' in response.headers["link"]
    same = client.get("/boards?limit=5&sort=-clock_hz",
                      headers={**_ACCEPT, "If-None-Match": response.headers["etag"]})  # fmt: skip
    assert same.status_code == 304


def test_matches_as_arrow_are_those_in_json(client: httpx.Client) -> None:
    response = client.get("/matches?model=digits&limit=7", headers=_ACCEPT)
    said = client.get("/matches?model=digits&limit=7").json()
    found = [(row["board"], row["verdict"]) for row in _table(response).to_pylist()]
    assert found == [(item["board"], item["verdict"]) for item in said["items"]]
    assert response.headers["link"] == f'<{said["next"]}>; rel="next"'


def test_without_a_name_every_pair_comes(client: httpx.Client) -> None:
    table = _table(client.get("/matches", headers=_ACCEPT))
    boards = client.get("/boards?limit=1").json()["total"]
    models = client.get("/models?limit=1000").json()["items"]
    assert table.num_rows == boards * len({model["sha256"] for model in models})
    said = client.get("/matches?model=digits&limit=1000").json()["items"]
    verdicts = Counter(row["verdict"] for row in table.to_pylist() if row["model"] == "digits")
    assert verdicts == Counter(item["verdict"] for item in said)
    refused = client.get("/matches")
    assert refused.status_code == 400


def test_without_pyarrow_there_is_no_arrow_and_a_hint(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for path in ("/boards", "/matches", "/matches?model=digits"):
        response = client.get(path, headers=_ACCEPT)
        assert (response.status_code, response.json()["code"]) == (406, "not-acceptable")
        assert "fitgraph[arrow]" in response.json()["hint"]
    either = client.get("/boards", headers={"Accept": f"{ARROW};q=0.5, application/json"})
    assert either.headers["content-type"] == "application/json"


def test_few_tables_of_all_pairs_are_sent_at_once(digits_store: Path) -> None:
    """Those that nobody reads any more give their place to others."""
    with open_registry(digits_store, read_only=True) as registry:
        index = index_of(registry.store)
    streams = PairStreams()
    open_ones = [streams.of(index) for _ in range(4)]
    with pytest.raises(OverloadedError):
        streams.of(index)
    del open_ones[0]
    assert sum(len(part) for part in streams.of(index)) > 0
    streams.of(index)


def test_the_command_writes_tables(tmp_path: Path, digits_store: Path) -> None:
    fitgraph = Command(digits_store)
    pairs = tmp_path / "pairs.parquet"
    assert fitgraph("match", "--to", str(pairs)).code == 0
    whole = pq.read_table(pairs)
    assert whole.column_names == ["model", "board", "verdict"]
    some = tmp_path / "fits.arrow"
    done = fitgraph("match", "digits", "--to", str(some), "--json")
    table = pa.ipc.open_stream(some.read_bytes()).read_all()
    assert done.json == {"rows": table.num_rows, "file": str(some)}
    verdicts = Counter(row["verdict"] for row in whole.to_pylist() if row["model"] == "digits")
    assert Counter(row["verdict"] for row in table.to_pylist()) == verdicts
    refused = fitgraph("match", "--to", str(tmp_path / "pairs.xlsx"))
    assert refused.code == 2
    assert ".parquet or .arrow" in refused.err
    assert fitgraph("match", "--to", str(tmp_path / "no" / "pairs.parquet")).code == 3
