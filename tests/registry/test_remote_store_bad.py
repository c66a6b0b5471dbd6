"""What goes wrong with a SPARQL server: one sentence with a hint, and no secret in it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.errors import FitgraphError, OntologyError
from fitgraph.registry.endpoint import Endpoint, endpoint
from fitgraph.registry.errors import StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.remote_store import RemoteStore
from tests.support.oxigraph_server import oxigraph_server
from tests.support.rude_server import RESULTS, Answer, rude_server

SECRET = "open-sesame"  # noqa: S105 - opens nothing
A = Iri("https://example.org/a")
TRIPLE = Triple(NamedNode(A), NamedNode("https://example.org/p"), Literal(1))
ASK = "ASK { ?s ?p ?o }"


def asking(*answers: Answer, environment: dict[str, str] | None = None) -> FitgraphError:
    """What asking a server that answers so ends with."""
    with rude_server(*answers) as server:
        place = endpoint(server.url, {"FITGRAPH_STORE_TOKEN": SECRET, **(environment or {})})
        with RemoteStore(place) as store, pytest.raises(FitgraphError) as caught:
            store.ask(ASK)
    assert SECRET not in f"{caught.value} {caught.value.hint} {place!r}"
    return caught.value


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "does not know who asks"),
        (403, "does not allow this"),
        (404, "is not there"),
        (405, "takes no SPARQL"),
        (413, "does not take that much"),
        (500, "failed"),
        (503, "is not ready"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, sentence: str) -> None:
    error = asking(Answer(status, {"Content-Type": "text/html"}, b"<html>oops</html>"))
    assert isinstance(error, StorageError)
    assert sentence in error.message
    assert f"HTTP {status}" in error.message
    assert "oops" not in error.message
    assert error.hint


def test_a_servers_own_reason_is_told_in_one_line() -> None:
    error = asking(Answer(403, {"Content-Type": "text/plain"}, b"read only\x1b[31m\nmore"))
    assert error.message.endswith("read only[31m")


def test_a_page_for_browsers_is_no_answer() -> None:
    error = asking(Answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>"))
    assert "answers with text/html" in error.message


@pytest.mark.parametrize("body", [b"", b"{", b'{"head":{"vars":["s"]},"results":{"bind', b"[1]"])
def test_an_answer_that_is_no_results_is_refused(body: bytes) -> None:
    assert "cannot be read" in asking(Answer(body=body)).message


def test_rows_that_break_off_are_refused() -> None:
    body = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"a:b"}},'
    with (
        rude_server(Answer(body=body)) as server,
        RemoteStore(endpoint(server.url, {})) as store,
        pytest.raises(StorageError, match="cannot be read"),
    ):
        store.query("SELECT ?s { ?s ?p ?o }")


def test_an_answer_that_is_shorter_than_promised_is_refused() -> None:
    assert "broke off" in asking(Answer(promised_bytes=1000)).message


def test_credentials_do_not_follow_a_redirect() -> None:
    with rude_server(Answer()) as elsewhere:
        target = f"{elsewhere.url}?key={SECRET}"
        error = asking(Answer(307, {"Location": target}, b""))
        assert f"sends us on to {elsewhere.url}" in error.message
        assert elsewhere.requests == []


def test_a_query_is_asked_again_when_the_server_was_busy() -> None:
    with (
        rude_server(Answer(503), Answer(502), Answer()) as server,
        RemoteStore(endpoint(server.url, {})) as store,
    ):
        assert store.ask(ASK)
        assert len(server.requests) == 3


def test_a_write_is_sent_once() -> None:
    with (
        rude_server(Answer(503), Answer(204)) as server,
        RemoteStore(endpoint(server.url, {})) as store,
    ):
        with pytest.raises(StorageError, match="is not ready"):
            store.write({A: [TRIPLE]})
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(401), "does not know who asks"),
        (Answer(500, {"Content-Type": "text/html"}, b"<html>oops</html>"), "failed"),
        (Answer(promised_bytes=1000), "the write may have happened"),
    ],
)
def test_a_write_that_fails_says_so_without_the_credentials(answer: Answer, sentence: str) -> None:
    with rude_server(answer) as server:
        place = endpoint(server.url, {"FITGRAPH_STORE_TOKEN": SECRET})
        with RemoteStore(place) as store, pytest.raises(StorageError, match=sentence) as caught:
            store.write_many([(A, [TRIPLE])])
    assert SECRET not in f"{caught.value} {caught.value.hint}"
    assert len(server.requests) == 1


def test_neither_a_write_nor_its_credentials_follow_a_redirect() -> None:
    with rude_server(Answer()) as elsewhere:
        with rude_server(Answer(307, {"Location": elsewhere.url}, b"")) as server:
            place = endpoint(server.url, {"FITGRAPH_STORE_TOKEN": SECRET})
            with RemoteStore(place) as store, pytest.raises(StorageError, match="sends us on"):
                store.write({A: [TRIPLE]})
        assert elsewhere.requests == []


def test_a_server_that_does_not_answer_is_given_up() -> None:
    over = threading.Event()
    try:
        error = asking(Answer(wait=over), environment={"FITGRAPH_STORE_TIMEOUT": "0.2"})
    finally:
        over.set()
    assert "did not answer in time" in error.message


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with oxigraph_server(tmp_path) as server:
        place = endpoint(server.url, {})
    with pytest.raises(StorageError, match="cannot be reached") as caught:
        RemoteStore.open(place)
    assert "FITGRAPH_STORE" in caught.value.hint
    assert caught.value.exit_code == 3


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """A server that speaks no TLS at all stands for one with a certificate of its own."""
    with rude_server(Answer()) as server:
        place = endpoint(server.url.replace("http:", "https:"), {})
        with RemoteStore(place) as store, pytest.raises(StorageError, match="cannot be trusted"):
            store.ask(ASK)


def test_named_graphs_apart_from_the_default_graph_are_noticed(tmp_path: Path) -> None:
    with oxigraph_server(tmp_path, union=False) as server:
        with RemoteStore.open(endpoint(server.url, {})) as store:
            store.write({A: [TRIPLE]})
            with pytest.raises(StorageError, match="do not see the named graphs") as caught:
                store.require_union()
        with RemoteStore.open(endpoint(f"{server.url}?union-default-graph=true", {})) as store:
            assert store.ask(ASK)
    assert "--union-default-graph" in caught.value.hint


def test_a_store_opened_for_reading_is_not_written() -> None:
    with (
        RemoteStore(endpoint("http://localhost:1", {}), read_only=True) as store,
        pytest.raises(StorageError, match="reading only"),
    ):
        store.write({A: [TRIPLE]})


def test_credentials_go_to_the_server_and_nowhere_else() -> None:
    user = {"FITGRAPH_STORE_USER": "ali", "FITGRAPH_STORE_PASSWORD": SECRET}
    with rude_server(Answer(headers=RESULTS)) as server:
        place = endpoint(server.url, user)
        with RemoteStore(place) as store:
            assert store.ask(ASK)
    assert server.requests[0]["Authorization"] == "Basic YWxpOm9wZW4tc2VzYW1l"
    assert "YWxpOm9wZW4tc2VzYW1l" not in repr(place)


@pytest.mark.parametrize(
    ("url", "environment", "sentence"),
    [
        ("http://ali:open-sesame@host/sparql", {}, "has credentials in it"),
        ("http://host/sparql", {"FITGRAPH_STORE_TOKEN": SECRET}, "in clear text"),
        ("https://", {}, "is not the URL"),
        ("https://host:99999/", {}, "is not the URL"),
        ("https://host/", {"FITGRAPH_STORE_UPDATE": "ftp://host/"}, "is not the URL"),
        ("https://host/", {"FITGRAPH_STORE_TIMEOUT": "soon"}, "no number of seconds"),
        ("https://host/", {"FITGRAPH_STORE_TIMEOUT": "nan"}, "no number of seconds"),
        ("https://host/", {"FITGRAPH_STORE_TOKEN": "a\nb"}, "HTTP cannot carry"),
        ("https://h/", {"FITGRAPH_STORE_TOKEN": SECRET, "FITGRAPH_STORE_USER": "a"}, "both set"),
    ],
)
def test_a_setting_that_is_wrong_is_refused_without_repeating_a_secret(
    url: str, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StorageError, match=sentence) as caught:
        endpoint(url, environment)
    assert SECRET not in f"{caught.value} {caught.value.hint}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "query", "update"),
    [
        ("http://host:7878", "http://host:7878/query", "http://host:7878/update"),
        ("https://host/ds/query?x=1", "https://host/ds/query?x=1", "https://host/ds/update"),
        ("https://host/sparql", "https://host/sparql", "https://host/sparql"),
    ],
)
def test_updates_go_where_such_a_server_takes_them(url: str, query: str, update: str) -> None:
    found = endpoint(url, {})
    assert (found.query_url, found.update_url) == (query, update)


def test_another_address_for_updates_comes_from_the_environment() -> None:
    found = endpoint("https://host/sparql", {"FITGRAPH_STORE_UPDATE": "https://host/write"})
    assert found.update_url == "https://host/write"


def test_a_secret_behind_the_question_mark_is_not_shown() -> None:
    place = Endpoint(f"http://127.0.0.1:1/query?key={SECRET}", "http://127.0.0.1:1/update")
    with RemoteStore(place) as store, pytest.raises(StorageError) as caught:
        store.ask(ASK)
    assert SECRET not in str(caught.value)


def test_a_query_that_is_not_sparql_is_refused(tmp_path: Path) -> None:
    with (
        oxigraph_server(tmp_path) as server,
        RemoteStore.open(endpoint(server.url, {})) as store,
    ):
        with pytest.raises(OntologyError, match="cannot be run"):
            store.query("SELECT nothing")
        with pytest.raises(OntologyError, match="not a SELECT"):
            store.query(ASK)
        with pytest.raises(OntologyError, match="not an ASK"):
            store.ask("SELECT ?s { ?s ?p ?o }")
        with pytest.raises(OntologyError):
            store.construct(ASK)
