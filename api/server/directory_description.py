"""The Thing Description of the directory itself: what its API is, as a thing would say it.

Source: Web of Things Discovery, section 7.3.5 (the Thing Model of directories).
"""

from __future__ import annotations

from typing import Any, Final

from fitgraph.ontology.td_context import TD_11
from fitgraph.ontology.td_contexts import DISCOVERY
from fitgraph.registry.thing_json import Json

_TD: Final = "application/td+json"
_PROBLEM: Final = "application/problem+json"
_EMPTY: Final = "application/x-empty"
_JSON: Final = "application/json"
_ID: Final[Json] = {
    "@type": "ThingID",
    "title": "Id of the thing",
    "type": "string",
    "format": "iri-reference",
}
_OBJECT: Final[Json] = {"type": "object"}


def directory_description(address: str, *, needs_token: bool) -> dict[str, Json]:
    """The directory's own description.

    Args:
        address: of the server, without a slash at the end.
        needs_token: whether reading or writing needs a bearer token.
    """
    scheme: Json = {"scheme": "bearer"} if needs_token else {"scheme": "nosec"}
    return {
        "@context": [TD_11, DISCOVERY],
        "@type": "ThingDirectory",
        "id": f"{address}/.well-known/wot",
        "title": "fitgraph directory of things",
        "version": {"instance": "1.0.0", "model": "1.0.0"},
        "base": address,
        "securityDefinitions": {"access": scheme},
        "security": "access",
        "properties": {"things": _things()},
        "actions": _actions(),
        "events": {
            "thingCreated": _event("thing_created", "A description was taken in"),
            "thingUpdated": _event("thing_updated", "A description was changed"),
            "thingDeleted": _event("thing_deleted", "A description was removed", has_diff=False),
        },
    }


def _things() -> Json:
    return {
        "description": "All descriptions, page by page",
        "type": "array",
        "items": _OBJECT,
        "readOnly": True,
        "uriVariables": {
            "offset": {"title": "Descriptions before the page", "type": "number", "default": 0},
            "limit": {"title": "Descriptions in a page", "type": "number"},
            "format": {
                "title": "Form of the list",
                "type": "string",
                "enum": ["array", "collection"],
                "default": "array",
            },
        },
        "forms": [
            {
                "href": "/things{?offset,limit,format}",
                "op": "readproperty",
                "htv:methodName": "GET",
                "contentType": "application/ld+json",
                "response": {
                    "contentType": "application/ld+json",
                    "htv:statusCodeValue": 200,
                    "htv:headers": [{"htv:fieldName": "Link"}],
                },
                "additionalResponses": [_refusal(400)],
            }
        ],
    }


def _actions() -> Json:
    on_thing: Any = {"uriVariables": {"id": _ID}}
    takes: Any = {"input": _OBJECT}
    return {
        "createThing": {
            "description": "Take in a description under its id",
            **on_thing,
            **takes,
            "forms": [_form("/things/{id}", "PUT", 201, _EMPTY, 400, sent=_TD)],
        },
        "createAnonymousThing": {
            "description": "Take in a description that has no id",
            **takes,
            "forms": [_form("/things", "POST", 201, _EMPTY, 400, sent=_TD, header="Location")],
        },
        "retrieveThing": {
            "description": "Get a description",
            **on_thing,
            "output": _OBJECT,
            "safe": True,
            "idempotent": True,
            "forms": [_form("/things/{id}", "GET", 200, _TD, 404)],
        },
        "updateThing": {
            "description": "Replace a description",
            **on_thing,
            **takes,
            "forms": [_form("/things/{id}", "PUT", 204, _EMPTY, 400, sent=_TD)],
        },
        "partiallyUpdateThing": {
            "description": "Change parts of a description",
            **on_thing,
            **takes,
            "forms": [
                _form("/things/{id}", "PATCH", 204, _EMPTY, 400, 404,
                      sent="application/merge-patch+json")
            ],
        },
        "deleteThing": {
            "description": "Remove a description",
            **on_thing,
            "forms": [_form("/things/{id}", "DELETE", 204, _EMPTY, 404)],
        },
        "searchJSONPath": _search("JSONPath", "jsonpath"),
        "searchXPath": _search("XPath", "xpath"),
        "searchSPARQL": _search("SPARQL 1.1", "sparql", "/search/sparql"),
    }  # fmt: skip


def _search(language: str, path: str, posted: str = "") -> Json:
    forms: list[Json] = [_form(f"/search/{path}?query={{query}}", "GET", 200, _JSON, 400)]
    if posted:
        forms.append(_form(posted, "POST", 200, _JSON, 400, sent="application/sparql-query"))
    return {
        "description": f"Search by {language}",
        "uriVariables": {"query": {"title": f"What to search for in {language}", "type": "string"}},
        "output": {"description": "Its form depends on the query"},
        "safe": True,
        "idempotent": True,
        "forms": forms,
    }


def _form(
    href: str, method: str, status: int, given: str, *refused: int, sent: str = "", header: str = ""
) -> Json:
    response: dict[str, Json] = {"contentType": given, "htv:statusCodeValue": status}
    if header:
        response["htv:headers"] = [{"htv:fieldName": header}]
    return {
        "href": href,
        "op": "invokeaction",
        "htv:methodName": method,
        **({"contentType": sent} if sent else {}),
        "response": response,
        "additionalResponses": [_refusal(code) for code in refused],
    }


def _event(name: str, description: str, *, has_diff: bool = True) -> Json:
    variables: Any = {
        "uriVariables": {"diff": {"description": "Tell what changed, too", "type": "boolean"}}
    }
    return {
        "description": description,
        **(variables if has_diff else {}),
        "data": {"title": "The id of the thing, and more if asked for", "type": "object"},
        "forms": [
            {
                "href": f"/events/{name}{'{?diff}' if has_diff else ''}",
                "op": "subscribeevent",
                "subprotocol": "sse",
                "contentType": "text/event-stream",
                "htv:headers": [{"htv:fieldName": "Last-Event-ID"}],
                "response": {"contentType": "text/event-stream"},
            }
        ],
    }


def _refusal(status: int) -> Json:
    return {"success": False, "contentType": _PROBLEM, "htv:statusCodeValue": status}
