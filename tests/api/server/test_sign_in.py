"""Signing in from a browser: a token in a cookie that nobody else can use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from tests.support.lamps import TD, description
from tests.support.running_server import running_server

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TokenFile:
    return TokenFile(tmp_path_factory.mktemp("closed") / "store" / "tokens.json")


@pytest.fixture(scope="module")
def curator(tokens: TokenFile) -> str:
    return tokens.create("carla", Role.CURATOR)


@pytest.fixture(scope="module")
def address(tokens: TokenFile, curator: str) -> Iterator[str]:
    """Where a server is on which nobody reads without a token."""
    assert curator
    with running_server(tokens.path.parent, reading="closed") as client:
        yield str(client.base_url)


@pytest.fixture
def closed(address: str) -> Iterator[httpx.Client]:
    """A browser that was just opened before that server."""
    with httpx.Client(base_url=address, headers=BROWSER, timeout=30.0) as client:
        yield client


def _own(client: httpx.Client) -> dict[str, str]:
    """What a browser says of a request that a page of the server makes."""
    return {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}


def _sign_in(client: httpx.Client, token: str, **fields: str) -> httpx.Response:
    return client.post("/sign-in", data={"token": token, **fields}, headers=_own(client))


def test_a_stranger_is_led_to_the_form_and_back(closed: httpx.Client, curator: str) -> None:
    """The form and its style are there for those who may not read yet."""
    refused = closed.get("/boards?q=nano")
    assert refused.status_code == 401
    assert 'href="/sign-in?next=/boards%3Fq%3Dnano"' in refused.text
    form = closed.get("/sign-in?next=/boards%3Fq%3Dnano")
    assert form.status_code == 200
    assert 'name="next" value="/boards?q=nano"' in form.text
    assert closed.get("/static/style.css").status_code == 200
    done = _sign_in(closed, f" Bearer {curator}\n", next="/boards?q=nano")
    assert (done.status_code, done.headers["location"]) == (303, "/boards?q=nano")
    shown = closed.get("/boards?q=nano")
    assert shown.status_code == 200
    assert "carla" in shown.text
    assert "Sign out" in shown.text


def test_the_cookie_is_for_this_site_alone_and_ends_with_the_browser(
    closed: httpx.Client, curator: str
) -> None:
    said = _sign_in(closed, curator).headers["set-cookie"].lower().split("; ")
    assert {"httponly", "samesite=strict", "path=/"} <= set(said)
    assert not [one for one in said if one.startswith(("expires", "max-age", "domain"))]


def test_behind_tls_the_cookie_never_leaves_it(closed: httpx.Client, curator: str) -> None:
    """uvicorn believes a proxy on this machine that tells the scheme."""
    origin = str(closed.base_url).rstrip("/").replace("http", "https")
    headers = {"X-Forwarded-Proto": "https", "Origin": origin}
    done = closed.post("/sign-in", data={"token": curator}, headers=headers)
    assert "secure" in done.headers["set-cookie"].lower().split("; ")


def test_who_is_signed_in_may_do_what_the_role_may(
    closed: httpx.Client, tokens: TokenFile, curator: str
) -> None:
    """And it is noted who did it."""
    _sign_in(closed, curator)
    made = closed.post("/things", json=description(), headers=TD | _own(closed))
    assert made.status_code == 201
    assert closed.get("/audit").status_code == 403
    admin = {"Authorization": f"Bearer {tokens.create('auditor', Role.ADMIN)}"}
    noted = closed.get("/audit?agent=carla&operation=create_anonymous_thing", headers=admin).json()
    assert [one["agent"].rpartition("/")[2] for one in noted["items"]] == ["carla"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://[", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "own"},
    ],
)
def test_no_other_page_acts_for_who_is_signed_in(
    closed: httpx.Client, curator: str, headers: dict[str, str]
) -> None:
    """Nor signs anybody in or out."""
    _sign_in(closed, curator)
    own = str(closed.base_url).rstrip("/")
    sent = {name: own if value == "own" else value for name, value in headers.items()}
    refused = closed.post("/things", json=description(), headers=TD | sent)
    assert (refused.status_code, closed.get("/things").status_code) == (403, 200)
    for path in ("/sign-in", "/sign-out"):
        response = closed.post(path, data={"token": curator}, headers=sent)
        assert response.status_code == 403
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    ("token", "status"),
    [("", 400), ("fitgraph_wrong", 401), ("a b", 400), ("a\r\nSet-Cookie: b=c", 400),
     ("x" * 5000, 400), ("\u00e4", 400), ("a.b.c", 401)],
)  # fmt: skip
def test_what_is_no_token_signs_nobody_in(closed: httpx.Client, token: str, status: int) -> None:
    """What is wrong is said above the form, and the token is not shown again."""
    response = _sign_in(closed, token)
    assert response.status_code == status
    assert 'role="alert"' in response.text
    assert "set-cookie" not in response.headers
    assert not token or token not in response.text


@pytest.mark.parametrize(
    "following",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "",
     "/a\r\nSet-Cookie: b=c", "/\u00e4"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(closed: httpx.Client, curator: str, following: str) -> None:
    assert _sign_in(closed, curator, next=following).headers["location"] == "/"


def test_who_signs_out_is_a_stranger_again(closed: httpx.Client, curator: str) -> None:
    _sign_in(closed, curator)
    assert closed.post("/sign-out", headers=_own(closed)).status_code == 415
    assert closed.get("/").status_code == 200
    done = closed.post("/sign-out", data={"a": "b"}, headers=_own(closed))
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert closed.get("/").status_code == 401


def test_a_revoked_token_ends_what_it_was_signed_in_with(
    closed: httpx.Client, tokens: TokenFile
) -> None:
    _sign_in(closed, tokens.create("rita", Role.READER))
    assert closed.get("/").status_code == 200
    tokens.revoke("rita")
    assert closed.get("/").status_code == 401


def test_an_ended_token_does_not_lock_out_of_what_is_open(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "store" / "tokens.json")
    tokens.create("other", Role.ADMIN)
    curator = tokens.create("carla", Role.CURATOR)
    with running_server(tmp_path / "store") as client:
        client.headers.update(BROWSER)
        assert "Sign in" in client.get("/").text
        _sign_in(client, curator)
        assert "carla" in client.get("/").text
        tokens.revoke("carla")
        page = client.get("/")
        assert page.status_code == 200
        assert "carla" not in page.text


def test_what_somebody_gets_who_is_signed_in_is_kept_for_nobody_else(
    closed: httpx.Client, curator: str
) -> None:
    _sign_in(closed, curator)
    data = closed.get("/boards", headers={"Accept": "application/json"})
    assert data.headers["cache-control"] == "private"
    page = closed.get("/boards")
    assert "private" in page.headers["cache-control"]
    assert "Cookie" in page.headers["vary"]


def test_a_bearer_token_goes_before_the_cookie(
    closed: httpx.Client, tokens: TokenFile, curator: str
) -> None:
    _sign_in(closed, curator)
    admin = {"Authorization": f"Bearer {tokens.create('ada', Role.ADMIN)}"}
    assert closed.get("/audit", headers=admin).status_code == 200
    wrong = {"Authorization": "Bearer wrong"}
    assert closed.get("/boards", headers=wrong).status_code == 401


def test_without_tokens_there_is_nothing_to_sign_in_to(tmp_path: Path) -> None:
    with running_server(tmp_path / "store") as client:
        client.headers.update(BROWSER)
        assert "Sign in" not in client.get("/").text
        assert "fitgraph token create" in client.get("/sign-in").text
