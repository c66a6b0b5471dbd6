"""Puts values in the place of a SPARQL query's variables, for servers that bind none.

The SPARQL protocol has no bound variables. So each mention of a bound variable is replaced by its
value as pyoxigraph writes it, which escapes it, and the projection names it again:
``SELECT ?model`` becomes ``SELECT (<...> AS ?model)``. Comments, strings and IRIs are left alone,
and so is a subquery that does not project the variable, which there is another of the same name.
A test holds the rows of every query of ours to those that pyoxigraph gives for bound variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.query_tokens import TOKEN
from fitgraph.registry.triples.terms import Term

_END_OF_PROJECTION: Final = frozenset({"WHERE", "FROM", "{"})


def bind(sparql: str, bindings: Mapping[str, Term]) -> str:
    """The query with values in the place of variables.

    Args:
        sparql: a SELECT query that projects the variables, or one of another form.
        bindings: variable names, without ``?``, to IRIs or literals.

    Raises:
        OntologyError: a variable is not projected or cannot be replaced where it stands.
    """
    if not bindings:
        return sparql
    if re.search(r"\bMINUS\b", sparql):
        # MINUS looks at the variables that both sides have, of which a value is none.
        raise OntologyError(
            "a query with MINUS takes no values over the SPARQL protocol",
            hint="say it with FILTER NOT EXISTS",
        )
    terms = {name: _text(name, term) for name, term in bindings.items()}
    tokens = [(found.lastgroup or "", found.group()) for found in TOKEN.finditer(sparql)]
    return "".join(_Binder(tokens, terms).query())


class _Binder:
    """Walks once over the tokens of a query."""

    def __init__(self, tokens: list[tuple[str, str]], terms: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._at = 0
        # Values that hold, one entry a query and subquery that is open, with its depth of braces.
        self._open: list[tuple[int, Mapping[str, str]]] = [(0, terms)]
        self._depth = 0
        self._last = ""

    def query(self) -> Iterator[str]:
        """All tokens, the bound variables replaced."""
        while self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            self._at += 1
            if kind == "variable":
                yield self._value(text)
            elif kind == "word" and text.upper() == "SELECT":
                yield text
                yield from self._projection()
            else:
                self._follow(text)
                yield text
            if kind == "word" or text in {"{", "}", "("}:
                self._last = text.upper()

    def _follow(self, text: str) -> None:
        if text == "{":
            self._depth += 1
        elif text == "}":
            self._depth -= 1
            if len(self._open) > 1 and self._depth < self._open[-1][0]:
                self._open.pop()

    def _projection(self) -> Iterator[str]:
        """The projection of a query, up to what comes after it."""
        start, depth = self._at, 0
        while self._tokens[self._at][1].upper() not in _END_OF_PROJECTION or depth:
            depth += {"(": 1, ")": -1}.get(self._tokens[self._at][1], 0)
            self._at += 1
            if self._at == len(self._tokens):
                break
        tokens = self._tokens[start : self._at]
        projected = {text[1:] for text in _bare(tokens)}
        _, above = self._open[-1]
        if self._depth:
            takes_all = any(text == "*" for _, text in tokens)
            inside = {n: t for n, t in above.items() if takes_all or n in projected}
            self._open.append((self._depth, inside))
        elif missing := sorted(above.keys() - projected):
            raise OntologyError(
                f"the query cannot be run: ?{missing[0]} is bound and not projected",
                hint="bound variables must be projected by SELECT",
            )
        return self._project(tokens)

    def _project(self, tokens: list[tuple[str, str]]) -> Iterator[str]:
        depth = 0
        for kind, text in tokens:
            depth += {"(": 1, ")": -1}.get(text, 0)
            value = self._open[-1][1].get(text[1:]) if kind == "variable" else None
            if value is None:
                yield text
            else:
                # What a subquery names is in scope outside, where the value has its name already,
                # as it has in the subquery around this one.
                name = f"?__{text[1:]}_{self._depth}" if len(self._open) > 1 else text
                yield value if depth else f"({value} AS {name})"

    def _value(self, variable: str) -> str:
        _, terms = self._open[-1]
        value = terms.get(variable[1:])
        if value is None:
            return variable
        if self._last in {"AS", "VALUES"}:
            raise OntologyError(
                f"the query cannot be run: {variable} is bound and has a value of its own",
                hint="leave the variable free, or give it another name in the query",
            )
        return f"({value})" if self._last == "BY" else value  # GROUP BY and ORDER BY


def _bare(tokens: list[tuple[str, str]]) -> Iterator[str]:
    """Variables of a projection that stand outside brackets."""
    depth = 0
    for kind, text in tokens:
        depth += {"(": 1, ")": -1}.get(text, 0)
        if kind == "variable" and not depth:
            yield text


def _text(name: str, term: Term) -> str:
    if isinstance(term, NamedNode | Literal):
        return str(term)
    raise OntologyError(f"?{name} cannot be bound to {term}", hint="bind an IRI or a literal")
