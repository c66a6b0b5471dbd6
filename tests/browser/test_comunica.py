"""Comunica, an engine of others in JavaScript, asks the SPARQL endpoint and joins its answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.conftest import DEVICE

pytestmark = pytest.mark.browser

_PREFIXES = (
    "PREFIX fg: <https://w3id.org/fitgraph/ontology#> "
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)
_ENGINE = Path(__file__).parent / "node_modules" / ".bin" / "comunica-sparql"


def _asked(site: httpx.Client, query: str, form: str, kind: str = "") -> str:
    address = f"{kind}{str(site.base_url).rstrip('/')}/sparql"
    done = subprocess.run(
        [_ENGINE, address, "-q", query, "-t", form],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _rows(site: httpx.Client, query: str, kind: str = "") -> list[dict[str, Any]]:
    said = json.loads(_asked(site, query, "application/sparql-results+json", kind))
    found: list[dict[str, Any]] = said["results"]["bindings"]
    return found


@pytest.mark.parametrize("kind", ["", "sparql@"])
def test_it_finds_out_that_it_is_an_endpoint_and_gets_the_same_rows(
    site: httpx.Client, kind: str
) -> None:
    """By the service description, and where it is told; with joins, OPTIONAL and a filter."""
    query = (
        f"{_PREFIXES} SELECT ?board ?name WHERE {{ ?board a fg:Board ; rdfs:label ?name . "
        'OPTIONAL { ?board fg:clockHz ?clock } FILTER (STRSTARTS(?name, "n")) } ORDER BY ?name'
    )
    ours = site.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    found = _rows(site, query, kind)
    assert [row["name"]["value"] for row in found] == [row["name"]["value"] for row in ours]


def test_it_gets_truth_and_triples(site: httpx.Client) -> None:
    asked = f"ASK {{ <{DEVICE}> ?property ?value }}"
    said = json.loads(_asked(site, asked, "application/sparql-results+json"))
    assert said["boolean"] is True
    triples = _asked(site, f"CONSTRUCT WHERE {{ <{DEVICE}> a ?class }}", "application/n-triples")
    assert f"<{DEVICE}>" in triples
