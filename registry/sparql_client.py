"""The SPARQL 1.1 Protocol: sends a query or an update, and says in one sentence what went wrong.

Redirects are not followed: a server that sends us elsewhere would get the credentials there.
A query is asked again when the server was not to be reached; an update is sent once.

Source: SPARQL 1.1 Protocol, W3C Recommendation of 21 March 2013, section 2.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as TimedOutError

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.endpoint import (
    PASSWORD_VARIABLE,
    TIMEOUT_VARIABLE,
    TOKEN_VARIABLE,
    USER_VARIABLE,
    Endpoint,
    without_query,
)
from fitgraph.registry.errors import StorageError

#: An answer is read into memory; 1 GiB is ten times the catalogue.
MAX_ANSWER_BYTES: Final = 1 << 30
_CHUNK_BYTES: Final = 1 << 16
_CONNECT_S: Final = 10.0
#: Oxigraph takes 5 MB/s of an update on two cores; a busy server may take five times as long.
_BYTES_A_SECOND: Final = 1e6
_ASK_AGAIN: Final = urllib3.Retry(
    total=3,
    redirect=0,
    status_forcelist=(429, 502, 503, 504),
    allowed_methods={"POST"},
    backoff_factor=0.2,
    backoff_max=2.0,
    raise_on_status=False,
    respect_retry_after_header=False,
)
_SEND_ONCE: Final = urllib3.Retry(total=False, redirect=0)

RESULTS: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"


class SparqlClient:
    """Speaks to one server."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=4,
            ssl_context=ssl.create_default_context(),
        )

    def query(self, sparql: str, accept: str) -> bytes:
        """The answer to a query, in the form that was asked for.

        Raises:
            OntologyError: the server says that the query is wrong.
            StorageError: there is no answer, or another than was asked for.
        """
        return self.answer(sparql, (accept,))[1]

    def answer(
        self, sparql: str, forms: Sequence[str], parameters: Sequence[tuple[str, str]] = ()
    ) -> tuple[str, bytes]:
        """The answer to a query in one of several forms, which comes with it; see ``query``."""
        headers = {"Accept": ", ".join(forms), "Content-Type": "application/sparql-query"}
        url, shown = self.endpoint.query_url, str(self.endpoint)
        if parameters:
            url += f"{'&' if '?' in url else '?'}{urlencode(parameters)}"
        try:
            response = self._send(url, sparql.encode(), headers, _ASK_AGAIN)
            content = _read(shown, response)
        except HTTPError as error:
            raise _unreachable(shown, error, "") from error
        _check_status(shown, response, content)
        found = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if found not in forms:
            raise StorageError(
                f"{shown} answers with {found or 'nothing known'}, not with SPARQL results",
                hint="give the address where the server takes SPARQL queries",
            )
        return found, content

    def update(self, body: Iterable[bytes], length: int) -> None:
        """Sends an update, which the server applies whole or not at all.

        Args:
            body: its parts.
            length: of all parts in bytes; a server gets more time for more of them.

        Raises:
            StorageError: the server did not say that it is done.
        """
        headers = {
            "Content-Type": "application/sparql-update",
            "Content-Length": str(length),
            "Accept": "*/*",
        }
        url = self.endpoint.update_url
        shown = without_query(url)
        try:
            response = self._send(url, body, headers, _SEND_ONCE, length / _BYTES_A_SECOND)
            content = _read(shown, response)
        except HTTPError as error:
            raise _unreachable(shown, error, "; the write may have happened") from error
        _check_status(shown, response, content)

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def _send(
        self,
        url: str,
        body: bytes | Iterable[bytes],
        headers: Mapping[str, str],
        retries: urllib3.Retry,
        more_s: float = 0.0,
    ) -> urllib3.BaseHTTPResponse:
        if self.endpoint.authorization:
            headers = {**headers, "Authorization": self.endpoint.authorization}
        return self._pool.request(
            "POST",
            url,
            body=body,
            headers=headers,
            retries=retries,
            timeout=self._timeout(more_s),
            redirect=False,
            preload_content=False,
        )

    def _timeout(self, more_s: float) -> urllib3.Timeout:
        read_s = self.endpoint.timeout_s
        return urllib3.Timeout(connect=min(_CONNECT_S, read_s), read=read_s + more_s)


