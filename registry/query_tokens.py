"""The tokens of a SPARQL query: what may hide question marks, words and brackets, and the rest.

Source: SPARQL 1.1 Query, section 19.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_LOCAL: Final = r"(?: [\w:%] | \\. ) (?: [\w:%.\-·] | \\. )*"

TOKEN: Final = re.compile(
    rf"""
    (?P<hidden> \#[^\n\r]* | <(?: [^<>"{{}}|^`\\\x00-\x20] | \\[uU][0-9A-Fa-f]{{4,8}} )*>
      | '{{3}} (?: '{{0,2}} (?: [^'\\] | \\. ))* '{{3}} | "{{3}} (?: "{{0,2}} (?: [^"\\] | \\. ))* "{{3}}
      | ' (?: [^'\\\n\r] | \\. )* ' | " (?: [^"\\\n\r] | \\. )* " | @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<variable> [?$]\w+ )
    | (?P<word> [A-Za-z_][\w-]*(?: :(?:{_LOCAL})? )? | :{_LOCAL} )
    | (?P<other> . )
    """,  # noqa: E501 - one line a kind of string
    re.VERBOSE | re.DOTALL,
)


def words(sparql: str) -> Iterator[str]:
    """Keywords and other bare words, in capitals; neither names with a colon nor variables."""
    for found in TOKEN.finditer(sparql):
        if found.lastgroup == "word" and ":" not in found.group():
            yield found.group().upper()


def names_graphs(sparql: str) -> bool:
    """Whether a query says itself which graphs it is about (``FROM``)."""
    return "from" in sparql.lower() and "FROM" in words(sparql)
