"""YAML text becomes plain text, lists and mappings, with nothing in it that can bite.

Every scalar stays the text that was written: YAML 1.1 would read ``no`` as false, ``010`` as 8
and ``12:30`` as 750, and an error could not show the value as its author wrote it.
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import yaml

MAX_DEPTH = 6
MAX_NODES = 4000

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}


class PlainYamlError(Exception):
    """The text is not YAML of the plain kind; ``args[0]`` says why, in one clause."""


class _PlainLoader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases, implicit types, repeated keys or deep nesting."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.yaml_implicit_resolvers = {}
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # An alias lets a few hundred bytes expand to gigabytes ("billion laughs").
        if self.check_event(yaml.AliasEvent):
            raise PlainYamlError(f"an alias (*) on line {self.line + 1}")
        self._depth += 1
        self._nodes += 1
        if self._depth > MAX_DEPTH:
            raise PlainYamlError(f"nesting deeper than {MAX_DEPTH} levels")
        if self._nodes > MAX_NODES:
            raise PlainYamlError(f"more than {MAX_NODES} values")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and node.tag not in _PLAIN_TAGS:
            raise PlainYamlError(f"the tag {node.tag}{_where(node.start_mark)}")
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:  # noqa: ANN401  # PyYAML's
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise PlainYamlError(f"the key {key!a} twice{_where(key_node.start_mark)}")
            seen.add(key)
        return node


def _where(mark: yaml.Mark | None) -> str:
    return f" on line {mark.line + 1}" if mark else ""


def _reason(error: yaml.YAMLError) -> str:
    """What PyYAML found wrong, and where, in one clause."""
    if isinstance(error, yaml.MarkedYAMLError):
        clauses = [clause for clause in (error.context, error.problem) if clause]
        return f"{', '.join(clauses)}{_where(error.problem_mark)}"
    return str(error).splitlines()[0]


def read_plain_yaml(text: str) -> Plain | None:
    """The one document in ``text``; ``None`` when it holds nothing.

    Raises:
        PlainYamlError: the text does not parse, has more than one document, an alias, a tag, a
            repeated key, more than ``MAX_NODES`` values or more than ``MAX_DEPTH`` levels.
    """
    try:
        loader = _PlainLoader(text)
        try:
            return cast("Plain | None", loader.get_single_data())
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise PlainYamlError(_reason(error)) from error
