"""The searches of the directory of things."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.support.lamps import description, new_id, put


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("jsonpath", "$[?(@.tag=='{tag}')]"),
        ("jsonpath", "$[?@.tag=='{tag}' && @.registration.created > '2000']"),
        ("xpath", "*[tag='{tag}']"),
        ("xpath", "/things/thing[contains(tag, '{tag}')]"),
    ],
)
def test_things_are_found_by_path(directory: httpx.Client, path: str, query: str) -> None:
    """What is found whole comes as it was handed in."""
    tag = uuid.uuid4().hex
    values = [description(new_id(), tag=tag) for _ in range(3)]
    for value in values:
        put(directory, value)
    response = directory.get(f"/search/{path}", params={"query": query.format(tag=tag)})
    assert response.headers["content-type"] == "application/json"
    assert response.json() == sorted(values, key=lambda value: value["id"])


def test_parts_of_things_are_found_by_path(directory: httpx.Client) -> None:
    put(directory, value := description(new_id(), **{"@type": ["Lamp", "Bulb"]}, tag={"a b": [1]}))
    for path, query, found in (
        ("jsonpath", f"$[?@.id=='{value['id']}'].title", ["Lamp"]),
        ("xpath", f"*[id='{value['id']}']/title", ["Lamp"]),
        ("xpath", f"*[id='{value['id']}']/@type", ["Lamp Bulb"]),
        ("xpath", f"*[id='{value['id']}']/tag/a_b/text()", ["1"]),
        ("xpath", f"*[id='{value['id']}']/tag", [{"a b": [1]}]),
        ("xpath", f"count(*[id='{value['id']}'])", [1]),
    ):
        response = directory.get(f"/search/{path}", params={"query": query})
        assert response.json() == found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("jsonpath", "*/id"), ("jsonpath", ""), ("xpath", "$[:].id"), ("xpath", "*["),
        ("xpath", "unparsed-text('/etc/passwd')"), ("xpath", "fn:doc ('http://a.example/')"),
        ("xpath", "(function-lookup#2)(xs:QName('fn:doc'), 1)"), ("xpath", "doc(: :)('a')"),
        ("xpath", "environment-variable('PATH')"), ("xpath", "1 div 0"),
        ("sparql", "SELECT"), ("sparql", "DROP ALL"), ("sparql", ""),
    ],
)  # fmt: skip
def test_bad_searches_are_400(directory: httpx.Client, path: str, query: str) -> None:
    response = directory.get(f"/search/{path}", params={"query": query})
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert directory.get(f"/search/{path}").status_code == 400


def test_sparql_search_has_the_defaults_of_a_directory(directory: httpx.Client) -> None:
    rows = directory.get("/search/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 2"})
    assert rows.headers["content-type"] == "application/json"
    assert rows.json()["head"] == {"vars": ["s", "p", "o"]}
    graph = directory.post(
        "/search/sparql",
        content="CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 2",
        headers={"Content-Type": "application/sparql-query"},
    )
    assert graph.headers["content-type"] == "application/ld+json"
    update = {"Content-Type": "application/sparql-update"}
    assert directory.post("/search/sparql", content="CLEAR ALL", headers=update).status_code == 400
