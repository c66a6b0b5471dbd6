"""XML elements with their attributes, read without entities, within bounds.

Source: https://docs.python.org/3/library/xml.html#xml-vulnerabilities: what expands in XML is
declared in a document type, so a file that has one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from fitgraph.registry.errors import InvalidImportError

MAX_DEPTH: Final = 64
#: The largest pack has 400,000 elements.
MAX_ELEMENTS: Final = 3_000_000


@dataclass(frozen=True, slots=True)
class Element:
    """An element; text is not kept.

    Attributes:
        tag: without a namespace's prefix.
        line: where it begins.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """Children of that tag."""
        return [child for child in self.children if child.tag == tag]


def read_xml(content: bytes, kept: frozenset[str]) -> Element:
    """The root element, with those below it whose tag, and whose parents' tags, are kept.

    Raises:
        InvalidImportError: it is not well-formed, has a document type, or exceeds the limits.
    """
    reader = _Reader(kept)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_document_type
    reader.parser = parser
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        raise InvalidImportError(f"not XML: {error}", hint="correct the file") from error
    if reader.root is None:
        raise InvalidImportError("not XML: no element", hint="correct the file")
    return reader.root


def _refuse_document_type(*_: object) -> None:
    raise InvalidImportError(
        "the file has a document type, which could expand without end",
        hint="a pack's description has none; remove it",
    )


class _Reader:
    """Handlers of one parse."""

    def __init__(self, kept: frozenset[str]) -> None:
        self.root: Element | None = None
        self.parser: expat.XMLParserType | None = None
        self._kept = kept
        self._open: list[Element | None] = []
        self._n_elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._n_elements += 1
        if len(self._open) >= MAX_DEPTH:
            raise InvalidImportError(f"elements nested deeper than {MAX_DEPTH}", hint="correct it")
        if self._n_elements > MAX_ELEMENTS:
            raise InvalidImportError(f"more than {MAX_ELEMENTS:,} elements", hint="split the file")
        self._open.append(self._element(name.rpartition(":")[2], attributes))

    def end(self, _name: str) -> None:
        self._open.pop()

    def _element(self, tag: str, attributes: dict[str, str]) -> Element | None:
        line = self.parser.CurrentLineNumber if self.parser else 0
        if not self._open:
            self.root = Element(tag, attributes, line)
            return self.root
        parent = self._open[-1]
        if parent is None or tag not in self._kept:
            return None
        element = Element(tag, attributes, line)
        parent.children.append(element)
        return element
