"""A Thing Description with contexts in place of their addresses, so that nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fitgraph.ontology.context_use import used, words_of
from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.thing_json import Json, JsonDocument, objects, walk

#: Each node within such a context costs its reader again; that of TD 1.1 takes 2 ms each time.
MAX_CONTEXT_ENTRIES: Final = 200

Contexts = Mapping[str, object]


def with_contexts(document: JsonDocument, known: Contexts) -> dict[str, object]:
    """The document with what it uses of each context that it names.

    Args:
        document: a Thing Description or Thing Model.
        known: contexts by address.

    Raises:
        InvalidThingError: a context is not among them, or there are too many.
    """
    named: set[str] = set()
    said = 0
    nodes = tuple(_nodes_with_context(document.value))
    for path, node in nodes:
        named.update(_known_addresses(node, path, document.name, known))
        said += _size(node.get("@context", []))
    if said > MAX_CONTEXT_ENTRIES:
        raise InvalidThingError(
            f"{document.name} has {said:,} addresses, prefixes and terms in its contexts, more "
            f"than {MAX_CONTEXT_ENTRIES}",
            hint="say @context once, at the top",
        )
    contexts = used(
        {address: known[address] for address in sorted(named)}, words_of(document.value)
    )
    if any(path for path, _ in nodes):
        return _filled(document.value, contexts)
    said_here = document.value.get("@context", [])
    return {**document.value, "@context": _in_place(said_here, contexts)}


def _nodes_with_context(value: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Nodes that have a context of their own, with their paths; mostly it is the root alone."""
    found = [node for node in objects(value) if _has_context(node)]
    if len(found) == 1 and found[0] is value:
        yield "", value
    elif found:
        for path, node in walk(value):
            if isinstance(node, dict) and _has_context(node):
                yield path, node


def _has_context(node: Mapping[str, Json]) -> bool:
    return "@context" in node or "@import" in node


def _size(context: Json) -> int:
    """How much a reader has to take in: an address is as good as a term."""
    if isinstance(context, list):
        return sum(map(_size, context))
    return 1 + (len(context) if isinstance(context, dict) else 0)


def _known_addresses(
    node: Mapping[str, Json], path: str, name: str, known: Contexts
) -> Iterator[str]:
    """The addresses of contexts in a node.

    Raises:
        InvalidThingError: one is not known.
    """
    if "@import" in node:
        raise InvalidThingError(
            f"{name}: {path}/@import would have to be fetched", hint="name the context instead"
        )
    said = node.get("@context", [])
    for address in said if isinstance(said, list) else [said]:
        if isinstance(address, str) and address not in known:
            raise InvalidThingError(
                f"{name}: {path}/@context names {address}, which is not known and never fetched",
                hint=f"get it yourself and name it: --context {address}=FILE",
            )
        if isinstance(address, str):
            yield address


def _filled(value: dict[str, Json], known: Contexts) -> dict[str, object]:
    return {
        name: _in_place(member, known) if name == "@context" else _member(member, known)
        for name, member in value.items()
    }


def _in_place(context: Json, known: Contexts) -> list[object]:
    contexts = context if isinstance(context, list) else [context]
    return [known[one] if isinstance(one, str) else one for one in contexts]


def _member(value: Json, known: Contexts) -> object:
    if isinstance(value, dict):
        return _filled(value, known)
    if isinstance(value, list):
        return [_member(item, known) for item in value]
    return value
