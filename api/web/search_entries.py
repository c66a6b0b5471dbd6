"""What the search looks through: the names and words of resources, by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from fitgraph.api.web.addresses import address_of
from fitgraph.api.web.searching import Entry, entry
from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.query_files import load_query
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import key_of
from fitgraph.registry.triples.terms import fg, python_value

#: Local names of the properties that give a title, the best first, and of those that tell more.
_TITLES: Final = ("label", "title", "name")
_DETAILS: Final = ("vendor", "mcu", "cpuCore", "npu", "modelFormat", "task")


def entries_of(registry: Registry, class_name: str, path: str) -> tuple[Entry, ...]:
    """All resources of a class, whose pages are below a path."""
    texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = registry.store.query(load_query("searched-texts"), {"class": fg(class_name)})
    for row in rows:
        resource, name = str(python_value(row["resource"])), str(python_value(row["property"]))
        text = str(python_value(row["text"])).removeprefix(FG)
        texts[resource][name.rpartition("#")[2]].append(text)
    return tuple(_entry(resource, texts[resource], path) for resource in sorted(texts))


def _entry(resource: str, said: Mapping[str, list[str]], path: str) -> Entry:
    is_thing = path == "/things"
    key = resource if is_thing else key_of(resource)
    title = next((min(said[name]) for name in _TITLES if name in said), key)
    if path == "/models" and "name" in said:
        key = min(said["name"])
    details = [", ".join(sorted(said[name])) for name in _DETAILS if name in said]
    words = [text for name in said for text in said[name]]
    return entry(title, ", ".join([*details, *([key] if is_thing else [])]),
                 address_of(path, key), key_of(resource), *words)  # fmt: skip
