"""Where a page about something is on this server."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fitgraph.api.server.collections import ALL
from fitgraph.ontology.namespaces import FG
from fitgraph.registry.iris import BASE, key_of

_LISTS: Final = {one.path.strip("/").removesuffix("s"): one.path for one in ALL}


def local(iri: str) -> str:
    """The address here of what an IRI means: of its page, or an IRI elsewhere as it is."""
    if iri.startswith(FG):
        return f"/terms#{iri.removeprefix(FG)}"
    if not iri.startswith(BASE):
        return iri
    resource, _, part = iri.removeprefix(BASE).partition("#")
    kind = resource.partition("/")[0]
    address = f"/id/{resource}"
    if kind in _LISTS:
        address = address_of(_LISTS[kind], key_of(f"{BASE}{resource}"))
    return f"{address}#{part}" if part else address


def address_of(path: str, key: str) -> str:
    """The address of a resource below its list: of model ``digits``, ``/models/digits``."""
    return f"{path}/{quote(key, safe='+:@~._-')}"
