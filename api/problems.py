"""Errors as problem details (RFC 9457): the one table of classes and their HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fitgraph.api.server.faults import RequestError
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.answer import QueryStoppedError
from fitgraph.registry.errors import (
    ConflictError,
    InvalidThingError,
    NotFoundError,
    StorageError,
    StoreBusyError,
)

MEDIA_TYPE: Final = "application/problem+json"
#: What a problem's type begins with; the code of the error follows.
TYPES: Final = "https://w3id.org/fitgraph/problem/"
_TOOL_FAILED: Final = 3

_STATUS: Final[Mapping[type[FitgraphError], int]] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    StoreBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageError: HTTPStatus.INSUFFICIENT_STORAGE,
    QueryStoppedError: HTTPStatus.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong at one place of a document (WoT Discovery, section 7.3.2.6).

    Attributes:
        field: member names and indices with dots between them; ``(root)`` for the whole.
        description: one sentence.
    """

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document.

    Attributes:
        detail: the error's sentence.
        code: its stable name, which also ends its type.
        hint: what to do about it, or an empty string.
        headers: that go with the response.
    """

    status: int
    detail: str
    code: str
    hint: str = ""
    validation_errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, object]:
        """The members of the problem document."""
        said: dict[str, object] = {
            "type": f"{TYPES}{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
            "code": self.code,
        }
        if self.hint:
            said["hint"] = self.hint
        if self.validation_errors:
            said["validationErrors"] = [
                {"field": one.field, "description": one.description}
                for one in self.validation_errors
            ]
        return said


def problem_of(error: FitgraphError) -> Problem:
    """The problem that an error of ours is."""
    return Problem(
        status=status_of(error),
        detail=error.message,
        code=error.code,
        hint=error.hint,
        validation_errors=_places(error),
        headers=error.headers if isinstance(error, RequestError) else {},
    )


def status_of(error: FitgraphError) -> int:
    """HTTP status of an error: by its class, else by whether the caller or a tool is at fault."""
    if isinstance(error, RequestError):
        return error.status
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return int(_STATUS[kind])
    is_ours = error.exit_code == _TOOL_FAILED
    return int(HTTPStatus.INTERNAL_SERVER_ERROR if is_ours else HTTPStatus.BAD_REQUEST)


def _places(error: FitgraphError) -> tuple[FieldError, ...]:
    if not isinstance(error, InvalidThingError):
        return ()
    found = tuple(FieldError(dotted(path), reason) for path, reason in error.places)
    return found or (FieldError("(root)", error.message),)


def dotted(pointer: str) -> str:
    """A JSON pointer as the names and indices on the way, with dots between them."""
    steps = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ".".join(steps) or "(root)"