def _read(url: str, response: urllib3.BaseHTTPResponse) -> bytes:
    """All of an answer; one that breaks off is an error of urllib3's."""
    content = bytearray()
    try:
        for chunk in response.stream(_CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise StorageError(
                    f"the answer of {url} is larger than {MAX_ANSWER_BYTES:,} bytes",
                    hint="ask for less: add a LIMIT",
                )
    finally:
        response.release_conn()
    return bytes(content)


def _check_status(url: str, response: urllib3.BaseHTTPResponse, content: bytes) -> None:
    status = response.status
    if 200 <= status < 300:
        return
    said = _said(response, content)
    if status in {400, 406}:
        raise OntologyError(f"the query cannot be run: {said or 'the server refuses it'}")
    if 300 <= status < 400:
        target = urljoin(url, response.headers.get("Location", ""))
        shown = urlsplit(target)._replace(query="", fragment="").geturl()
        raise StorageError(
            f"{url} sends us on to {shown}", hint="give that address if you trust it"
        )
    sentence, hint = _SENTENCES.get(status, ("", ""))
    if status >= 500 and not sentence:
        sentence, hint = "failed", "look into its log, or try again later"
    raise StorageError(
        f"the store at {url} {sentence or 'refused'} (HTTP {status})"
        + (f": {said}" if said else ""),
        hint=hint or "check the address",
    )


_CREDENTIALS: Final = f"set {USER_VARIABLE} and {PASSWORD_VARIABLE}, or {TOKEN_VARIABLE}"
_SENTENCES: Final[Mapping[int, tuple[str, str]]] = {
    401: ("does not know who asks", _CREDENTIALS),
    403: ("does not allow this", "ask its owner, or use other credentials"),
    404: ("is not there", "check the address: Oxigraph has /query, Fuseki /dataset/sparql"),
    405: ("takes no SPARQL here", "check the address, and FITGRAPH_STORE_UPDATE for updates"),
    413: ("does not take that much at once", "raise the server's limit on requests"),
    415: ("takes no SPARQL here", "check the address, and FITGRAPH_STORE_UPDATE for updates"),
    429: ("has too much to do", "try again later"),
    503: ("is not ready", "try again later"),
}


def _said(response: urllib3.BaseHTTPResponse, content: bytes) -> str:
    """The first line of a plain text answer; HTML pages are for browsers."""
    if not response.headers.get("Content-Type", "").startswith("text/plain"):
        return ""
    text = content[:2000].decode("utf-8", "replace").strip()
    line = text.splitlines()[0] if text else ""
    return "".join(char for char in line if char.isprintable())[:200]


def _unreachable(url: str, error: HTTPError, addition: str) -> StorageError:
    reason: BaseException = error
    if isinstance(error, MaxRetryError) and error.reason is not None:
        reason = error.reason
    host = urlsplit(url).netloc
    if isinstance(reason, SSLError):
        return StorageError(
            f"the certificate of {host} cannot be trusted: {_last_word(reason)}",
            hint="name the file of your own authority in SSL_CERT_FILE",
        )
    if isinstance(reason, ConnectTimeoutError | NewConnectionError):
        return StorageError(
            f"the store at {url} cannot be reached: nobody answers at {host}",
            hint="start the server, or check the address in FITGRAPH_STORE",
        )
    if isinstance(reason, TimedOutError):
        return StorageError(
            f"the store at {url} did not answer in time{addition}",
            hint=f"allow more seconds with {TIMEOUT_VARIABLE}",
        )
    return StorageError(
        f"the connection to the store at {url} broke off{addition}",
        hint="run it again: what is there already is not written twice",
    )


def _last_word(error: BaseException) -> str:
    """What OpenSSL says, without the places in its code."""
    return str(error).rpartition("] ")[2].partition(" (_ssl")[0] or type(error).__name__
