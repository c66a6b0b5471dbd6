"""Every error that leaves the server is a problem document, and none shows a stack trace."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from fitgraph.api.problems import MEDIA_TYPE, FieldError, Problem, problem_of
from fitgraph.api.schemas import ProblemDocument
from fitgraph.api.web.preference import prefers_page
from fitgraph.api.web.problem_page import problem_page
from fitgraph.ontology.errors import FitgraphError

_JSON: Final = "application/json"
_CODES: Final = {404: "no-such-address", 405: "method-not-allowed"}

#: What every operation of the OpenAPI document may answer besides what it is for.
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "model": ProblemDocument,
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    for status, text in (("4XX", "The request cannot be met."), ("5XX", "The server cannot."))
}


def install(app: FastAPI) -> None:
    """Makes problem documents of all errors."""
    app.add_exception_handler(FitgraphError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_arguments)
    app.add_exception_handler(HTTPException, _of_routing)
    write = app.openapi
    app.openapi = lambda: _without_plain_json(write())  # type: ignore[method-assign]


def respond(problem: Problem, request: Request) -> Response:
    """The response that carries a problem: a page for a browser, else a document."""
    request_id = request.state.request_id
    if prefers_page(request.scope):
        return problem_page(request, problem, request_id)
    return Response(
        json.dumps(problem.document(request_id), ensure_ascii=False).encode("utf-8", "replace"),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


async def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, FitgraphError)
    return respond(problem_of(error), request)


async def _of_arguments(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = tuple(
        FieldError(".".join(map(str, one["loc"][1:])) or "(root)", str(one["msg"]))
        for one in error.errors()
    )
    first = f"{found[0].field}: {found[0].description}" if found else "its arguments"
    problem = Problem(
        400,
        f"the request has arguments that are not usable: {first}",
        "invalid-request",
        "/openapi.json says what each takes",
        found,
    )
    return respond(problem, request)


async def _of_routing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = Problem(
        error.status_code,
        f"{request.method} {request.url.path[:200]}: {error.detail}",
        _CODES.get(error.status_code, "http-error"),
        "/openapi.json lists what there is",
        headers=dict(error.headers or {}),
    )
    return respond(problem, request)


def _without_plain_json(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI notes problems as plain JSON, too."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for status in RESPONSES:
                operation["responses"].get(status, {}).get("content", {}).pop(_JSON, None)
    return document
