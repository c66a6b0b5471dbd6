"""The JSON-LD contexts that are known by address. Nothing is ever fetched.

Of other people's contexts only the prefixes are known: terms without a prefix stand for what
Thing Description 1.1 makes of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Final

from fitgraph.ontology.files import FOLDER
from fitgraph.ontology.namespaces import FG, FITGRAPH
from fitgraph.ontology.td_context import TD_10, TD_11, td_context

#: Address of the context of fitgraph's own terms.
FITGRAPH_CONTEXT: Final = f"{FITGRAPH}context"
_FITGRAPH_FILE: Final = FOLDER / "contexts" / "fitgraph.jsonld"

#: Another name of TD 1.1, under which its namespace document leads to the context.
_TD_NAMESPACE: Final = "http://www.w3.org/ns/td"

#: Web of Things Discovery, whose terms a directory adds to a TD.
DISCOVERY: Final = "https://www.w3.org/2022/wot/discovery"
_DISCOVERY_NAMESPACE: Final = "https://www.w3.org/2021/wot/discovery#"
_REGISTRATION: Final = {
    "created": ("dateCreated", "dateTime"),
    "modified": ("dateModified", "dateTime"),
    "expires": ("expires", "dateTime"),
    "retrieved": ("retrieved", "dateTime"),
    "ttl": ("ttl", "unsignedInt"),
}

#: Contexts of which the prefixes are known: addresses to prefix and namespace.
_PREFIXES: Final[Mapping[str, tuple[str, str]]] = {
    "http://schema.org": ("schema", "http://schema.org/"),
    "http://schema.org/": ("schema", "http://schema.org/"),
    "https://schema.org": ("schema", "https://schema.org/"),
    "https://schema.org/": ("schema", "https://schema.org/"),
    "http://iotschema.org/": ("iot", "http://iotschema.org/"),
    "https://w3id.org/saref": ("saref", "https://w3id.org/saref#"),
    "https://saref.etsi.org/core/": ("saref", "https://saref.etsi.org/core/"),
    "http://www.w3.org/ns/sosa/": ("sosa", "http://www.w3.org/ns/sosa/"),
    "http://www.w3.org/ns/ssn/": ("ssn", "http://www.w3.org/ns/ssn/"),
    "http://www.w3.org/ns/prov#": ("prov", "http://www.w3.org/ns/prov#"),
    "http://www.w3.org/2003/01/geo/wgs84_pos#": (
        "geo",
        "http://www.w3.org/2003/01/geo/wgs84_pos#",
    ),
    "http://www.ontology-of-units-of-measure.org/resource/om-2/": (
        "om",
        "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    ),
    "http://qudt.org/schema/qudt/": ("qudt", "http://qudt.org/schema/qudt/"),
    "http://w3id.org/s3n/": ("s3n", "http://w3id.org/s3n/"),
}


@cache
def known_contexts() -> Mapping[str, object]:
    """Contexts by address. TD 1.0 is read by the terms of 1.1, which has all of its."""
    return {
        TD_11: td_context(),
        TD_10: td_context(),
        _TD_NAMESPACE: td_context(),
        FITGRAPH_CONTEXT: _fitgraph(),
        DISCOVERY: _discovery(),
        **{address: {prefix: name} for address, (prefix, name) in _PREFIXES.items()},
    }


def is_prefix_only(address: str) -> bool:
    """Whether no more than a prefix is known of the context at this address."""
    return address in _PREFIXES


def _fitgraph() -> object:
    """The context that is generated from the vocabulary."""
    if not _FITGRAPH_FILE.exists():
        return {"fg": FG}
    return json.loads(_FITGRAPH_FILE.read_text(encoding="utf-8"))["@context"]


def _discovery() -> object:
    """Terms of Web of Things Discovery, sections 6.2.1 and 7.1."""
    registration = {
        name: {"@id": f"discovery:{local}", "@type": f"xsd:{kind}"}
        for name, (local, kind) in _REGISTRATION.items()
    }
    classes = ("ThingDirectory", "ThingLink", "ThingCollection")
    inner = {"RegistrationInformation": "discovery:RegistrationInformation", **registration}
    return {
        "discovery": _DISCOVERY_NAMESPACE,
        **{name: f"discovery:{name}" for name in classes},
        "next": {"@id": "discovery:nextThingCollection", "@type": "@id"},
        "total": {"@id": "discovery:contains", "@type": "xsd:integer"},
        "members": {
            "@id": "discovery:hasCollectionMember",
            "@type": "@id",
            "@container": "@set",
        },
        "registration": {
            "@id": "discovery:hasRegistrationInformation",
            "@type": "@id",
            "@context": inner,
        },
    }
