"""Search among descriptions of things by JSONPath and XPath, as jobs for a worker.

A description is found in the form in which the directory hands it out, so that its times can be
asked for; one that is found whole comes as it was handed in, with its id.

For XPath the descriptions are an element ``things`` with an element for each; members are elements
of their names, items of arrays repeat the element, and members whose name begins with ``@`` are
attributes. Characters that no name in XML has become ``_``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast
from xml.etree import ElementTree as ET

from fitgraph.ontology.query_files import load_query
from fitgraph.registry.answer import TooManyResultsError
from fitgraph.registry.directory_operations import registered_of
from fitgraph.registry.endpoint import Place
from fitgraph.registry.errors import RegistryError
from fitgraph.registry.registration import enriched
from fitgraph.registry.thing_json import Json
from fitgraph.registry.work import Desk

_NO_NAME: Final = re.compile(r"[^\w.-]|^(?![^\W\d])")
#: Characters that XML 1.0 does not have.
_NO_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CALL: Final = re.compile(r"""("[^"]*"|'[^']*')|\(:|([\w.-]+)\s*[(\#]""")
#: Functions that look outside of the descriptions, or name another one by a text.
_OUTSIDE: Final = frozenset(
    {
        "collection", "doc", "doc-available", "environment-variable", "function-lookup", "json-doc",
        "available-environment-variables", "load-xquery-module", "parse-xml", "parse-xml-fragment",
        "transform", "unparsed-text", "unparsed-text-available", "unparsed-text-lines",
        "uri-collection",
    }
)  # fmt: skip


class InvalidSearchError(RegistryError):
    """What is searched for cannot be understood."""

    code = "invalid-search"


@dataclass(frozen=True, slots=True)
class JsonPathJob:
    """Search by JSONPath (RFC 9535) in the array of all descriptions."""

    where: Place
    query: str
    max_results: int

    def run(self, desk: Desk) -> bytes:
        from jsonpath_rfc9535 import JSONPathError, find  # noqa: PLC0415 - workers alone need it

        described = _described(desk, self.where)
        try:
            found = find(self.query, [shown for shown, _ in described])
            values = cast("list[Json]", [node.value for node in found])
        except (JSONPathError, RecursionError, ValueError) as error:
            raise _not_understood("JSONPath", error) from error
        return _answer(values, described, self.max_results)


@dataclass(frozen=True, slots=True)
class XPathJob:
    """Search by XPath 3.1 in the element of all descriptions."""

    where: Place
    query: str
    max_results: int

    def run(self, desk: Desk) -> bytes:
        from elementpath import ElementPathError, select  # noqa: PLC0415 - workers alone need it
        from elementpath.xpath31 import XPath31Parser  # noqa: PLC0415

        _refuse_outside(self.query)
        described = _described(desk, self.where)
        root, of_elements = ET.Element("things"), dict[ET.Element, Json]()
        for shown, _ in described:
            _add(root, "thing", shown, of_elements)
        try:
            found = select(root, self.query, parser=XPath31Parser)
        except (ElementPathError, SyntaxError, RecursionError, TypeError, ValueError) as error:
            raise _not_understood("XPath", error) from error
        some = found if isinstance(found, list) else [found]
        return _answer([_value(one, of_elements) for one in some], described, self.max_results)


Described = list[tuple[dict[str, Json], dict[str, Json]]]


def _described(desk: Desk, where: Place) -> Described:
    """Descriptions as they are searched, each with what it was handed in as."""
    rows = desk.store(where).query(load_query("registered-things"))
    found = map(registered_of, rows)
    return [(enriched(one.value, one.registration), one.value) for one in found]


def _answer(values: list[Json], described: Described, max_results: int) -> bytes:
    if len(values) > max_results:
        raise TooManyResultsError(
            f"the search finds more than {max_results:,} results", hint="search for less"
        )
    whole = {id(shown): handed_in for shown, handed_in in described}
    return json.dumps([whole.get(id(one), one) for one in values], ensure_ascii=False).encode()


def _add(parent: ET.Element, name: str, value: Json, of_elements: dict[ET.Element, Json]) -> None:
    if isinstance(value, list):
        for item in value:
            _add(parent, name, item, of_elements)
        return
    if name.startswith("@") and not isinstance(value, dict):
        tag = _name(name[1:])
        parent.set(tag, " ".join(filter(None, (parent.get(tag), _text(value)))))
        return
    element = ET.SubElement(parent, _name(name))
    of_elements[element] = value
    if isinstance(value, dict):
        for member, inner in value.items():
            _add(element, member, inner, of_elements)
    else:
        element.text = _text(value)


def _value(found: object, of_elements: dict[ET.Element, Json]) -> Json:
    if isinstance(found, ET.Element):
        return of_elements.get(found)
    if isinstance(found, bool | int | float | str):
        return found
    return float(found) if isinstance(found, Decimal) else str(found)


def _text(value: Json) -> str:
    return _NO_TEXT.sub("", value if isinstance(value, str) else json.dumps(value))


def _name(member: str) -> str:
    return _NO_NAME.sub("_", member) or "_"


def _refuse_outside(query: str) -> None:
    """A function is called, or handed on, by its name alone, which stands in the query."""
    for found in _CALL.finditer(query):
        if found[1] is None and (found[2] is None or found[2] in _OUTSIDE):
            said = f"calls {found[2]}()" if found[2] else "has a comment"
            raise InvalidSearchError(
                f"the XPath {said}, which is not allowed", hint="search in the things alone"
            )


def _not_understood(language: str, error: Exception) -> InvalidSearchError:
    return InvalidSearchError(
        f"this is no {language} that can be searched by: {_said(error)}",
        hint="JSONPath as in RFC 9535, such as $[?@.title=='lamp']; XPath 3.1, such as "
        "*[title='lamp']",
    )


def _said(error: Exception) -> str:
    return next(_lines(error), type(error).__name__)[:200]


def _lines(error: Exception) -> Iterator[str]:
    return (line for line in str(error).splitlines() if line.strip())
