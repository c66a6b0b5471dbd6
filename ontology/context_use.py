"""What a document uses of a JSON-LD context.

A reader takes a context in again at every node that is within the scope of one of its terms, and
that of Thing Description 1.1 has 200 terms in four scopes: four fifths of the time of reading a
description. Without the terms that a document does not name, it says the same.

Source: JSON-LD 1.1, section 4.1.8 (scoped contexts), and its API, section 5.1 (expansion).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def strings(value: object) -> Iterator[str]:
    """Every member's name and every text in a JSON value."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one
            todo += one.values()
        elif isinstance(one, list):
            todo += one


def used(contexts: Mapping[str, object], words: set[str]) -> dict[str, object]:
    """Contexts without the terms that are not among ``words``, nor needed by one that is.

    Args:
        contexts: by address, as they stand in ``@context``, themselves without addresses.
        words: of the document (``words_of``).
    """
    needed = _closed(words, contexts)
    return {address: _kept(context, needed) for address, context in contexts.items()}


def words_of(value: object) -> set[str]:
    """What may name a term in a JSON value: texts, and the prefixes that they may have."""
    found = set(strings(value))
    return found | {text.partition(":")[0] for text in found}


def _closed(words: set[str], contexts: Mapping[str, object]) -> set[str]:
    """The words, with those that the definitions of used terms refer to."""
    needed = set(words)
    rest = [one for context in contexts.values() for one in _definitions(context)]
    while found := [one for one in rest if one[0] in needed]:
        rest = [one for one in rest if one[0] not in needed]
        for _, definition in found:
            needed |= words_of(_own(definition))
    return needed


def _definitions(context: object) -> Iterator[tuple[str, object]]:
    """Terms with their definitions, in all scopes."""
    for part in context if isinstance(context, list) else [context]:
        for name, definition in part.items() if isinstance(part, Mapping) else ():
            yield name, definition
            if isinstance(definition, Mapping):
                yield from _definitions(definition.get("@context"))


def _own(definition: object) -> object:
    if not isinstance(definition, Mapping):
        return definition
    return {name: said for name, said in definition.items() if name != "@context"}


def _kept(context: object, words: set[str]) -> object:
    if isinstance(context, list):
        return [_kept(part, words) for part in context]
    if not isinstance(context, Mapping):
        return context
    return {
        name: _definition(said, words)
        for name, said in context.items()
        if name.startswith("@") or name in words
    }


def _definition(said: object, words: set[str]) -> object:
    if not isinstance(said, Mapping) or "@context" not in said:
        return said
    return {**said, "@context": _kept(said["@context"], words)}
