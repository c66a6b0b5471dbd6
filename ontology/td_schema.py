"""JSON Schemas of Thing Descriptions and Thing Models, written from tables of their members.

A model is a description in which nothing but its type is mandatory, any value but a text may be
a placeholder, and members may refer to those of another model. Both schemas come from one table,
read in two ways.

Source: Web of Things Thing Description 1.1, sections 5.3 (members, their types, what is
mandatory) and 10 (Thing Models). The verdicts are those of the schemas in its appendix B, also
where these are more lenient than the text; ``registry/thing_rules.py`` has the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from fitgraph.ontology.language_tag import LANGUAGE_TAG
from fitgraph.ontology.td_context import TD_10, TD_11
from fitgraph.ontology.td_members import DATA_TYPES, EVENT_SCHEMAS, OPERATIONS, SECURITY

Schema = dict[str, object]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
MODEL_TYPE: Final = "tm:ThingModel"

#: ``{{NAME}}`` somewhere in a text.
PLACEHOLDER: Final = r"^.*[{]{2}[ -~]+[}]{2}.*$"

_TEXT: Final[Schema] = {"type": "string"}
_FLAG: Final[Schema] = {"type": "boolean"}
_NUMBER: Final[Schema] = {"type": "number"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}


@cache
def td_schema() -> Schema:
    """The JSON Schema of a Thing Description."""
    return _Writer(is_model=False).document()


@cache
def tm_schema() -> Schema:
    """The JSON Schema of a Thing Model."""
    return _Writer(is_model=True).document()


class _Writer:
    """Writes the schema of descriptions, or that of models."""

    def __init__(self, *, is_model: bool) -> None:
        self.is_model = is_model

    def document(self) -> Schema:
        parts = ("data", "security", "link", *(f"form-{place}" for place in OPERATIONS))
        return {
            "$schema": DRAFT,
            "$ref": "#/definitions/thing",
            "definitions": {
                "placeholder": {"type": "string", "pattern": PLACEHOLDER},
                "thing": self._thing(),
                "data": self._object(self._data(is_affordance=False)),
                "security": self._security(),
                "link": self._link(),
                **{name: self._form(name.removeprefix("form-")) for name in parts[3:]},
                **{name: self._affordance(name) for name in ("property", "action", "event")},
            },
        }

    # --- what a model takes besides ----------------------------------------------------------

    def _or_placeholder(self, schema: Schema) -> Schema:
        """A value that a model may leave open."""
        if not self.is_model:
            return schema
        is_open = {"type": "string", **_REF_PLACEHOLDER}
        return {"if": is_open, "then": True, "else": schema}

    def _one_of(self, words: str) -> Schema:
        choice: Schema = {"type": "string", "enum": words.split()}
        if not self.is_model:
            return choice
        return {"type": "string", **self._or_placeholder({"enum": words.split()})}

    def _object(self, members: Mapping[str, Schema], *mandatory: str) -> Schema:
        """An object; a model's lacks what is mandatory, and no member's name is left open."""
        schema: Schema = {"type": "object", "properties": dict(members)}
        if mandatory and not self.is_model:
            schema["required"] = list(mandatory)
        return {**schema, **self._closed_names()}

    def _map(self, values: Schema) -> Schema:
        return {"type": "object", "additionalProperties": values, **self._closed_names()}

    def _closed_names(self) -> Schema:
        return {"propertyNames": {"not": _REF_PLACEHOLDER}} if self.is_model else {}

    def _referring(self) -> dict[str, Schema]:
        return {"tm:ref": _TEXT} if self.is_model else {}

    # --- members that several share ----------------------------------------------------------

    def _titles(self) -> dict[str, Schema]:
        texts = self._map(_TEXT)
        return {"title": _TEXT, "titles": texts, "description": _TEXT, "descriptions": texts}

    def _described(self) -> dict[str, Schema]:
        titles = self._titles()
        return {name: titles[name] for name in ("description", "descriptions")}

    def _type(self) -> Schema:
        """A description must not say that it is a model."""
        return _text_or_texts(_TEXT if self.is_model else _NO_MODEL)

    # --- data schemas ------------------------------------------------------------------------

    def _data(self, *, is_affordance: bool) -> dict[str, Schema]:
        flag, count = self._or_placeholder(_FLAG), self._or_placeholder(_COUNT)
        bound = self._or_placeholder(_NUMBER)
        schemas: Schema = {"type": "array", "items": _REF_DATA}
        encodings = {} if is_affordance else {"contentEncoding": _TEXT, "contentMediaType": _TEXT}
        values: Schema = {"type": "array", "minItems": 1, "uniqueItems": True}
        return {
            "@type": self._type(),
            **self._titles(),
            **self._referring(),
            **encodings,
            "type": self._one_of(DATA_TYPES),
            "unit": _TEXT,
            "format": _TEXT,
            "readOnly": flag,
            "writeOnly": flag,
            "enum": self._or_placeholder(values),
            "oneOf": schemas,
            "items": {"if": {"type": "array"}, "then": schemas, "else": _REF_DATA},
            "minItems": count,
            "maxItems": count,
            "minLength": count,
            "maxLength": count,
            "minimum": bound,
            "maximum": bound,
            "exclusiveMinimum": _NUMBER,
            "exclusiveMaximum": _NUMBER,
            "multipleOf": self._or_placeholder({"type": "number", "exclusiveMinimum": 0}),
            "properties": {"additionalProperties": _REF_DATA},
            "required": self._or_placeholder(_TEXTS),
        }

    # --- affordances, forms and links --------------------------------------------------------

    def _affordance(self, kind: str) -> Schema:
        flag = self._or_placeholder(_FLAG)
        special: dict[str, dict[str, Schema]] = {
            "property": {**self._data(is_affordance=True), "observable": flag},
            "action": {
                "input": _REF_DATA,
                "output": _REF_DATA,
                "safe": flag,
                "idempotent": flag,
                "synchronous": flag,
            },
            "event": dict.fromkeys(EVENT_SCHEMAS, _REF_DATA),
        }
        members = {
            "@type": self._type(),
            **self._titles(),
            **self._referring(),
            **special[kind],
            "uriVariables": self._map(_REF_DATA),
            "forms": self._forms(kind),
        }
        return self._object(members, "forms")

    def _forms(self, place: str) -> Schema:
        return {"type": "array", "minItems": 1, "items": _ref(f"form-{place}")}

    def _form(self, place: str) -> Schema:
        one = self._one_of(OPERATIONS[place])
        answers: Schema = {"contentType": _TEXT, "schema": _TEXT, "success": _FLAG}
        members: dict[str, Schema] = {
            "href": _TEXT,
            "op": {
                "if": {"type": "array"},
                "then": {"type": "array", "items": one, "minItems": 1},
                "else": one,
            },
            "contentType": _TEXT,
            "contentCoding": _TEXT,
            "subprotocol": _TEXT,
            "security": _text_or_texts(_TEXT, at_least=0 if self.is_model else 1),
            "scopes": _text_or_texts(_TEXT),
            "response": self._object({"contentType": _TEXT}, "contentType"),
            "additionalResponses": {
                "type": "array",
                "items": {"type": "object", "properties": answers},
            },
            **self._referring(),
        }
        return self._object(members, "href", *(("op",) if place == "thing" else ()))

    def _link(self) -> Schema:
        tag: Schema = {"type": "string", "pattern": LANGUAGE_TAG}
        members: dict[str, Schema] = {
            "href": _TEXT,
            "type": _TEXT,
            "rel": _TEXT,
            "anchor": _TEXT,
            "hreflang": {
                "if": {"type": "array"},
                "then": {"type": "array", "items": tag},
                "else": tag,
            },
            **({"instanceName": _TEXT} if self.is_model else {}),
        }
        is_icon: Schema = {"properties": {"rel": {"const": "icon"}}, "required": ["rel"]}
        not_of_models = _REF_PLACEHOLDER if self.is_model else {"const": "tm:extends"}
        return {
            **self._object(members, "href"),
            "if": is_icon,
            "then": {"properties": {"sizes": {"type": "string", "pattern": "[0-9]*x[0-9]+"}}},
            "else": {"properties": {"sizes": False, "rel": {"not": not_of_models}}},
        }

    # --- security ----------------------------------------------------------------------------

    def _security(self) -> Schema:
        members = {"@type": self._type(), **self._described(), "proxy": _TEXT}
        other: Schema = {"type": "string", "pattern": ".+:.*"}
        named = self._one_of(" ".join(SECURITY))
        scheme: Schema = {
            "if": {"type": "string", "pattern": ".+:.*"},
            "then": other,
            "else": named,
        }
        return {
            **self._object({**members, "scheme": scheme}, "scheme"),
            "allOf": [
                {
                    "if": {"properties": {"scheme": {"const": name}}, "required": ["scheme"]},
                    "then": self._scheme(name),
                }
                for name in SECURITY
            ],
        }

    def _scheme(self, name: str) -> Schema:
        if name == "auto":
            return {"properties": {"name": False}}
        if name == "combo":
            return {"oneOf": [self._combination("oneOf"), self._combination("allOf")]}
        members = {
            member: _TEXT if words is None else self._one_of(words)
            for member, words in SECURITY[name].items()
        }
        scopes = {"scopes": _text_or_texts(_TEXT)} if name == "oauth2" else {}
        return {"properties": {**members, **scopes, **self._referring()}}

    def _combination(self, member: str) -> Schema:
        # The schema of models in the appendix lets no combination pass: as it makes nothing
        # mandatory, both of its alternatives hold where exactly one must.
        names: Schema = {"type": "array", "minItems": 2, "items": _TEXT}
        return {"required": [member], "properties": {member: names, **self._referring()}}

    # --- the thing ---------------------------------------------------------------------------

    def _thing(self) -> Schema:
        members: dict[str, Schema] = {
            "@context": _CONTEXT,
            "@type": _MODEL_TYPE if self.is_model else self._type(),
            "id": _TEXT,
            **self._titles(),
            "version": self._version(),
            "created": _TEXT,
            "modified": _TEXT,
            "support": _TEXT,
            "base": _TEXT,
            "profile": _text_or_texts(_TEXT, at_least=1),
            "properties": self._map(_ref("property")),
            "actions": self._map(_ref("action")),
            "events": self._map(_ref("event")),
            "links": {"type": "array", "items": _ref("link")},
            "forms": self._forms("thing"),
            "uriVariables": self._map(_REF_DATA),
            "schemaDefinitions": {**self._map(_REF_DATA), "minProperties": 1},
            "securityDefinitions": {**self._map(_ref("security")), "minProperties": 1},
            "security": _text_or_texts(_TEXT, at_least=1),
            **({"tm:optional": _OPTIONAL} if self.is_model else {}),
        }
        thing = self._object(members, "title", "security", "securityDefinitions", "@context")
        return {**thing, "required": ["@context", "@type"]} if self.is_model else thing

    def _version(self) -> Schema:
        if not self.is_model:
            return self._object({"instance": _TEXT}, "instance")
        no_instance: Schema = {"not": _TEXT}
        of_model = self._object({"model": _TEXT, "instance": no_instance})
        return self._or_placeholder(of_model)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


_REF_DATA: Final = _ref("data")
_REF_PLACEHOLDER: Final[Schema] = {"pattern": PLACEHOLDER}


def _text_or_texts(one: Schema, *, at_least: int = 0) -> Schema:
    several: Schema = {"type": "array", "items": one}
    if at_least:
        several["minItems"] = at_least
    return {"if": {"type": "array"}, "then": several, "else": one}


_NO_MODEL: Final[Schema] = {"type": "string", "not": {"const": MODEL_TYPE}}
_MODEL_TYPE: Final[Schema] = {
    "if": {"type": "array"},
    "then": {"type": "array", "items": _TEXT, "contains": {"const": MODEL_TYPE}},
    "else": {"const": MODEL_TYPE},
}

#: What follows the first context: addresses and prefixes, but not an older TD's context.
_FURTHER: Final[Schema] = {
    "if": {"type": "object"},
    "then": {"additionalProperties": _TEXT},
    "else": _TEXT,
}
_CONTEXT: Final[Schema] = {
    "if": {"type": "array"},
    "then": {
        "items": [{"enum": [TD_11, TD_10]}],
        "additionalItems": _FURTHER,
        "if": {"items": [{"const": TD_11}]},
        "then": {"additionalItems": {"not": {"const": TD_10}}, "items": [True]},
    },
    "else": {"enum": [TD_11, TD_10]},
}

#: JSON pointers to affordances, each of two steps.
_OPTIONAL: Final[Schema] = {
    "type": "array",
    "items": {
        "type": "string",
        "pattern": "^/(?:properties|actions|events)/[^/]",
        "not": {"pattern": "/(?:.*/){2}"},
    },
}
