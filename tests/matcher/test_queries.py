"""Each query of the matcher has a caller, and returns what its header says."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph
import pytest

from fitgraph.matcher import columns
from fitgraph.matcher.query_files import query_text

FOLDER = Path(columns.__file__).parent
QUERIES = sorted(path.stem for path in (FOLDER / "queries").glob("*.rq"))


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_has_a_caller(name: str) -> None:
    callers = [path.name for path in FOLDER.rglob("*.py") if f'"{name}"' in path.read_text()]
    assert callers


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_returns_the_columns_that_its_header_names(name: str) -> None:
    text = query_text(name)
    header = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    named = re.findall(r"\?(\w+)", re.split(r"\. |; |is unbound", header.split("Returns:")[1])[0])
    solutions = pyoxigraph.Store().query(text)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    projected = [variable.value for variable in solutions.variables]
    assert named[: len(projected)] == projected


@pytest.mark.parametrize("name", QUERIES)
def test_what_a_query_binds_is_projected(name: str) -> None:
    text = query_text(name)
    binds = re.findall(r"\?(\w+)", text.split("# Binds:")[1].split("Returns:")[0].split("(")[0])
    selected = text.split("SELECT")[1].split("WHERE")[0]
    assert binds
    assert [variable for variable in binds if f"?{variable}" not in selected] == []
