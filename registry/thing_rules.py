"""What Thing Description 1.1 says beyond its JSON Schema, one function a rule.

Source: Web of Things Thing Description 1.1; each rule names its section.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from fitgraph.ontology.language_tag import LANGUAGE_TAG
from fitgraph.ontology.td_schema import PLACEHOLDER
from fitgraph.registry.thing import Finding, is_model, links
from fitgraph.registry.thing_json import Json, kind_of, step, walk

Document = Mapping[str, Json]
#: Objects of a document with their paths, but for contexts.
Objects = Sequence[tuple[str, dict[str, Json]]]
Rule = Callable[[Document, Objects], Iterator[Finding]]

_LANGUAGE_TAG: Final = re.compile(LANGUAGE_TAG)
_PLACEHOLDER: Final = re.compile(PLACEHOLDER)
#: RFC 3987: a scheme, and none of the characters that no IRI has.
_ABSOLUTE_IRI: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\x00-\x20\x7f]+')
#: Control characters, those that turn the direction of text (UAX 9, section 2), and halves of
#: surrogate pairs, which have no UTF-8 form.
_UNSHOWN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LANGUAGE_MAPS: Final = ("titles", "descriptions")
_JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "string": (str,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def rule_errors(value: Document) -> tuple[Finding, ...]:
    """What breaks a rule of the Recommendation, in the order of the rules."""
    objects = tuple(_objects(value))
    return tuple(found for rule in _RULES for found in rule(value, objects))


def _identifier(value: Document, objects: Objects) -> Iterator[Finding]:
    """5.3.1.1: ``id`` is an IRI; of nested nodes, too."""
    for path, member in objects:
        for name in ("id", "@id"):
            said = member.get(name)
            if name == "id" and path:
                continue  # a name of its own inside, such as that of a data schema's property
            if isinstance(said, str) and not is_iri(said) and not _is_open(value, said):
                yield Finding(f"{path}/{name}", f"{said[:100]!r} is not an IRI")


def _names(value: Document, objects: Objects) -> Iterator[Finding]:
    """Names, titles and ids are shown in lists: no character in them moves or hides others."""
    for name in ("id", "title"):
        said = value.get(name)
        if isinstance(said, str) and _UNSHOWN.search(said):
            yield Finding(f"/{name}", _unshown(said))
    for path, member in objects:
        for name in member:
            if _UNSHOWN.search(name):
                yield Finding(path, f"the name of a member, {_unshown(name)}")


def _unshown(text: str) -> str:
    found = _UNSHOWN.search(text)
    code = ord(found[0]) if found else 0
    return f"{text[:60]!a} has the control character U+{code:04X}"


def _times(value: Document, _objects: Objects) -> Iterator[Finding]:
    """5.3.1.1: ``created`` and ``modified`` are times."""
    for name in ("created", "modified"):
        said = value.get(name)
        if isinstance(said, str) and not _is_open(value, said) and not _is_time(said):
            yield Finding(
                f"/{name}", f"{said[:100]!r} is not an ISO 8601 time such as 2026-11-21T09:30:00Z"
            )


def _languages(_value: Document, objects: Objects) -> Iterator[Finding]:
    """5.3.1.7: names in a map of languages are language tags."""
    for path, member in objects:
        for name in _LANGUAGE_MAPS:
            texts = member.get(name)
            for tag in texts if isinstance(texts, dict) and not path.endswith("properties") else ():
                if isinstance(texts, dict) and not _LANGUAGE_TAG.match(tag) and tag != "@none":
                    yield Finding(f"{path}/{name}/{step(tag)}", f"{tag[:100]!r} is no language tag")


def _security_names(value: Document, objects: Objects) -> Iterator[Finding]:
    """5.3.3.1: each name of a security scheme is one of ``securityDefinitions``."""
    defined = value.get("securityDefinitions")
    if not isinstance(defined, dict):
        return
    for path, name in _used_schemes(value, objects, defined):
        if name not in defined and not _is_open(value, name):
            known = ", ".join(defined)
            yield Finding(
                path, f"{name!r} is not defined in securityDefinitions, which has {known}"
            )


def _used_schemes(
    value: Document, objects: Objects, defined: Document
) -> Iterator[tuple[str, str]]:
    yield from _named("/security", value.get("security"))
    for path, form in _forms(objects):
        yield from _named(f"{path}/security", form.get("security"))
    for scheme, said in defined.items():
        if isinstance(said, dict) and said.get("scheme") == "combo":
            for member in ("oneOf", "allOf"):
                yield from _named(f"/securityDefinitions/{step(scheme)}/{member}", said.get(member))


def _schema_names(value: Document, objects: Objects) -> Iterator[Finding]:
    """5.3.4.2.3: the schema of an additional response is one of ``schemaDefinitions``."""
    defined = value.get("schemaDefinitions")
    known = defined if isinstance(defined, dict) else {}
    for path, form in _forms(objects):
        answers = form.get("additionalResponses")
        for index, answer in enumerate(answers if isinstance(answers, list) else []):
            name = answer.get("schema") if isinstance(answer, dict) else None
            if isinstance(name, str) and name not in known and not is_model(value):
                yield Finding(
                    f"{path}/additionalResponses/{index}/schema",
                    f"{name!r} is not defined in schemaDefinitions",
                )


def _uri_variables(value: Document, objects: Objects) -> Iterator[Finding]:
    """5.3.1.2: a variable of an address is one word, so neither object nor array; 5.3.3.5: names
    of keys that stand in addresses are not those of other variables."""  # noqa: D205, D209
    keys = _keys_in_addresses(value)
    for path, member in objects:
        variables = member.get("uriVariables")
        for name, schema in variables.items() if isinstance(variables, dict) else ():
            at = f"{path}/uriVariables/{step(name)}"
            if isinstance(schema, dict) and schema.get("type") in {"object", "array"}:
                yield Finding(f"{at}/type", "a variable of an address is no object and no array")
            if name in keys:
                yield Finding(at, f"{name!r} is the name of an API key in the address, too")


def _keys_in_addresses(value: Document) -> set[str]:
    defined = value.get("securityDefinitions")
    return {
        str(said["name"])
        for said in (defined.values() if isinstance(defined, dict) else ())
        if isinstance(said, dict) and said.get("in") == "uri" and "name" in said
    }


def _one_type(value: Document, _objects: Objects) -> Iterator[Finding]:
    """10.4: a thing is made from one model at most."""
    for path, _, _ in links(value, "type")[1:]:
        yield Finding(f"{path}/rel", "there is another link of rel type; a thing has one model")


def _enumerations(_value: Document, objects: Objects) -> Iterator[Finding]:
    """5.3.2.1: what an enumeration lists are values of the schema; here no value is possible."""
    for path, member in objects:
        choices, kind = member.get("enum"), member.get("type")
        types = _JSON_TYPES.get(kind) if isinstance(kind, str) else None
        if types is None or not isinstance(choices, list) or not choices:
            continue
        if not any(isinstance(choice, types) and _is_bool(choice, types) for choice in choices):
            yield Finding(
                f"{path}/enum", f"no value is of type {kind}; the first is {kind_of(choices[0])}"
            )


def _model_references(value: Document, objects: Objects) -> Iterator[Finding]:
    """10.3.2: ``tm:ref`` is an address with a JSON pointer; within the document it leads somewhere
    and in no circle."""  # noqa: D205, D209
    targets = dict(walk(dict(value)))
    for path, member in objects:
        said = member.get("tm:ref")
        if not isinstance(said, str) or _is_open(value, said):
            continue
        address, sharp, pointer = said.partition("#")
        if not sharp or not pointer.startswith("/"):
            yield Finding(f"{path}/tm:ref", f"{said[:100]!r} has no JSON pointer after a #")
        elif not address and pointer not in targets:
            yield Finding(f"{path}/tm:ref", f"there is nothing at {pointer[:100]}")
        elif not address and _leads_back(path, targets):
            yield Finding(f"{path}/tm:ref", "the references go round in a circle")


def _leads_back(path: str, targets: Mapping[str, Json]) -> bool:
    seen: set[str] = set()
    here = path
    while here not in seen:
        seen.add(here)
        target = targets.get(here)
        said = target.get("tm:ref") if isinstance(target, dict) else None
        if not isinstance(said, str) or not said.startswith("#"):
            return False
        here = said[1:]
        if path.startswith(f"{here}/"):
            return True
    return True


_RULES: Final[tuple[Rule, ...]] = (
    _identifier,
    _names,
    _times,
    _languages,
    _security_names,
    _schema_names,
    _uri_variables,
    _one_type,
    _enumerations,
    _model_references,
)


def _objects(value: Document) -> Iterator[tuple[str, dict[str, Json]]]:
    """Objects of a document with their paths, but for contexts."""
    for path, member in walk(dict(value)):
        if isinstance(member, dict) and "/@context" not in path:
            yield path, member


def _forms(objects: Objects) -> Iterator[tuple[str, dict[str, Json]]]:
    for path, member in objects:
        head, _, last = path.rpartition("/")
        if last.isdigit() and head.endswith("/forms"):
            yield path, member


def _named(path: str, said: Json) -> Iterator[tuple[str, str]]:
    """A name, or several, with the path of each."""
    if isinstance(said, str):
        yield path, said
    for index, name in enumerate(said if isinstance(said, list) else []):
        if isinstance(name, str):
            yield f"{path}/{index}", name


def is_iri(text: str) -> bool:
    """Whether a text is an absolute IRI."""
    return _ABSOLUTE_IRI.fullmatch(text) is not None


def _is_open(value: Document, text: str) -> bool:
    """Whether a model leaves it to the thing."""
    return is_model(value) and _PLACEHOLDER.match(text) is not None


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text.upper()


def _is_bool(choice: Json, types: tuple[type, ...]) -> bool:
    """A truth value is no number, though Python says so."""
    return not isinstance(choice, bool) or bool in types
