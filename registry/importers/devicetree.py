"""A devicetree as nodes with properties: merged by path and label, as Zephyr's build merges them.

Source: Devicetree Specification 0.4, chapters 2 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.devicetree_numbers import evaluated

MAX_DEPTH: Final = 32


@dataclass(slots=True)
class Node:
    """A node.

    Attributes:
        name: with its unit address: ``memory@20000000``; empty for the root.
        properties: their tokens.
        labels: of the node.
    """

    name: str
    parent: Node | None = None
    properties: dict[str, list[str]] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    @property
    def is_enabled(self) -> bool:
        """Whether neither it nor a node above it is switched off."""
        off = self.texts("status")[:1] not in ([], ["okay"], ["ok"])
        return not off and (self.parent is None or self.parent.is_enabled)

    def texts(self, name: str) -> list[str]:
        """The strings of a property."""
        return [t[1:-1] for t in self.properties.get(name, ()) if t.startswith('"')]

    def cells(self, name: str) -> list[int | None]:
        """The numbers of a property; None for what is none."""
        return list(_cells([t for t in self.properties.get(name, ()) if t not in "<>,"]))

    def reference(self, name: str) -> str:
        """The label that a property refers to, or an empty string."""
        found = [t for t in self.properties.get(name, ()) if t.startswith("&")]
        return found[0][1:] if found else ""


class Tree:
    """All nodes of one devicetree.

    Attributes:
        elsewhere: by label, what is said of nodes of includes that were not found.
    """

    def __init__(self) -> None:
        self.root = Node("")
        self.by_label: dict[str, Node] = {}
        self.elsewhere: dict[str, Node] = {}

    def enabled(self) -> Iterator[Node]:
        """Nodes that are switched on; of a node that stands elsewhere if it says so itself."""
        on = [node for node in self.elsewhere.values() if node.texts("status")[:1] == ["okay"]]
        for top in (self.root, *on):
            yield from (node for node in top.walk() if node.is_enabled)

    def labelled(self, label: str) -> Node | None:
        return self.by_label.get(label)


def parse_tree(found: Iterable[str]) -> Tree:
    """The tree that tokens describe.

    Raises:
        InvalidImportError: they do not.
    """
    parser = _Parser(iter(found))
    parser.top()
    return parser.tree


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, found: Iterator[str]) -> None:
        self.tree = Tree()
        self._found = found

    def top(self) -> None:
        words: list[str] = []
        for word in self._found:
            if word == "{":
                self._open(words)
                words = []
            elif word == ";":
                self._delete(words)
                words = []
            else:
                words.append(word)
        if words:
            raise InvalidImportError("the devicetree ends in the middle", hint="correct the file")

    def _open(self, words: list[str]) -> None:
        labels, name = _labels(words)
        node = self.tree.root if name == "/" else self.tree.by_label.get(name.lstrip("&"))
        if node is None:
            node = self.tree.elsewhere.setdefault(name, Node(name))
        self._body(node, labels, 1)

    def _delete(self, words: list[str]) -> None:
        if words[:1] == ["/delete-node/"] and len(words) == 2:
            node = self.tree.by_label.get(words[1].lstrip("&"))
            if node is not None and node.parent is not None:
                node.parent.children.pop(node.name, None)

    def _body(self, node: Node, labels: list[str], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise InvalidImportError(f"nodes nested deeper than {MAX_DEPTH}", hint="correct it")
        for label in labels:
            node.labels.append(label)
            self.tree.by_label[label] = node
        words: list[str] = []
        for word in self._found:
            if word == "}":
                return
            if word == "{":
                own, name = _labels(words)
                child = node.children.setdefault(name, Node(name, node))
                self._body(child, own, depth + 1)
                words = []
            elif word == ";":
                _statement(node, words)
                words = []
            else:
                words.append(word)
        raise InvalidImportError(f"the node '{node.name}' has no end", hint="correct the file")


def _statement(node: Node, words: list[str]) -> None:
    _, name = _labels(words[: words.index("=")] if "=" in words else words)
    if words[:1] == ["/delete-property/"]:
        node.properties.pop(words[-1], None)
    elif words[:1] == ["/delete-node/"]:
        node.children.pop(words[-1], None)
    elif name:
        node.properties[name] = words[words.index("=") + 1 :] if "=" in words else []


def _labels(words: list[str]) -> tuple[list[str], str]:
    kept = [word for word in words if word != "/omit-if-no-ref/"]
    labels = [kept[i] for i in range(len(kept) - 1) if kept[i + 1] == ":"]
    return labels, kept[-1] if kept else ""


def _cells(words: list[str]) -> Iterator[int | None]:
    """Numbers, Zephyr's sizes and frequencies, and sums in parentheses; of others one None."""
    position = 0
    while position < len(words):
        end = _end_of_cell(words, position)
        yield evaluated(words[position:end])
        position = end


def _end_of_cell(words: list[str], start: int) -> int:
    """Where a cell ends: a word, a group, or a macro with its group."""
    is_macro = words[start][:1].isalpha() and words[start + 1 : start + 2] == ["("]
    position = start + 1 if is_macro else start
    if words[position] != "(":
        return start + 1
    depth = 0
    for end in range(position, len(words)):
        depth += (words[end] == "(") - (words[end] == ")")
        if depth == 0:
            return end + 1
    raise InvalidImportError("a parenthesis has no end", hint="correct the file")
