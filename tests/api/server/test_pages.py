"""Pages and data at one address: browsers get the one, programs the other, links either."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from tests.support.running_server import running_server

#: What Firefox and Chromium send.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HTML = "text/html; charset=utf-8"


class Links(HTMLParser):
    """Addresses that a page names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value for name, value in attrs if name in {"href", "src"} and value]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (BROWSER["Accept"], HTML),
        ("text/html", HTML),
        ("text/html;q=0.5, text/turtle", "text/turtle"),
        ("text/turtle", "text/turtle"),
        ("*/*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_one_address_gives_what_is_accepted(client: httpx.Client, accept: str, media: str) -> None:
    response = client.get("/boards/nrf52840-dk", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == media
    assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize("iri", ["board/nrf52840-dk", "mcu/nrf52840", "runtime/fitgraph-c"])
def test_an_iri_leads_a_browser_to_a_page_and_a_program_to_triples(
    client: httpx.Client, iri: str
) -> None:
    turtle = client.get(f"/id/{iri}", headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"] == "text/turtle"
    page = client.get(f"/id/{iri}", headers=BROWSER, follow_redirects=True)
    assert (page.status_code, page.headers["content-type"]) == (200, HTML)
    assert iri.rpartition("/")[2] in page.text


@pytest.mark.parametrize("iri", ["isa/armv7e-m%2Bfp", "isa/armv6-m", "operator/onnx/Conv"])
def test_iris_without_a_list_have_pages_and_triples_too(client: httpx.Client, iri: str) -> None:
    """An operator has no graph of its own: what all graphs say of it is told."""
    iri = iri.replace("%2B", "+")
    assert client.get(f"/id/{iri}", headers=BROWSER).headers["content-type"] == HTML
    turtle = client.get(f"/id/{iri}", headers={"Accept": "text/turtle"})
    assert (turtle.status_code, turtle.headers["content-type"]) == (200, "text/turtle")
    assert client.get("/id/operator/onnx/Cnov", headers=BROWSER).status_code == 404


@pytest.mark.parametrize(
    ("form", "media"),
    [("json", "application/json"), ("turtle", "text/turtle"), ("html", HTML),
     ("ntriples", "application/n-triples"), ("nonsense", HTML)],
)  # fmt: skip
def test_a_link_can_ask_for_a_form(client: httpx.Client, form: str, media: str) -> None:
    response = client.get(f"/boards/nrf52840-dk?form={form}", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (200, media)


def test_a_form_leaves_the_other_arguments_as_they_are(client: httpx.Client) -> None:
    found = client.get("/boards?q=nordic&form=csv&limit=2", headers=BROWSER)
    assert found.headers["content-type"] == "text/csv"
    assert len(found.text.splitlines()) == 3


@pytest.mark.parametrize(
    ("path", "status"), [("/boards/none", 404), ("/no/such/place", 404), ("/boards?page=0", 400)]
)
def test_a_browser_reads_problems_on_a_page(client: httpx.Client, path: str, status: int) -> None:
    response = client.get(path, headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (status, HTML)
    assert "<h1>" in response.text
    data = client.get(path)
    assert data.headers["content-type"] == "application/problem+json"


def test_a_page_that_is_known_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/boards", headers=BROWSER)
    again = client.get("/boards", headers={**BROWSER, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_take_nothing_from_elsewhere_and_run_nothing_of_their_own(
    client: httpx.Client,
) -> None:
    for path in ("/", "/boards", "/boards/nrf52840-dk", "/sparql", "/?q=nrf"):
        page = client.get(path, headers=BROWSER)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", page.text), path
        sources = re.findall(r"<(?:script|img|link)[^>]*(?:src|href)=\"([^\"]+)", page.text)
        assert sources
        assert all(one.startswith("/static/") for one in sources)


def test_static_files_are_kept_for_ever_under_their_digest(client: httpx.Client) -> None:
    (style,) = re.findall(r"/static/style\.css\?\w+", client.get("/", headers=BROWSER).text)
    found = client.get(style)
    assert found.headers["content-type"].startswith("text/css")
    assert "immutable" in found.headers["cache-control"]
    assert client.get("/static/style.css").headers["cache-control"] == "no-cache"
    for name in ("none.css", "..%2frendering.py", "style.css%00"):
        assert client.get(f"/static/{name}").status_code == 404


def test_what_is_typed_is_text_and_not_markup(client: httpx.Client) -> None:
    wicked = "<script>alert(1)</script>\"'>"
    for path in ("/", "/boards", "/things"):
        page = client.get(path, params={"q": wicked}, headers=BROWSER)
        assert page.status_code == 200
        assert "<script>" not in page.text
    page = client.get("/sparql", params={"query": f"SELECT {wicked}", "form": "html"})
    assert page.status_code == 400
    assert "<script>" not in page.text


def test_no_link_of_the_pages_leads_nowhere(client: httpx.Client) -> None:
    """From the first page two links deep, and some of each page's links, always the same ones."""
    seen: set[str] = set()
    ahead = ["/", "/?q=nrf52", "/boards/nrf52840-dk", "/sparql?question=memory-map-of-a-board"]
    for _ in range(2):
        found: list[str] = []
        for path in ahead:
            page = client.get(path, headers=BROWSER, follow_redirects=True)
            assert page.status_code == 200, (path, page.text[:500])
            if page.headers["content-type"] == HTML:
                links = [one.partition("#")[0] for one in Links(page.text).found]
                found += [one for one in links if one.startswith("/")][:70:2]
        seen.update(ahead)
        ahead = sorted(set(found) - seen)[:60]
    for path in ahead:
        assert client.get(path, headers=BROWSER, follow_redirects=True).status_code == 200, path


def test_a_query_in_the_address_is_data_unless_a_page_is_wanted(client: httpx.Client) -> None:
    """Some programs say that they take HTML, and mean whatever there is."""
    asked = {"query": "SELECT ?board { ?board a <https://w3id.org/fitgraph/ontology#Board> }"}
    data = client.get("/sparql", params=asked, headers=BROWSER)
    assert "html" not in data.headers["content-type"]
    page = client.get("/sparql", params={**asked, "form": "html"}, headers=BROWSER)
    assert page.headers["content-type"] == HTML
    assert 'href="/boards/nrf52840-dk"' in page.text


def test_who_may_not_read_sees_no_pages(tmp_path: Path) -> None:
    with running_server(tmp_path / "store", reading="closed") as client:
        refused = client.get("/boards", headers=BROWSER)
        assert (refused.status_code, refused.headers["content-type"]) == (401, HTML)
        assert client.get("/static/style.css").status_code == 200
