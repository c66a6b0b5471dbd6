"""Queries parse, open with their question, project what is bound, and somebody asks them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import CASE_STUDIES_FOLDER, COMPETENCY_FOLDER, MODULES, QUERIES_FOLDER
from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.query_files import load_query

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ontology", "registry", "matcher", "compiler_bridge", "api")
QUERIES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.rq"))
ASKED = [path for path in QUERIES if path.parent not in (COMPETENCY_FOLDER, CASE_STUDIES_FOLDER)]


def name(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


def binds(text: str) -> set[str]:
    """Variables that the comment lists under ``Binds:``."""
    comment = " ".join(re.findall(r"^#(.*)$", text, flags=re.MULTILINE))
    listed = re.search(r"Binds[^:]*:(.*?)(?:Returns:|$)", comment)
    return set(re.findall(r"\?(\w+)", listed.group(1))) if listed else set()


@cache
def terms() -> frozenset[Node]:
    """Everything that the vocabulary speaks of."""
    vocabulary = Graph()
    for module in MODULES:
        vocabulary.parse(module)
    return frozenset(vocabulary.subjects())


@pytest.mark.parametrize("path", QUERIES, ids=name)
def test_a_query_parses_in_both_engines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pyoxigraph.Store().query(text)
    prepareQuery(text)


@pytest.mark.parametrize("path", QUERIES, ids=name)
def test_a_query_opens_with_its_question(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"# .*\?$", first), first


@pytest.mark.parametrize("path", QUERIES, ids=name)
def test_what_is_bound_is_projected(path: Path) -> None:
    """pyoxigraph substitutes only variables that it finds in the projection."""
    text = path.read_text(encoding="utf-8")
    results = pyoxigraph.Store().query(text)
    if isinstance(results, pyoxigraph.QuerySolutions):
        assert binds(text) <= {variable.value for variable in results.variables}
    else:
        assert all(f"?{variable}" in text.split("{")[1] for variable in binds(text))


@pytest.mark.parametrize("path", QUERIES, ids=name)
def test_a_query_uses_terms_of_the_vocabulary_only(path: Path) -> None:
    body = re.sub(r"^#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    used = {URIRef(FG + term) for term in re.findall(r"\bfg:(\w+)", body)}
    assert used <= terms()


@pytest.mark.parametrize("path", ASKED, ids=name)
def test_somebody_asks_the_query(path: Path) -> None:
    room = next(room for room in ROOMS if (ROOT / room) in path.parents)
    later = ROOMS[ROOMS.index(room) :]
    code = "".join(
        module.read_text(encoding="utf-8") for one in later for module in (ROOT / one).rglob("*.py")
    )
    assert f'"{path.stem}"' in code, f"nothing asks {path}"


def test_a_query_is_loaded_by_name() -> None:
    assert load_query("proofs").startswith("# Which proofs")
    assert load_query("proofs", QUERIES_FOLDER) == load_query("proofs")


def test_an_unknown_query_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OntologyError) as caught:
        load_query("no-such-query")
    assert "proofs" in caught.value.hint
