"""What a SPARQL update of somebody who may make one may still not do, and its ``USING`` clauses.

As with queries, only the engine's parser can tell whether a word is an order. An update whose first
operation drops a graph that is not there fails at that, when all of it has been parsed and nothing
was done: so it is parsed by the engine and not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import pyoxigraph

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.query_guard import syntax_error, unescaped
from fitgraph.registry.query_tokens import TOKEN
from fitgraph.registry.update_text import graph_name

_FAILS: Final = "DROP GRAPH <urn:fitgraph:none> ; "
_PROLOGUE: Final = frozenset({"PREFIX", "BASE", "VERSION"})
_MASK: Final = re.compile(r"l(?=oad)|s(?=ervice)", re.IGNORECASE)
_DATASET_WORDS: Final = frozenset({"WITH", "USING"})


def check_update(sparql: str, base_iri: str | None = None) -> None:
    """Lets an update pass that asks no other server.

    Args:
        sparql: the update.
        base_iri: that relative references are resolved against.

    Raises:
        OntologyError: it loads or asks something from elsewhere, or it is not SPARQL.
    """
    if error := _error(sparql, base_iri):
        raise syntax_error(error)
    for text in dict.fromkeys((sparql, unescaped(sparql))):
        if _MASK.search(text) and _error(_MASK.sub(_harmless, text), base_iri):
            raise OntologyError(
                "the update asks another server (LOAD or SERVICE), which is not allowed",
                hint="fetch it yourself and write it with INSERT DATA",
            )


def with_dataset(sparql: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> str:
    """The update about other graphs: ``USING`` in each operation that looks for something.

    Args:
        sparql: that parses.
        default_graphs: IRIs for ``USING``.
        named_graphs: IRIs for ``USING NAMED``.

    Raises:
        OntologyError: it says itself which graphs it is about (SPARQL 1.1 Protocol, section 2.2.3).
        InvalidRecordError: one is no IRI.
    """
    clauses = [f"USING {graph_name(iri)}" for iri in default_graphs]
    clauses += [f"USING NAMED {graph_name(iri)}" for iri in named_graphs]
    return "".join(_with(sparql, f"{' '.join(clauses)} ")) if clauses else sparql


def _with(sparql: str, clauses: str) -> Iterator[str]:
    depth, last = 0, ""
    for found in TOKEN.finditer(sparql):
        text = found.group()
        word = text.upper() if found.lastgroup == "word" else ""
        depth += {"{": 1, "}": -1}.get(text, 0)
        if depth == 0 and word in _DATASET_WORDS:
            raise OntologyError(
                f"the update names its graphs twice: by {word} and by the request",
                hint="leave out one of them",
            )
        # `DELETE WHERE` takes none.
        if depth == 0 and word == "WHERE" and last == "}":
            yield clauses
        if not text.isspace() and not text.startswith("#"):
            last = text
        yield text


def _error(sparql: str, base_iri: str | None) -> SyntaxError | None:
    """Why a text is no update."""
    verb = next(_verbs(sparql), len(sparql))
    try:
        pyoxigraph.Store().update(sparql[:verb] + _FAILS + sparql[verb:], base_iri=base_iri)
    except SyntaxError:
        return _raw_error(sparql, base_iri)
    except (RuntimeError, ValueError, OSError):
        return None
    return None


def _raw_error(sparql: str, base_iri: str | None) -> SyntaxError | None:
    """The same error at its own place; what does not parse is not run."""
    try:
        pyoxigraph.Store().update(sparql, base_iri=base_iri)
    except SyntaxError as error:
        return error
    return None


def _verbs(sparql: str) -> Iterator[int]:
    """Where operations may begin: words that are none of the prologue, nor names in it."""
    for found in TOKEN.finditer(sparql):
        text = found.group()
        if found.lastgroup == "word" and ":" not in text and text.upper() not in _PROLOGUE:
            yield found.start()


def _harmless(found: re.Match[str]) -> str:
    return "Z" if found[0].isupper() else "z"
