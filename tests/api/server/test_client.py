"""The client gives what the library gives, and raises what it raises."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitgraph.api.access import Role, TokenFile
from fitgraph.api.client import Client, ServerError
from fitgraph.api.compiler import compiler_for
from fitgraph.matcher.match import match
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.errors import ConflictError, InvalidModelError, NotFoundError
from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def store(digits_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("client") / "store"
    shutil.copytree(digits_store, folder)
    return folder


@pytest.fixture
def client(store: Path) -> Iterator[Client]:
    with running_server(store) as http, Client(str(http.base_url)) as client:
        yield client


def test_records_come_as_the_library_has_them(store: Path) -> None:
    """Every record of every list, and verdicts with all their constraints."""
    with open_registry(store, read_only=True) as registry:
        boards, mcus = registry.list_boards(), registry.list_mcus()
        runtimes, models = registry.list_runtimes(), registry.list_models()
        footprints, model = registry.list_footprints(), registry.get_model("digits-int8")
        content = registry.model_bytes("digits")
        compiler = compiler_for(registry, "fitgraph-c")
        verdicts = match(registry.store, "digits-int8", None, "fitgraph-c", compiler)
    with running_server(store) as http, Client(str(http.base_url)) as client:
        assert set(client.list_boards()) == set(boards)
        assert set(client.list_mcus()) == set(mcus)
        assert {one.name: one for one in client.list_runtimes()} == {
            one.name: one for one in runtimes
        }
        assert set(client.list_models()) == set(models)
        assert set(client.list_footprints()) == set(footprints)
        assert client.get_model("digits-int8") == model
        assert client.model_bytes("digits") == content
        assert client.match("digits-int8") == verdicts
        one = client.explain("digits-int8", "stm32-blue-pill")
        assert one in verdicts
        assert client.list_boards(isa_class="armv6-m")
        assert client.query("SELECT ?n { BIND(1 AS ?n) }") == ({"n": "1"},)


def test_errors_are_those_of_the_library(client: Client, repository: Path) -> None:
    with pytest.raises(NotFoundError, match="none-such"):
        client.get_board("none-such")
    with pytest.raises(InvalidModelError):
        client.add_model(b"no model", "bad")
    other = repository / "examples" / "digits" / "digits.onnx"
    with pytest.raises(ConflictError):
        client.add_model(other, "digits-int8")
    assert not client.add_model(other, "digits").is_new
    with pytest.raises(ServerError) as refused:
        client.query("SELECT")
    assert (refused.value.status, refused.value.problem) == (400, "ontology-error")


def test_things_are_put_and_removed(client: Client) -> None:
    thing = "urn:a:lamp/1"
    client.put_thing({
        "@context": "https://www.w3.org/2022/wot/td/v1.1", "id": thing, "title": "Lamp",
        "security": "none", "securityDefinitions": {"none": {"scheme": "nosec"}},
    })  # fmt: skip
    assert client.get_thing(thing)["title"] == "Lamp"
    client.remove_thing(thing)
    with pytest.raises(NotFoundError):
        client.get_thing(thing)


def test_a_token_opens_what_is_closed(tmp_path: Path) -> None:
    secret = TokenFile(tmp_path / "store" / "tokens.json").create("me", Role.READER)
    with running_server(tmp_path / "store", reading="closed") as http:
        url = str(http.base_url)
        assert Client(url, token=secret).list_models() == ()
        with pytest.raises(ServerError) as refused:
            Client(url).list_models()
        assert refused.value.status == 401
    with pytest.raises(ServerError, match="does not answer"):
        Client(url).list_models()
