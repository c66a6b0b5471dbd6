"""What went wrong, for who reads it in a browser."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response

from fitgraph.api.problems import Problem
from fitgraph.api.web.rendering import page


def problem_page(request: Request, problem: Problem, request_id: str) -> Response:
    """The page of a problem, with its status and headers."""
    said = HTTPStatus(problem.status).phrase
    response = page(
        request, "problem", title=said, status=problem.status, problem=problem,
        request_id=request_id, sign_in_next=_following(request),
    )  # fmt: skip
    response.headers.update(problem.headers)
    return response


def _following(request: Request) -> str:
    """Where to go on after signing in: here, unless it was to change something."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
