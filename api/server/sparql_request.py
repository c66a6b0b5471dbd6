"""What a request by the SPARQL 1.1 Protocol asks for, told without asking anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from fitgraph.api.server.faults import RequestError, UnsupportedMediaTypeError
from fitgraph.registry.store_base import Dataset

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
TYPES: Final = (FORM, QUERY, UPDATE)
_MAX_PARAMETERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, an update, or neither.

    Attributes:
        dataset: the graphs that it is about, if the request says so.
    """

    query: str | None = None
    update: str | None = None
    dataset: Dataset | None = None


def asked(
    method: str, address: bytes, content_type: str, charset: str | None, body: bytes
) -> Asked:
    """What is asked.

    Args:
        method: GET or POST.
        address: what follows ``?`` in it.
        content_type: of the body, without parameters.
        charset: of the body, if it is said.
        body: empty with GET.

    Raises:
        RequestError: the parameters contradict each other or the method, or are not UTF-8.
        UnsupportedMediaTypeError: the body is of no kind that the protocol has.
    """
    said = _parameters(address)
    if method == "POST":
        if content_type not in TYPES:
            raise UnsupportedMediaTypeError(
                f"a body of type {content_type[:80]!r} is not taken",
                hint=f"send it with Content-Type: {', '.join(TYPES)}",
            )
        if (charset or "utf-8").lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaTypeError(
                f"SPARQL is sent as UTF-8, not as {(charset or '')[:40]!r}"
            )
        if content_type == FORM:
            said += _parameters(body)
        else:
            said.append(("query" if content_type == QUERY else "update", _text(body)))
    queries, updates = _values(said, "query"), _values(said, "update")
    if len(queries) + len(updates) > 1:
        raise RequestError("there is more than one query or update", hint="send one at a time")
    if updates and method == "GET":
        raise RequestError("an update is sent by POST", hint=f"with Content-Type: {UPDATE}")
    if method == "POST" and not queries and not updates:
        raise RequestError("there is no query and no update", hint="send query= or update=")
    graphs = _dataset(said, "using-" if updates else "")
    return Asked(next(iter(queries), None), next(iter(updates), None), graphs)


def _dataset(said: Sequence[tuple[str, str]], prefix: str) -> Dataset | None:
    default = "using-graph-uri" if prefix else "default-graph-uri"
    named = "using-named-graph-uri" if prefix else "named-graph-uri"
    found = Dataset(_values(said, default), _values(said, named))
    return found if found.default_graphs or found.named_graphs else None


def _values(said: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in said if key == name)


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_PARAMETERS,
        )
    except ValueError as error:
        raise RequestError(
            "the parameters cannot be read", hint="encode them as UTF-8, then by percent signs"
        ) from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8: byte {error.start} does not decode", hint="send UTF-8"
        ) from error
