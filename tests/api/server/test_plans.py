"""Plans and policies over HTTP."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from fitgraph.api.access import Role, TokenFile
from tests.support.command import Command
from tests.support.example_models import quantized_example
from tests.support.running_server import running_server

BOARD = "nrf52840-dk"
FLEET = f"""
fleet: hall 1
groups:
  - {{name: benches, board: {BOARD}, count: 40}}
demands:
  - {{name: gestures, task: gestures, models: [small], share: 0.5}}
"""
YAML = {"Content-Type": "application/yaml"}
TURTLE = {"Content-Type": "text/turtle"}
PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix fg: <https://w3id.org/fitgraph/ontology#> .
@prefix : <https://example.org/rules#> .
"""
#: No model may go on the board.
FORBIDDING = f"""{PREFIXES}
:NotHere a sh:NodeShape ; sh:targetClass fg:Match ;
  sh:property [ sh:path fg:board ;
    sh:not [ sh:hasValue <https://w3id.org/fitgraph/id/board/{BOARD}> ] ;
    sh:message "this board is kept for something else" ] .
"""


@pytest.fixture(scope="module")
def planned(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the smallest example, which was built for a board."""
    folder = tmp_path_factory.mktemp("planned")
    shutil.copytree(first_store, folder / "store")
    file = quantized_example("activity", folder)
    fitgraph = Command(folder / "store")
    assert fitgraph("model", "add", file, "--name", "small").code == 0
    built = fitgraph("build", "small", "--board", BOARD, "--output", folder / "build")
    assert built.code == 0, built.err
    return folder / "store"


@pytest.fixture
def client(planned: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    shutil.copytree(planned, tmp_path / "store")
    with running_server(tmp_path / "store") as client:
        yield client


def test_a_fleet_is_planned_and_the_plan_kept(client: httpx.Client) -> None:
    """As JSON and as Turtle, in the list and in the graph."""
    made = client.post("/plans", content=FLEET, headers=YAML)
    assert made.status_code == 201, made.text
    assert [one["model"] for one in made.json()["assignments"]] == ["small"]
    assert made.json()["coverage"][0]["reached"] >= 20
    assert made.json()["waves"][0]["is_canary"]
    at = made.headers["Location"]
    assert client.get(at).json() == made.json()
    turtle = client.get(at, headers={"Accept": "text/turtle"}).text
    assert "a fg:Plan" in turtle
    assert "fg:restsOn" in turtle
    (listed,) = client.get("/plans", params={"is_met": "true"}).json()["items"]
    assert (listed["fleet"], listed["is_met"]) == ("hall 1", True)
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404
    assert client.get("/plans").json()["total"] == 0


def test_a_fleet_may_be_json(client: httpx.Client) -> None:
    fleet = {
        "fleet": "hall 2",
        "groups": [{"name": "benches", "board": BOARD, "count": 40}],
        "demands": [{"name": "gestures", "task": "gestures", "models": ["small"]}],
    }
    made = client.post("/plans", json=fleet)
    assert made.status_code == 201, made.text
    assert made.json()["fleet"] == "hall 2"


def test_what_cannot_be_met_is_told_as_data(client: httpx.Client) -> None:
    """Who is left out, why, and what would help."""
    hungry = FLEET.replace("count: 40}", "count: 40, reserve: {RAM: 262144}}")
    plan = client.post("/plans", content=hungry, headers=YAML)
    assert plan.status_code == 201, plan.text
    (coverage,), (left,) = plan.json()["coverage"], plan.json()["exclusions"]
    assert coverage["reached"] < coverage["wanted"]
    assert (left["group"], left["n_devices"]) == ("benches", 40)
    assert left["reason"]
    assert left["would_help"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("fleet: [", "application/yaml", 400),
        ("{}", "application/json", 400),
        (FLEET.replace(BOARD, "nowhere"), "application/yaml", 404),
        (FLEET, "text/plain", 415),
        (b"\xff", "application/yaml", 400),
    ],
)
def test_what_is_no_fleet_is_refused(
    client: httpx.Client, content: str, kind: str, status: int
) -> None:
    answer = client.post("/plans", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.json()["hint"]


def test_a_policy_holds_for_matches_and_plans_until_it_is_removed(client: httpx.Client) -> None:
    at = f"/matches/small/{BOARD}"
    assert client.get(at).json()["verdict"] == "fits"
    put = client.put("/policies/kept", content=FORBIDDING, headers=TURTLE)
    assert put.status_code == 201, put.text
    assert client.get(at).json()["verdict"] == "no"
    found = client.get("/matches", params={"board": BOARD}).json()["items"]
    assert [one["verdict"] for one in found] == ["no"]
    plan = client.post("/plans", content=FLEET, headers=YAML).json()
    assert plan["assignments"] == []
    assert "kept for something else" in plan["exclusions"][0]["reason"]
    assert client.get("/policies").json()["items"][0]["name"] == "kept"
    assert client.get("/policies/kept").text == FORBIDDING
    assert client.delete("/policies/kept").status_code == 204
    assert client.get(at).json()["verdict"] == "fits"


def test_a_policy_holds_for_the_matrix_and_for_lists_and_tables_of_all_pairs(
    client: httpx.Client,
) -> None:
    arrow = {"Accept": "application/vnd.apache.arrow.stream"}

    def seen() -> tuple[str, int, str | None]:
        """What the matrix, a list and a table say of the pair."""
        page = client.get("/matches?models=small&by=board", headers={"Accept": "text/html"})
        address = rf'<td class="cell-(\w+)"><a href="/matches/small/{BOARD}"'
        (cell,) = re.findall(address, page.text)
        fits = {"model": "small", "verdict": "fits"}
        total = client.get("/matches", params=fits).json()["total"]
        rows = pa.ipc.open_stream(client.get("/matches", headers=arrow).content).read_all()
        told = {(one["model"], one["board"]): one["verdict"] for one in rows.to_pylist()}
        return cell, total, told["small", BOARD]

    cell, n_fits, verdict = seen()
    assert (cell, verdict) == ("fits", "fits")
    assert client.put("/policies/kept", content=FORBIDDING, headers=TURTLE).status_code == 201
    assert seen() == ("no", n_fits - 1, "no")
    said = client.get("/matches", params={"model": "small", "limit": 1000}).json()["items"]
    order = [("fits", "likely", "unknown", "no").index(one["verdict"]) for one in said]
    assert order == sorted(order)
    page = client.get("/models/small", headers={"Accept": "text/html"}).text
    assert f'href="/matches/small/{BOARD}"' not in page or "kept for something else" in page


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("kept", "no turtle", 400),
        ("kept", PREFIXES, 400),
        ("kept", f"<urn:a> <urn:b> {'(' * 50_000}{')' * 50_000} .", 400),
        ("kept", FORBIDDING.replace("sh:not ", "sh:nott "), 400),
        ("..%2Fkept", FORBIDDING, 404),
        ("a.b", FORBIDDING, 400),
    ],
)
def test_what_is_no_policy_is_refused(
    client: httpx.Client, name: str, content: str, status: int
) -> None:
    answer = client.put(f"/policies/{name}", content=content, headers=TURTLE)
    assert answer.status_code == status, answer.text
    assert "/tmp" not in answer.text  # noqa: S108 - where the policies are read
    assert client.get("/policies").json()["total"] == 0


def test_curators_write_policies_and_operators_plans(planned: Path, tmp_path: Path) -> None:
    shutil.copytree(planned, tmp_path / "store")
    tokens = TokenFile(tmp_path / "store" / "tokens.json")
    curator, operator = (
        {"Authorization": f"Bearer {tokens.create(role, role)}"}
        for role in (Role.CURATOR, Role.OPERATOR)
    )
    with running_server(tmp_path / "store") as client:
        for said, status in ((curator, 403), (operator, 201), ({}, 401)):
            made = client.post("/plans", content=FLEET, headers=YAML | said)
            assert made.status_code == status
        for said, status in ((operator, 403), (curator, 201)):
            put = client.put("/policies/kept", content=FORBIDDING, headers=TURTLE | said)
            assert put.status_code == status
        other = {"If-Match": '"another"'}
        put = client.put("/policies/kept", content=FORBIDDING, headers=TURTLE | curator | other)
        assert put.status_code == 412
