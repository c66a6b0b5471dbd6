"""Where a store is that a SPARQL server keeps, and who asks, as the environment says it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from fitgraph.registry.errors import StorageError

UPDATE_VARIABLE: Final = "FITGRAPH_STORE_UPDATE"
USER_VARIABLE: Final = "FITGRAPH_STORE_USER"
PASSWORD_VARIABLE: Final = "FITGRAPH_STORE_PASSWORD"  # noqa: S105 - its name
TOKEN_VARIABLE: Final = "FITGRAPH_STORE_TOKEN"  # noqa: S105 - its name
TIMEOUT_VARIABLE: Final = "FITGRAPH_STORE_TIMEOUT"
BLOBS_VARIABLE: Final = "FITGRAPH_BLOBS"

DEFAULT_TIMEOUT_S: Final = 60.0
_DEFAULT_BLOBS: Final = ".fitgraph/blobs"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SPARQL 1.1 server.

    Attributes:
        query_url: takes queries.
        update_url: takes updates.
        blobs: folder or fsspec URL of the blobs, which no SPARQL server keeps.
        timeout_s: how long a request may take.
        authorization: value of the HTTP header, or an empty string; never shown.
    """

    query_url: str
    update_url: str
    blobs: str = _DEFAULT_BLOBS
    timeout_s: float = DEFAULT_TIMEOUT_S
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return without_query(self.query_url)


#: Where a store is: a folder of this machine, or a server.
Place = Path | Endpoint


def place(name: str, environment: Mapping[str, str]) -> Place:
    """The folder or the server that a name means.

    Raises:
        StorageError: it is a URL that is not usable.
    """
    return endpoint(name, environment) if _SCHEME.match(name) else Path(name)


def endpoint(url: str, environment: Mapping[str, str]) -> Endpoint:
    """The server at a URL, with what the environment says of it.

    Args:
        url: of the queries. One without a path is an Oxigraph server's; for it, and for one that
            ends with ``/query``, updates go to ``/update`` beside it, else to the same URL.
        environment: see the variables above.

    Raises:
        StorageError: a URL or a setting is not usable, or credentials would go out unprotected.
    """
    query = _split(url)
    if query.path in {"", "/"}:
        query = query._replace(path="/query")
    update = _split(environment.get(UPDATE_VARIABLE) or urlunsplit(_beside(query)))
    authorization = _authorization(environment)
    for one in (query, update):
        if authorization and one.scheme == "http" and one.hostname not in _LOOPBACK:
            raise StorageError(
                f"the credentials for {one.hostname} would cross the network in clear text",
                hint="use https, or a tunnel to localhost",
            )
    return Endpoint(
        query_url=urlunsplit(query),
        update_url=urlunsplit(update),
        blobs=environment.get(BLOBS_VARIABLE) or _DEFAULT_BLOBS,
        timeout_s=_timeout(environment),
        authorization=authorization,
    )


def without_query(url: str) -> str:
    """A URL as it may be shown: what follows ``?`` may be a secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise StorageError(
            "the address of the store is not the URL of a SPARQL server",
            hint="write it as https://host/sparql",
        )
    if parts.username or parts.password:
        raise StorageError(
            f"the address of the store at {parts.hostname} has credentials in it",
            hint=f"put them into {USER_VARIABLE} and {PASSWORD_VARIABLE}, where nobody sees them",
        )
    return parts._replace(fragment="")


def _beside(query: SplitResult) -> SplitResult:
    """Where updates go; what the query's URL says after ``?`` is about queries."""
    path = query.path
    if path.endswith("/query"):
        path = path.removesuffix("query") + "update"
    return query._replace(path=path, query="")


def _authorization(environment: Mapping[str, str]) -> str:
    import urllib3  # noqa: PLC0415 - who keeps the graph in a folder need not wait for it

    token = environment.get(TOKEN_VARIABLE, "")
    user = environment.get(USER_VARIABLE, "")
    if token and user:
        raise StorageError(
            f"{TOKEN_VARIABLE} and {USER_VARIABLE} are both set", hint="unset one of them"
        )
    if not (token or user):
        return ""
    if token:
        header = f"Bearer {token.strip()}"
    else:
        given = f"{user}:{environment.get(PASSWORD_VARIABLE, '')}"
        header = urllib3.make_headers(basic_auth=given)["authorization"]
    if not header.isascii() or not header.isprintable():
        raise StorageError(
            f"{TOKEN_VARIABLE if token else USER_VARIABLE} has characters that HTTP cannot carry",
            hint="set it to what the server gave you",
        )
    return header


def _timeout(environment: Mapping[str, str]) -> float:
    text = environment.get(TIMEOUT_VARIABLE)
    if not text:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise StorageError(
            f"{TIMEOUT_VARIABLE} is {text!r}, which is no number of seconds", hint="such as 60"
        )
    return seconds
