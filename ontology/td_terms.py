"""The terms of a Thing Description in JSON, and what each stands for in RDF.

One table: the JSON-LD context is written from it, and triples are read back into JSON by it.
A term means something within a scope: ``properties`` of a thing are affordances, ``properties``
of an object schema are its members.

Source: Web of Things Thing Description 1.1, sections 5.3.1 to 5.3.4 and 5.5; the names of
JSON-LD terms that a table there does not give are those of section 7 of its ontology documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Namespaces that any TD may use under these prefixes.
PREFIXES: Final[Mapping[str, str]] = {
    "td": "https://www.w3.org/2019/wot/td#",
    "jsonschema": "https://www.w3.org/2019/wot/json-schema#",
    "wotsec": "https://www.w3.org/2019/wot/security#",
    "hctl": "https://www.w3.org/2019/wot/hypermedia#",
    "tm": "https://www.w3.org/2019/wot/tm#",
    "htv": "http://www.w3.org/2011/http#",
    "dct": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_RDF: Final = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}


class Scope(StrEnum):
    """Where a term stands; the value is the prefix of what has no term of its own there."""

    THING = "td"
    SCHEMA = "jsonschema"
    SECURITY = "wotsec"
    HYPERMEDIA = "hctl"


#: Further prefixes within a scope.
INNER_PREFIXES: Final[Mapping[Scope, Mapping[str, str]]] = {
    Scope.THING: {},
    Scope.SCHEMA: {**_RDF, "schema": "http://schema.org/"},
    Scope.SECURITY: _RDF,
    Scope.HYPERMEDIA: _RDF,
}


@dataclass(frozen=True, slots=True)
class Term:
    """What one JSON member stands for.

    Attributes:
        iri: prefixed property, class or individual; or a JSON-LD keyword.
        kind: how its values are read: ``""`` as they are, ``@id`` as references or nested
            nodes, ``@vocab`` as terms, or the prefixed datatype of a text.
        language: of its texts, where there is one.
        container: ``@set``, ``@language`` or ``@index``, or nothing.
        index: for a map: the term that keys stand for; nothing where they stand for nothing.
        scope: what holds inside its values; None where the scope stays.
        is_member: False for what is a value only, such as the name of a class.
    """

    iri: str
    kind: str = ""
    language: str = ""
    container: str = ""
    index: str = ""
    scope: Scope | None = None
    is_member: bool = True


def _plain(prefix: str, names: str) -> dict[str, Term]:
    """Terms that have the same name in the vocabulary."""
    return {name: Term(f"{prefix}:{name}") for name in names.split()}


def _values(prefix: str, pairs: str) -> dict[str, Term]:
    """Names of classes and individuals: ``json=local``."""
    named = (pair.partition("=") for pair in pairs.split())
    return {name: Term(f"{prefix}:{local}", is_member=False) for name, _, local in named}


def _set(iri: str) -> Term:
    return Term(iri, container="@set")


def _map(iri: str, index: str, scope: Scope | None = None) -> Term:
    return Term(iri, "@id", container="@index", index=index, scope=scope)


def _node(iri: str, scope: Scope | None = None) -> Term:
    return Term(iri, "@id", scope=scope)


_TITLES: Final = {
    "title": Term("td:title", language="en"),
    "titles": Term("td:titleInLanguage", container="@language"),
    "description": Term("td:description", language="en"),
    "descriptions": Term("td:descriptionInLanguage", container="@language"),
}

_THING: Final = {
    "id": Term("@id"),
    **_TITLES,
    **_values("td", "Thing=Thing VersionInfo=VersionInfo "
              "InteractionAffordance=InteractionAffordance "
              "PropertyAffordance=PropertyAffordance ActionAffordance=ActionAffordance "
              "EventAffordance=EventAffordance"),
    "properties": _map("td:hasPropertyAffordance", "name", Scope.SCHEMA),
    "actions": _map("td:hasActionAffordance", "name"),
    "events": _map("td:hasEventAffordance", "name"),
    "uriVariables": _map("td:hasUriTemplateSchema", "name"),
    "schemaDefinitions": _map("td:schemaDefinitions", ""),
    "securityDefinitions": _map(
        "td:definesSecurityScheme", "hasInstanceConfiguration", Scope.SECURITY
    ),
    "security": Term("td:hasSecurityConfiguration", "xsd:string", scope=Scope.SECURITY),
    "hasInstanceConfiguration": _node("td:hasInstanceConfiguration"),
    "forms": Term("td:hasForm", "@id", container="@set", scope=Scope.HYPERMEDIA),
    "links": Term("td:hasLink", "@id", container="@set", scope=Scope.HYPERMEDIA),
    "input": _node("td:hasInputSchema", Scope.SCHEMA),
    "output": _node("td:hasOutputSchema", Scope.SCHEMA),
    "subscription": _node("td:hasSubscriptionSchema", Scope.SCHEMA),
    "data": _node("td:hasNotificationSchema", Scope.SCHEMA),
    "dataResponse": _node("td:hasNotificationResponseSchema", Scope.SCHEMA),
    "cancellation": _node("td:hasCancellationSchema", Scope.SCHEMA),
    "schema": _node("hctl:hasAdditionalOutputSchema"),
    "version": _node("td:versionInfo"),
    "instance": Term("td:instance", "xsd:string"),
    **_plain("td", "name model"),
    "profile": Term("td:followsProfile"),
    "created": Term("dct:created", "xsd:dateTime"),
    "modified": Term("dct:modified", "xsd:dateTime"),
    "license": Term("dct:license"),
    "support": Term("td:supportContact", "xsd:anyURI"),
    "base": Term("td:baseURI"),
    "observable": Term("td:isObservable"),
    "safe": Term("td:isSafe"),
    "idempotent": Term("td:isIdempotent"),
    "synchronous": Term("td:isSynchronous"),
}  # fmt: skip

_COMBINED: Final = ("oneOf", "allOf", "anyOf")

_SCHEMA: Final = {
    **_TITLES,
    "type": Term("@type"),
    **_values("jsonschema", "DataSchema=DataSchema object=ObjectSchema array=ArraySchema "
              "boolean=BooleanSchema string=StringSchema number=NumberSchema "
              "integer=IntegerSchema null=NullSchema"),
    **_plain("jsonschema", "readOnly writeOnly const default multipleOf format minimum maximum "
             "exclusiveMinimum exclusiveMaximum minItems maxItems minLength maxLength pattern "
             "contentEncoding contentMediaType propertyName"),
    **{name: _set(f"jsonschema:{name}") for name in ("enum", "required", *_COMBINED)},
    "items": _node("jsonschema:items"),
    "properties": Term("jsonschema:properties", container="@index", index="propertyName"),
    "unit": Term("schema:unitCode", "@vocab"),
}  # fmt: skip

#: Members of an object that is itself a property of a thing are told by ``name``.
PROPERTY_MEMBERS: Final = Term("jsonschema:properties", container="@index", index="name")

_SECURITY: Final = {
    "description": Term("td:description"),
    "descriptions": Term("td:descriptionInLanguage", container="@language"),
    "scheme": Term("@type"),
    **_values("wotsec", "nosec=NoSecurityScheme auto=AutoSecurityScheme combo=ComboSecurityScheme "
              "basic=BasicSecurityScheme digest=DigestSecurityScheme apikey=APIKeySecurityScheme "
              "bearer=BearerSecurityScheme cert=CertSecurityScheme psk=PSKSecurityScheme "
              "public=PublicSecurityScheme pop=PoPSecurityScheme oauth2=OAuth2SecurityScheme"),
    **_plain("wotsec", "in name scopes flow qop alg format identity"),
    **{name: _node(f"wotsec:{name}") for name in ("authorization", "token", "refresh", "proxy")},
    **{name: _set(f"wotsec:{name}") for name in ("allOf", "oneOf")},
    "uriVariables": Term("td:uriVariables"),
}  # fmt: skip

_HYPERMEDIA: Final = {
    **_values("hctl", "Link=Link Form=Form"),
    **_values("td", "readproperty=readProperty writeproperty=writeProperty "
              "observeproperty=observeProperty unobserveproperty=unobserveProperty "
              "readallproperties=readAllProperties writeallproperties=writeAllProperties "
              "readmultipleproperties=readMultipleProperties "
              "writemultipleproperties=writeMultipleProperties "
              "observeallproperties=observeAllProperties "
              "unobserveallproperties=unobserveAllProperties invokeaction=invokeAction "
              "queryaction=queryAction queryallactions=queryAllActions cancelaction=cancelAction "
              "subscribeevent=subscribeEvent subscribeallevents=subscribeAllEvents "
              "unsubscribeevent=unsubscribeEvent unsubscribeallevents=unsubscribeAllEvents"),
    "href": Term("hctl:hasTarget", "xsd:anyURI"),
    "op": Term("hctl:hasOperationType", "@vocab"),
    "anchor": _node("hctl:hasAnchor"),
    "security": _node("td:hasSecurityConfiguration"),
    "scopes": Term("wotsec:scopes"),
    "subprotocol": Term("hctl:forSubProtocol"),
    "contentType": Term("hctl:forContentType"),
    "contentCoding": Term("hctl:forContentCoding"),
    "type": Term("hctl:hintsAtMediaType"),
    "rel": Term("hctl:hasRelationType"),
    "sizes": Term("hctl:hasSizes"),
    "hreflang": Term("hctl:hasHreflang"),
    "response": Term("hctl:returns"),
    "additionalResponses": _set("hctl:additionalReturns"),
    "schema": _node("hctl:hasAdditionalOutputSchema"),
    "success": Term("hctl:isSuccess"),
}  # fmt: skip

TERMS: Final[Mapping[Scope, Mapping[str, Term]]] = {
    Scope.THING: _THING,
    Scope.SCHEMA: _SCHEMA,
    Scope.SECURITY: _SECURITY,
    Scope.HYPERMEDIA: _HYPERMEDIA,
}
