"""Who wrote what: every change is noted in the graph in its own transaction; admins list them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from fitgraph.api.server.acting import by_itself
from fitgraph.api.server.changes import forget
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.settings import Settings
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.errors import ConflictError
from tests.support.issuer import AUDIENCE, running_issuer
from tests.support.lamps import TD, description
from tests.support.made_up_boards import board as made_up
from tests.support.running_server import running_server

_UPDATE = {"Content-Type": "application/sparql-update"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with running_server(tmp_path / "store") as client:
        secrets = TokenFile(tmp_path / "store" / "tokens.json")
        client.headers["Authorization"] = f"Bearer {secrets.create('root', Role.ADMIN)}"
        yield client


def _changes(client: httpx.Client, **arguments: Any) -> list[dict[str, Any]]:
    response = client.get("/audit", params=arguments)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def test_a_change_says_who_made_it_when_by_what_request_and_to_what(client: httpx.Client) -> None:
    """Made, then put in place of itself, then removed; the last first."""
    mine = str(uuid.uuid4())
    before = datetime.now(UTC)
    headers = {**TD, "X-Request-Id": mine}
    added = client.put("/things/urn:lamp", json=description("urn:lamp"), headers=headers)
    added.raise_for_status()
    client.put("/things/urn:lamp", json=description("urn:lamp", title="New"), headers=TD)
    assert client.delete("/things/urn:lamp").status_code == 204
    removed, replaced, made = _changes(client)
    assert (made["agent_name"], made["operation"], made["request_id"]) == (
        "root",
        "put_thing",
        mine,
    )
    assert before <= datetime.fromisoformat(made["at"]) <= datetime.now(UTC)
    assert "urn:lamp" in made["generated"]
    assert (made["used"], made["invalidated"]) == ([], [])
    assert "urn:lamp" in replaced["used"]
    assert replaced["generated"] == []
    assert (removed["operation"], removed["generated"]) == ("delete_thing", [])
    assert "urn:lamp" in removed["invalidated"]
    assert removed["affected_resources"] == len(removed["invalidated"]) == 2  # and its registration


def test_sparql_finds_changes_as_activities(client: httpx.Client) -> None:
    client.put("/things/urn:lamp", json=description("urn:lamp"), headers=TD)
    asked = """PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?agent WHERE {
      ?change prov:generated <urn:lamp> ; prov:wasAssociatedWith ?agent ; prov:endedAtTime ?at }"""
    (row,) = client.get("/sparql", params={"query": asked}).json()["results"]["bindings"]
    assert row["agent"]["value"] == "https://w3id.org/fitgraph/id/agent/root"
    (change,) = _changes(client)
    turtle = client.get(change["iri"].removeprefix("https://w3id.org/fitgraph"),
                        headers={"Accept": "text/turtle"})  # fmt: skip
    assert "urn:lamp" in turtle.text


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }",
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } ;",
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> ';' } } # done;",
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } ; # done",
        "DROP ALL",
    ],
)
def test_an_update_is_noted_even_if_it_drops_all(client: httpx.Client, update: str) -> None:
    assert client.post("/sparql", content=update, headers=_UPDATE).status_code == 204
    (change,) = _changes(client)
    assert (change["operation"], change["affected_resources"]) == ("sparql_post", None)


def test_what_fails_or_changes_nothing_leaves_no_note(client: httpx.Client) -> None:
    assert client.put("/things/urn:a", content=b"{}", headers=TD).status_code == 400
    assert client.delete("/things/urn:a").status_code == 404
    broken = "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 }"
    assert client.post("/sparql", content=broken, headers=_UPDATE).status_code == 400
    assert _changes(client) == []


def test_only_admins_list_changes(client: httpx.Client, tmp_path: Path) -> None:
    secrets = TokenFile(tmp_path / "store" / "tokens.json")
    for role in set(Role) - {Role.ADMIN}:
        headers = {"Authorization": f"Bearer {secrets.create(role, role)}"}
        assert client.get("/audit", headers=headers).status_code == 403
    assert httpx.get(f"{client.base_url}/audit").status_code == 401


def test_changes_are_filtered_and_come_in_pages(client: httpx.Client, tmp_path: Path) -> None:
    other = TokenFile(tmp_path / "store" / "tokens.json").create("other", Role.CURATOR)
    for number in range(5):
        thing = description(f"urn:lamp:{number}")
        client.put(f"/things/urn:lamp:{number}", json=thing, headers=TD)
    headers = {"Authorization": f"Bearer {other}"}
    client.delete("/things/urn:lamp:3", headers=headers).raise_for_status()
    (removed,) = _changes(client, agent="other")
    assert _changes(client, operation="delete_thing") == [removed]
    assert [one["operation"] for one in _changes(client, resource="urn:lamp:3")] == [
        "delete_thing",
        "put_thing",
    ]
    assert _changes(client, until=removed["at"])[0]["operation"] == "put_thing"
    assert _changes(client, since=removed["at"]) == [removed]
    assert _changes(client, agent="nobody") == []
    seen, address = [], "/audit?limit=4"
    while address:
        page = client.get(address).json()
        seen += [one["iri"] for one in page["items"]]
        address = page["next"]
    assert seen == [one["iri"] for one in _changes(client)]
    assert len(seen) == 6


@pytest.mark.parametrize(
    "wrong", ["cursor=%C3%A9", "cursor=a", "since=now", "since=2026-01-01T00:00:00", "limit=0"]
)  # fmt: skip
def test_wrong_arguments_are_refused(client: httpx.Client, wrong: str) -> None:
    response = client.get(f"/audit?{wrong}")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_a_subject_of_an_issuer_is_told_from_a_token_of_its_name(tmp_path: Path) -> None:
    with (
        running_issuer() as issuer,
        running_server(
            tmp_path / "store", oidc_issuer=issuer.address, oidc_audience=AUDIENCE
        ) as client,
    ):
        headers = {**TD, "Authorization": f"Bearer {issuer.token(roles=['admin'])}"}
        client.put("/things/urn:lamp", json=description("urn:lamp"), headers=headers)
        (change,) = client.get("/audit", headers=headers).json()["items"]
        assert change["agent_name"] == "alice"
        assert change["agent"] != "https://w3id.org/fitgraph/id/agent/alice"
        assert change["agent"].endswith("/alice")


def test_the_note_and_the_change_are_one_transaction(tmp_path: Path) -> None:
    """What a write of several resources does not do leaves no note, and removing finds no note."""

    async def work(graph: Graph) -> None:
        with by_itself("add"):
            await _add(graph, _board(0))
            with pytest.raises(ConflictError):
                await _add(graph, replace(_board(0), vendor="another"))
            await _add(graph, _board(0))  # nothing new
        assert len(await graph.read(_iris)) == 1
        with by_itself("remove"):
            await graph.write(lambda registry: registry.remove_board("board-0"))
        first, second = await graph.read(lambda registry: registry.get_changes(_iris(registry)))
        assert (first.operation, second.operation) == ("add", "remove")
        assert set(second.invalidated) <= set(first.generated)
        assert await graph.read(lambda registry: registry.list_boards()) == ()

    with open_registry(tmp_path / "store") as registry:
        anyio.run(work, Graph(registry, tmp_path / "store"))


def test_old_changes_and_those_that_are_too_many_are_forgotten(tmp_path: Path) -> None:
    async def work(graph: Graph) -> None:
        for number in range(8):
            await _add(graph, _board(number))
        known = await graph.read(_iris)
        assert await forget(graph, Settings(audit_changes=5)) == 3
        assert await graph.read(_iris) == known[3:]
        assert await forget(graph, Settings(audit_changes=5)) == 0
        assert await forget(graph, Settings(audit_days=0.0)) == 5
        assert len(await graph.read(lambda registry: registry.list_boards())) == 8

    with open_registry(tmp_path / "store") as registry:
        anyio.run(work, Graph(registry, tmp_path / "store"))


def test_changes_keep_their_order_when_the_clock_does_not(tmp_path: Path) -> None:
    async def work(graph: Graph) -> None:
        graph._noted_at = datetime.now(UTC) + timedelta(hours=1)  # the clock was set back
        for number in range(3):
            await _add(graph, _board(number))
        found = await graph.read(lambda registry: registry.get_changes(_iris(registry)))
        boards = [[iri for iri in one.generated if "/board/" in iri] for one in found]
        assert [name[0][-1] for name in boards] == ["0", "1", "2"]

    with open_registry(tmp_path / "store") as registry:
        anyio.run(work, Graph(registry, tmp_path / "store"))


def _board(number: int) -> Board:
    return replace(made_up("armv6-m"), board_id=f"board-{number}")


async def _add(graph: Graph, board: Board) -> None:
    await graph.write(lambda registry: registry.add_board(board))


def _iris(registry: Registry) -> Any:
    return registry.change_iris()
