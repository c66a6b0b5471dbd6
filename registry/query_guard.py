"""What may be asked of the graph by whom we do not know: to read it, and no other server.

``SERVICE`` makes a store ask another server, whatever stands behind the network's door. Whether a
query has it, only a parser can tell: the word may stand in strings, comments and names, and
``true``, directly before it, hides it from a look at words. So the word is made harmless, and the
engine's own parser asked whether the query still is one: then it was never an order. A ``SERVICE``
that is allowed becomes a ``GRAPH`` for that test, which is followed by the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import pyoxigraph

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.query_tokens import words

_ORDER: Final = re.compile(r"service(?:\s+silent\b)?", re.IGNORECASE)
_ADDRESSED: Final = re.compile(r"service(?:\s+silent)?\s*(?=<([^<>\s]*)>)", re.IGNORECASE)
_MASK: Final = re.compile(r"s(?=ervice)", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PLACE: Final = re.compile(r"error at (\d+):(\d+): ")
_PROLOGUE: Final = frozenset({"PREFIX", "BASE", "VERSION"})
_UPDATES: Final = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
)


def check_query(
    sparql: str, allowed_hosts: Iterable[str] = (), base_iri: str | None = None
) -> None:
    """Lets a query pass that only reads, and asks no other server than those allowed.

    Args:
        sparql: the query.
        allowed_hosts: names of hosts, with a port where that is not the scheme's own.
        base_iri: that relative references are resolved against.

    Raises:
        OntologyError: it is an update, it asks another server, or it is not SPARQL; names line
            and column.
    """
    verb = next((word for word in words(sparql) if word not in _PROLOGUE), "")
    if verb in _UPDATES:
        raise OntologyError(
            f"this is an update ({verb}), and queries only read",
            hint="change the graph with fitgraph add, import and remove",
        )
    hosts = frozenset(host.lower() for host in allowed_hosts)
    # Other servers take \u0053 for S anywhere in a query (SPARQL 1.1 Query, section 19.2).
    for text in dict.fromkeys((sparql, unescaped(sparql))):
        _check_services(text, hosts, base_iri)


def syntax_error(error: SyntaxError | str) -> OntologyError:
    """What the engine's parser says, as one sentence with line and column."""
    text = " ".join(str(error).split())
    place = _PLACE.match(text)
    where = f"line {place[1]}, column {place[2]}: " if place else ""
    said = text[place.end() :] if place else text
    # The parser lists every character that could go on here, of which nobody reads 400.
    said = re.sub(r"(?:, |or |one of )?\[[^\]]*\]", "", re.sub(r"\n\| ", "", said))
    if said.strip(", ") in {"", "expected"}:
        said = "this does not go on as SPARQL does"
    return OntologyError(
        f"the query cannot be run: {where}{said[:200].strip(', ')}",
        hint="this place is the first that is not SPARQL 1.1",
    )


def _check_services(text: str, hosts: frozenset[str], base_iri: str | None) -> None:
    if not _MASK.search(text):
        return
    allowed = _ADDRESSED.sub(lambda found: _as_graph(found) if _host(found) in hosts
                             else found[0], text)  # fmt: skip
    if _error(_MASK.sub(_harmless, allowed), base_iri) is None:
        return
    if error := _error(_ORDER.sub(_as_graph, text), base_iri):
        raise syntax_error(error)
    named = sorted({_host(found) for found in _ADDRESSED.finditer(text)} - hosts - {""})
    raise OntologyError(
        f"the query asks another server ({', '.join(named) or 'SERVICE'}), which is not allowed",
        hint=f"if you trust it, allow it: --allow-service {named[0]}"
        if named
        else "write its address in full after SERVICE, and allow its host with --allow-service",
    )


def _error(text: str, base_iri: str | None) -> SyntaxError | None:
    """Why a text is no query; it is run on nothing at all."""
    try:
        pyoxigraph.Store().query(text, base_iri=base_iri)
    except SyntaxError as error:
        return error
    return None


def _host(found: re.Match[str]) -> str:
    try:
        parts = urlsplit(found[1])
    except ValueError:
        return ""
    return parts.netloc.rpartition("@")[2].lower() if parts.scheme in {"http", "https"} else ""


def _as_graph(found: re.Match[str]) -> str:
    """Of the same length, so that columns stay."""
    return "GRAPH".ljust(len(found[0]))


def _harmless(found: re.Match[str]) -> str:
    return "Z" if found[0].isupper() else "z"


def unescaped(text: str) -> str:
    """A text with its escapes of code points resolved, as other servers do first."""

    def char(found: re.Match[str]) -> str:
        number = int(found[1] or found[2], 16)
        return chr(number) if number <= 0x10FFFF else found[0]

    return _ESCAPE.sub(char, text)
